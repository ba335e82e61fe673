/** Runs on HTTP/2 for the tests of pictures: what each side says, in order, a chunk an entry. */
import type { Bytes } from '../../exercise.ts';
import { bytesOf, latin1 } from '../../raw/bytes.ts';
import type { CheckResult, Entry } from '../../result.ts';

/** One connection `c1` in which the judge is the client, unless the learner's bytes begin with the preface. */
export function http2Run(
  ...said: readonly (readonly [by: Entry['by'], bytes: Bytes])[]
): Pick<CheckResult, 'connections' | 'transcript'> {
  const from = { judge: 0, learner: 0 };
  const transcript = said.map(([by, bytes], tick): Entry => {
    const text = latin1(bytesOf(bytes));
    const entry: Entry = { tick, at: 0, connection: 'c1', by, what: 'bytes', from: from[by], bytes: text };
    from[by] += text.length;
    return entry;
  });
  const bytes = { toLearner: from.judge, taken: from.judge, fromLearner: from.learner };
  return { transcript, connections: [{ id: 'c1', protocol: 'h2', opened: 0, ended: null, bytes, exchanges: [] }] };
}
