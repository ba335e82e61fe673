import { parseArgs } from 'node:util';
import { RULE_IDS, type RuleId } from '@interleave/trace/report';

/** What `interleave analyse` was asked for. */
export interface Options {
  /** Paths, or `-` for standard input. */
  readonly files: readonly string[];
  readonly output: 'text' | 'json' | 'markdown';
  readonly failOn: ReadonlySet<RuleId>;
  readonly compare: boolean;
  readonly anonymise: boolean;
  readonly help: boolean;
}

/** The arguments cannot be followed; the message says which, and what would. */
export class UsageError extends Error {
  override name = 'UsageError';
}

const OPTIONS = {
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
  'fail-on': { type: 'string', multiple: true },
  compare: { type: 'boolean' },
  anonymise: { type: 'boolean' },
  anonymize: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads the arguments after `analyse`. `--fail-on` takes rules apart by commas, by repetition, or one after another.
 *
 * @throws UsageError
 */
export function readOptions(args: readonly string[]): Options {
  const { values, tokens } = parsed(args);
  const files: string[] = [];
  const failOn = new Set<RuleId>();
  let isRuleNext = false;
  for (const token of tokens) {
    if (token.kind === 'option' && token.name === 'fail-on') {
      for (const name of (token.value ?? '').split(',')) for (const rule of rulesNamed(name.trim())) failOn.add(rule);
      isRuleNext = true;
    } else if (token.kind === 'positional' && isRuleNext && isRule(token.value)) {
      failOn.add(token.value);
    } else {
      if (token.kind === 'positional') files.push(token.value);
      isRuleNext = false;
    }
  }
  const { json = false, markdown = false, compare = false, help = false } = values;
  if (!help) {
    if (json && markdown) throw new UsageError('--json and --markdown are two forms of one output: choose one.');
    if (files.length === 0)
      throw new UsageError('No file is named. Name a HAR, a NetLog or a qlog, or - for standard input.');
    if (files.filter((file) => file === '-').length > 1)
      throw new UsageError('Standard input (-) can be read once only.');
    if (compare && files.length !== 2) {
      throw new UsageError(`--compare takes two files, the one before and the one after; here are ${files.length}.`);
    }
  }
  const output = json ? 'json' : markdown ? 'markdown' : 'text';
  return { files, output, failOn, compare, anonymise: values.anonymise ?? values.anonymize ?? false, help };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, tokens: true });
  } catch (error) {
    const known = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new UsageError(`${error instanceof Error ? error.message : error}\nOptions are: ${known.join(', ')}.`);
  }
}

function rulesNamed(name: string): readonly RuleId[] {
  if (name === 'any') return RULE_IDS;
  if (isRule(name)) return [name];
  throw new UsageError(
    `There is no rule ${JSON.stringify(name)}. Rules are: ${RULE_IDS.join(', ')}; any stands for all.`,
  );
}

function isRule(name: string): name is RuleId {
  return (RULE_IDS as readonly string[]).includes(name);
}
