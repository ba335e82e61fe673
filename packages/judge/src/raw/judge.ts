/**
 * The raw judge: plays the steps of each check against the learner's function, in any host. Portable: nothing here or below
 * knows Node, Deno, Workers or pages; what differs between them comes in as a `RawHost`.
 */
import type { Check, Delivery, EachStep, EveryCutStep, Exercise, RawCheck, Step } from '../exercise.ts';
import type { Cause, CheckResult, CodePlace, Failure, StepResult } from '../result.ts';
import { bytesOf } from './bytes.ts';
import type { VirtualClock } from './clock.ts';
import { engineFailure, failureOfError } from './engine.ts';
import { sentExcerpt } from './excerpt.ts';
import type { RawHost } from './host.ts';
import { isReset } from './pipe.ts';
import { placeIn, type Sources } from './place.ts';
import { STAGES } from './scenes/mod.ts';
import type { FindExport, LearnerFunction, Stage } from './scenes/scene.ts';
import { ALL_DELIVERIES, count, describeStep, kindOfStep } from './steps.ts';
import { StepFailed, World } from './world.ts';

export type JudgeEvents = {
  /** A check begins. Hosts that can die tell their parent. */
  began?(checkId: string): void | Promise<void>;
  ended?(result: CheckResult): void | Promise<void>;
};

export type RawJudgeOptions = {
  readonly exercise: Exercise;
  /** Ids of the raw checks to run; all of them when absent. */
  readonly only?: readonly string[] | undefined;
  readonly host: RawHost;
  readonly clock: VirtualClock;
  readonly sources: Sources;
  readonly events?: JudgeEvents;
};

export function rawChecks(exercise: Exercise, only?: readonly string[]): RawCheck[] {
  return exercise.checks.filter(
    (check): check is RawCheck => check.judge === 'raw' && (only === undefined || only.includes(check.id)),
  );
}

type Running = {
  check: RawCheck;
  world: World;
  began: number;
  steps: StepResult[];
  variants: { run: number; failed?: string } | null;
};

export class RawJudge {
  #options: RawJudgeOptions;
  #running: Running | null = null;

  constructor(options: RawJudgeOptions) {
    this.#options = options;
  }

  /** Runs the checks one after another. When the program does not load, the first one says so and the others are skipped. */
  async run(): Promise<CheckResult[]> {
    const { exercise, only, events } = this.#options;
    const results: CheckResult[] = [];
    let stop = false;
    for (const check of rawChecks(exercise, only)) {
      if (stop) {
        results.push(skippedResult(exercise, check));
      } else {
        await events?.began?.(check.id);
        const result = await this.#runOne(check);
        results.push(result);
        stop = result.failure?.cause === 'does not load' || result.failure?.cause === 'missing export';
      }
      const last = results.at(-1);
      if (last !== undefined) await events?.ended?.(last);
    }
    return results;
  }

  /** An error that no promise of ours caught: from a timer, an event, or a promise that nobody waited for. */
  stray(error: unknown, how: 'threw' | 'rejected'): void {
    const running = this.#running;
    if (running === null) return;
    // In workerd a promise inside a TransformStream fails when its source breaks off under back-pressure: nobody could take it.
    if (how === 'rejected' && this.#options.host.name === 'worker' && isReset(error)) return;
    running.world.blame(
      how === 'threw'
        ? failureOfError(error, 'Your code threw', 'crashed', running.world.sources)
        : failureOfError(
            error,
            'A promise failed and nobody was waiting for it',
            'unhandled rejection',
            running.world.sources,
          ),
    );
  }

  /** Something of the host's was used to end the process; `trace` leads to the line. */
  triedToExit(what: string, trace: Error): void {
    const { world } = this.#running ?? {};
    world?.blame(
      engineFailure('ended the process', `Your code calls ${what}.`, [
        placeIn(trace.stack, world.sources, `calls ${what}`),
      ]),
    );
  }

  say(text: string): void {
    this.#running?.world.say(text);
  }

  /**
   * The result of the check that is running, ended from outside: the host found a loop, or no memory left. Synchronous, so
   * that a debugger can call it while the learner's code stands still.
   */
  interrupted(cause: Cause, headline: string, place: CodePlace | null): CheckResult | null {
    const running = this.#running;
    if (running === null) return null;
    const failure = engineFailure(cause, headline, [place]);
    const pipe = running.world.pipes.get('c1');
    return this.#result(
      running,
      pipe !== undefined && pipe.offered > 0 ? { sent: sentExcerpt(pipe, 0), ...failure } : failure,
    );
  }

  async #runOne(check: RawCheck): Promise<CheckResult> {
    const { host, clock, sources } = this.#options;
    clock.reset();
    const world = new World(host, clock, sources, check.limits);
    const running: Running = { check, world, began: host.realNow(), steps: [], variants: null };
    this.#running = running;
    let failure: Failure | null = null;
    try {
      const find = await this.#load(check, world);
      const stage = STAGES[check.scene.kind](world, check, find(check.scene.file, check.scene.export), find);
      for (const step of check.steps) await this.#play(step, stage, running);
      // What the last step left behind still counts.
      await world.settle();
      if (world.fault !== null) throw new StepFailed(world.fault);
    } catch (error) {
      failure = error instanceof StepFailed ? error.failure : judgeFault(error);
    }
    const result = this.#result(running, failure);
    this.#running = null;
    return result;
  }

  /** Loads the files anew, to find functions in them; what the exercise asks for must all be there. */
  async #load(check: RawCheck, world: World): Promise<FindExport> {
    const { exercise, host, sources } = this.#options;
    const load = async (file: string): Promise<Record<string, unknown>> => {
      let loaded: Record<string, unknown> | null = null;
      let problem: { error: unknown } | null = null;
      host.load(check.id, file).then(
        (namespace) => {
          loaded = namespace;
          world.touch();
        },
        (error: unknown) => {
          problem = { error };
          world.touch();
        },
      );
      const over = (): boolean => loaded !== null || problem !== null;
      // Loading is real work outside the clock, so it gets real time.
      for (let i = 0; i < 500 && !over(); i++) await (i < 20 ? host.turn() : host.rest(2));
      if (problem !== null)
        throw new StepFailed(
          failureOfError((problem as { error: unknown }).error, `${file} does not load`, 'does not load', sources),
        );
      if (loaded === null) {
        const headline = `${file} never finishes loading: it waits at its top level for something that does not come.`;
        throw new StepFailed(engineFailure('does not load', headline, []));
      }
      return loaded;
    };
    const loaded = new Map<string, Record<string, unknown>>();
    for (const file of exercise.files.filter(({ exports }) => exports.length > 0)) {
      const namespace = await load(file.path);
      for (const name of file.exports) {
        if (typeof namespace[name] !== 'function')
          throw new StepFailed(missingExport(file.path, name, namespace, sources));
      }
      loaded.set(file.path, namespace);
    }
    return (file, name) => {
      const found = loaded.get(file)?.[name];
      if (typeof found !== 'function') throw new Error(`${exercise.id} has no file ${file} that exports ${name}`);
      return found as LearnerFunction;
    };
  }

  async #play(step: Step, stage: Stage, running: Running): Promise<void> {
    const text = describeStep(step);
    const kind = kindOfStep(step);
    try {
      if (step.do === 'everyCut') await this.#everyCut(step, stage, running);
      else if (step.do === 'each') await this.#each(step, stage, running);
      else await stage.play(step);
      running.steps.push({ text, kind, status: 'done' });
    } catch (error) {
      running.steps.push({ text, kind, status: 'failed' });
      if (error instanceof StepFailed) throw new StepFailed({ step: text, ...error.failure });
      throw error;
    }
  }

  async #everyCut(step: EveryCutStep, stage: Stage, running: Running): Promise<void> {
    const { world } = running;
    const bytes = bytesOf(step.bytes);
    for (const delivery of deliveriesOf(bytes.length, step.deliveries ?? ALL_DELIVERIES)) {
      this.#nextVariant(stage, running);
      try {
        for (const before of step.first ?? []) await stage.play(before);
        let from = 0;
        for (const to of delivery.ends) {
          await stage.send(bytes.subarray(from, to));
          from = to;
        }
        for (const next of step.eachTime) await stage.play(next);
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        const pipe = world.pipes.get('c1');
        // The cut is what matters, unless the failure points at something better.
        const keep = delivery.caret === undefined || error.failure.cause === 'handler' || pipe === undefined;
        const words = error.failure.sent?.words;
        const sent = keep
          ? {}
          : { sent: { ...sentExcerpt(pipe, 0, delivery.caret), ...(words === undefined ? {} : { words }) } };
        if (running.variants !== null) running.variants.failed = delivery.text;
        throw new StepFailed({ ...error.failure, ...sent, delivery: delivery.text });
      }
    }
  }

  async #each(step: EachStep, stage: Stage, running: Running): Promise<void> {
    for (const { title, steps } of step.cases) {
      this.#nextVariant(stage, running);
      try {
        for (const inner of steps) await stage.play(inner);
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        if (running.variants !== null) running.variants.failed = title;
        throw new StepFailed({ ...error.failure, delivery: title });
      }
    }
  }

  #nextVariant(stage: Stage, running: Running): void {
    running.variants = { run: (running.variants?.run ?? 0) + 1 };
    running.world.freshStage();
    stage.fresh();
  }

  #result(running: Running, failure: Failure | null): CheckResult {
    const { check, world, steps, variants } = running;
    const rest = check.steps
      .slice(steps.length)
      .map((step): StepResult => ({ text: describeStep(step), kind: kindOfStep(step), status: 'not run' }));
    return {
      ...head(this.#options.exercise, check),
      status: failure === null ? 'pass' : 'fail',
      ms: Math.round((this.#options.host.realNow() - running.began) * 10) / 10,
      ...(failure === null ? {} : { failure }),
      steps: [...steps, ...rest],
      ...(variants === null ? {} : { variants }),
      ...(check.scene.kind === 'server' && check.scene.options?.maxInFlight !== undefined
        ? { maxInFlight: check.scene.options.maxInFlight }
        : {}),
      transcript: world.transcript(),
      connections: world.connections(),
      output: world.output,
    };
  }
}

function head(
  exercise: Exercise,
  check: Check,
): Pick<CheckResult, 'checkId' | 'name' | 'title' | 'task_id' | 'oracle' | 'spec' | 'picture'> {
  return {
    checkId: check.id,
    name: `${check.id} ${check.title}`,
    title: check.title,
    task_id: exercise.id,
    oracle: check.judge,
    spec: check.spec,
    ...(exercise.picture === undefined ? {} : { picture: exercise.picture }),
  };
}

/** A check that was not run. */
export function skippedResult(exercise: Exercise, check: Check): CheckResult {
  return { ...head(exercise, check), status: 'skipped', ms: 0, steps: [], transcript: [], connections: [], output: '' };
}

/** A check that failed before or outside any play. */
export function failedResult(exercise: Exercise, check: Check, failure: Failure, ms = 0): CheckResult {
  return { ...skippedResult(exercise, check), status: 'fail', ms, failure };
}

function missingExport(file: string, name: string, namespace: Record<string, unknown>, sources: Sources): Failure {
  const there = Object.keys(namespace);
  const has = there.length === 0 ? 'it exports nothing' : `it exports ${there.join(', ')}`;
  const what = name in namespace ? `${name} of ${file} is no function` : `${file} does not export ${name}: ${has}`;
  const lines = sources.get(file)?.lines ?? [];
  const at = lines.findIndex((line) => /^\s*export\b/.test(line));
  const text = lines[at];
  return engineFailure(
    'missing export',
    `${what}.`,
    [text === undefined ? null : { file, line: at + 1, column: 1, text, did: 'exports this' }],
    {
      expected: `export function ${name}`,
    },
  );
}

function judgeFault(error: unknown): Failure {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    ...engineFailure('engine', 'The judge itself failed; this is not your fault.', []),
    facts: text.split('\n').slice(0, 3),
  };
}

type DeliveryPlan = { text: string; ends: number[]; caret?: { at: number; text: string } };

/** Whole first: a fault that shows without any cut is easier to see there. */
function* deliveriesOf(length: number, kinds: readonly Delivery[]): Generator<DeliveryPlan> {
  const inside = Array.from({ length: Math.max(0, length - 1) }, (_, i) => i + 1);
  for (const kind of kinds) {
    if (kind === 'whole') yield { text: 'in one write', ends: [length] };
    if (kind === 'cut')
      for (const at of inside)
        yield { text: `cut after byte ${at}`, ends: [at, length], caret: { at, text: 'cut here' } };
    if (kind === 'bytes') yield { text: 'byte by byte', ends: [...inside, length] };
    if (kind === 'prefix')
      for (const at of inside)
        yield {
          text: at === 1 ? 'only the first byte' : `only the first ${count(at)}`,
          ends: [at],
          caret: { at, text: 'nothing more is sent' },
        };
  }
}
