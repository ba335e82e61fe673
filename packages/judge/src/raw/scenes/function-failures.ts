/** Says how the value of a pure function differs from the one it should have: which item, which member; never the fix. */
import type { RawCheck } from '../../exercise.ts';
import type { CodePlace, Failure } from '../../result.ts';
import { engineFailure, failureOfError } from '../engine.ts';
import { typeName } from '../handler.ts';
import { StepFailed, type World } from '../world.ts';
import { type ExpectValueStep, type Json, jsonText } from './function-steps.ts';

type Item = { readonly [name: string]: unknown };

export class FunctionFailures {
  #world: World;
  #check: RawCheck;

  constructor(world: World, check: RawCheck) {
    this.#world = world;
    this.#check = check;
  }

  threw(step: ExpectValueStep, error: unknown): StepFailed {
    const name = this.#check.scene.export;
    const failure = failureOfError(error, `${name} threw`, 'crashed', this.#world.sources);
    return new StepFailed({ facts: [`it was called with ${step.story}`], ...failure });
  }

  /** Null when the value is right. */
  compare(step: ExpectValueStep, value: unknown): StepFailed | null {
    const { gives } = step;
    const name = this.#check.scene.export;
    if (value instanceof Promise) return this.#contract(`${name} gave a Promise; its caller does not wait.`);
    if (step.key !== undefined && Array.isArray(gives)) {
      if (!Array.isArray(value)) return this.#contract(`${name} gave ${typeName(value)}, not an array.`);
      return this.#list(step, step.key, gives as readonly Item[], value as readonly unknown[]);
    }
    if (same(gives, value, false)) return null;
    return this.#wrong(step, `${name} gave ${jsonText(value, 80)}.`, value, jsonText(gives));
  }

  #list(step: ExpectValueStep, key: string, gives: readonly Item[], value: readonly unknown[]): StepFailed | null {
    const name = this.#check.scene.export;
    const noun = step.noun ?? key;
    const items: Item[] = [];
    for (const item of value) {
      if (typeof item !== 'object' || item === null || !(key in item))
        return this.#contract(`${name} lists ${jsonText(item, 40)}, which has no ${key}.`);
      items.push(item as Item);
    }
    const called = (item: Item): string => `${noun} ${jsonText(item[key], 20)}`;
    for (const want of gives) {
      const found = items.filter((item) => item[key] === want[key]);
      const [got, twice] = found;
      if (got === undefined)
        return this.#wrong(step, `${name} does not list ${called(want)}.`, value, jsonText(want as Json));
      if (twice !== undefined)
        return this.#wrong(step, `${name} lists ${called(want)} ${found.length} times.`, value, jsonText(want as Json));
      for (const [member, of] of Object.entries(want)) {
        if (same(of, got[member], step.unordered?.includes(member) === true)) continue;
        const headline = `For ${called(want)}, \`${member}\` is ${jsonText(got[member], 40)}.`;
        return this.#wrong(step, headline, value, `${called(want)}: ${jsonText(want as Json)}`);
      }
    }
    const extra = items.find((item) => !gives.some((want) => want[key] === item[key]));
    if (extra === undefined) return null;
    const expected = gives.length === 0 ? 'an empty list' : `only ${gives.map(called).join(', ')}`;
    return this.#wrong(step, `${name} lists ${called(extra)}, which does not belong there.`, value, expected);
  }

  #wrong(step: ExpectValueStep, headline: string, value: unknown, expected: string): StepFailed {
    const place = this.#declaration();
    const failure: Failure = {
      cause: 'wrong value',
      headline,
      ...(step.picture === undefined ? {} : { picture: step.picture }),
      facts: this.#facts(step, value),
      expected,
      spec: this.#check.spec,
      idea: this.#check.idea,
      at: place === null ? [] : [place],
    };
    return new StepFailed(failure);
  }

  /** A picture shows the arguments; where the headline has the whole value, it is not said again. */
  #facts({ picture, story, key }: ExpectValueStep, value: unknown): string[] {
    const gave = jsonText(value, 160);
    if (picture === undefined) return [gave, `called with ${story}`];
    return [key === undefined ? story : `it gave ${gave}`];
  }

  #contract(headline: string): StepFailed {
    return new StepFailed(engineFailure('contract', headline, [this.#declaration()]));
  }

  #declaration(): CodePlace | null {
    const { file, export: name } = this.#check.scene;
    const lines = this.#world.sources.get(file)?.lines ?? [];
    const line = lines.findIndex((text) => new RegExp(`^\\s*export\\b.*\\b${name}\\b`).test(text));
    const text = lines[line];
    if (text === undefined) return null;
    return { file, line: line + 1, column: text.indexOf(name) + 1, text, did: `${name} begins here` };
  }
}

/** Equal as plain data. `free`: a list whose order does not count, though how often something stands in it does. */
function same(want: unknown, got: unknown, free: boolean): boolean {
  if (Array.isArray(want)) {
    if (!Array.isArray(got) || got.length !== want.length) return false;
    if (!free) return want.every((item, i) => same(item, got[i], false));
    const left = [...got];
    return want.every((item) => {
      const at = left.findIndex((other) => same(item, other, false));
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    });
  }
  if (typeof want !== 'object' || want === null) return Object.is(want, got) || want === got;
  if (typeof got !== 'object' || got === null) return false;
  return Object.entries(want).every(([name, of]) => same(of, (got as Item)[name], false));
}
