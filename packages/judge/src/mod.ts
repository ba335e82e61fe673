/** The workshop's engine: exercises as data, the raw judge and its hosts, and what a run found. */
export * from './exercise.ts';
export { closeHosts, type JudgeRawOptions, judgeRaw, warmUp } from './hosts/judge-raw.ts';
export {
  isProgram,
  type Program,
  type ProgramFile,
  type ProgramSource,
  readProgram,
  sourcesOf,
} from './hosts/program.ts';
export { failedResult, skippedResult } from './raw/judge.ts';
export { describeStep, kindOfStep } from './raw/steps.ts';
export * from './result.ts';
