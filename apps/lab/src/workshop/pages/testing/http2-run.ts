/** A check on HTTP/2 for tests of its pictures: what each side said, in order, on one connection `c1`. */
import type { CheckResult } from '@interleave/judge';
import type { Bytes, RunPicture } from '@interleave/judge/exercise';

/** One character for each byte, as a transcript has them. */
function latin1(bytes: Bytes): string {
  if (typeof bytes === 'string') return bytes;
  if (Array.isArray(bytes)) return bytes.map(latin1).join('');
  if ('repeat' in bytes) return latin1(bytes.repeat).repeat(bytes.times);
  if ('hex' in bytes)
    return bytes.hex.replaceAll(' ', '').replaceAll(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));
  return '';
}

export function runOf(said: readonly (readonly ['judge' | 'learner', Bytes])[], picture?: RunPicture): CheckResult {
  const at = { judge: 0, learner: 0 };
  const transcript = said.map(([by, all], tick) => {
    const bytes = latin1(all);
    at[by] += bytes.length;
    return { tick, at: 0, connection: 'c1', by, what: 'bytes', from: at[by] - bytes.length, bytes };
  });
  const bytes = { toLearner: at.judge, taken: at.judge, fromLearner: at.learner };
  const connections = [{ id: 'c1', protocol: 'h2', opened: 0, ended: null, bytes, exchanges: [] }];
  return {
    checkId: 'MX0-1',
    steps: [],
    transcript,
    connections,
    ...(picture === undefined ? {} : { picture }),
  } as never;
}
