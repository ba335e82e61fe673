import { parseArgs } from 'node:util';

/** A part of a run. */
export type SuiteId = 'head' | 'hpack' | 'frames' | 'h1' | 'h2' | 'memory';

/** All parts, in the order in which they run. */
export const SUITES: readonly SuiteId[] = ['head', 'hpack', 'frames', 'h1', 'h2', 'memory'];

export interface Options {
  readonly quick: boolean;
  readonly only: readonly SuiteId[];
  readonly rounds: number;
  /** Print the report as JSON on standard output, and progress on standard error. */
  readonly json: boolean;
  /** Make this run the committed reference, and draw the chart of it. */
  readonly reference: boolean;
  readonly help: boolean;
}

export const USAGE: string = `npm run bench -- [options]

  --quick            short rounds, for a first look
  --only a,b         only these parts: ${SUITES.join(', ')}
  --rounds N         rounds to take the median of (5; with --quick 3)
  --json             print the report as JSON
  --reference        keep this run as results/reference.json and draw chart.svg from it
  --help             this text
`;

/** Reads the command line. Throws an Error that names the option, what it may be, and what was given. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string' },
      json: { type: 'boolean', default: false },
      reference: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const rounds = values.rounds === undefined ? (values.quick ? 3 : 5) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 99) {
    throw new Error(`--rounds takes a whole number from 1 to 99, not "${values.rounds}".`);
  }
  const only = values.only === undefined ? SUITES : values.only.split(',').map(suiteNamed);
  if (values.reference && (only.length < SUITES.length || values.quick)) {
    throw new Error('--reference keeps a full run: leave --only and --quick away.');
  }
  return { quick: values.quick, only, rounds, json: values.json, reference: values.reference, help: values.help };
}

function suiteNamed(name: string): SuiteId {
  const suite = SUITES.find((id) => id === name.trim());
  if (!suite) throw new Error(`--only does not know "${name}": take from ${SUITES.join(', ')}.`);
  return suite;
}
