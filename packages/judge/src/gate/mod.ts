/** For authors: everything that an exercise must keep, as functions. `workshops/gate` runs them. */
export { loadExercises } from '../state/catalogue.ts';
export { Judging } from '../watch/judging.ts';
export { golden, shownMessage } from './golden.ts';
export { answerLines, messageProblems, textProblems, unkilled } from './lint.ts';
export { type KillMatrix, killMatrix, type MatrixRow } from './matrix.ts';
export { mainFile, type Submission, submissionsOf } from './submissions.ts';
export { killsProblem, wrongProblems } from './wrong.ts';
