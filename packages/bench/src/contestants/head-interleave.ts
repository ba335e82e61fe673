/**
 * Interleave's head parser: scan, rules of the field section, strings. `--connection` runs a whole server connection
 * instead: the same heads, its events and its pipelining, and a small response to each.
 */
import { DEFAULT_LIMITS, type Event, type RequestHead } from '@interleave/wire';
import { HeadParser, Http1Connection } from '@interleave/wire/http1';
import { expectSame, runSteps } from '../contestant.ts';
import { BODY_BYTES, CONTENT_LENGTH, CONTENT_TYPE } from '../workloads/answer.ts';
import { FIELDS, PIPELINED, pipelinedHeads, TARGET } from '../workloads/heads.ts';

const bytes = pipelinedHeads();

function headParser(): () => number {
  const parser = new HeadParser(DEFAULT_LIMITS);
  const parse = (): number => {
    let at = 0;
    let heads = 0;
    while (at < bytes.length) {
      at = parser.parseRequest(bytes, at, bytes.length);
      if (at < 0) throw new Error(`The head parser stopped: ${parser.fault?.reason ?? 'incomplete'}.`);
      heads += 1;
    }
    parser.release();
    return heads;
  };
  expectSame('Number of heads', parse(), PIPELINED);
  expectSame('The last head', [parser.request?.target, parser.request?.fields], [TARGET, FIELDS]);
  return parse;
}

function wholeConnection(): () => number {
  const connection = new Http1Connection({ role: 'server' });
  let last: RequestHead | null = null;
  let written = 0;
  const answer = (events: readonly Event[]): number => {
    let heads = 0;
    for (const event of events) {
      if (event.type !== 'request') throw new Error(`The connection reported ${event.type}.`);
      heads += 1;
      last = event.head;
      const fields = [
        ['content-type', CONTENT_TYPE],
        ['content-length', CONTENT_LENGTH],
      ] as const;
      connection.sendResponse(event.streamId, { status: 200, fields });
      connection.sendData(event.streamId, BODY_BYTES, { endStream: true });
    }
    for (const view of connection.takeOutput()) written += view.length;
    return heads;
  };
  const exchange = (): number => {
    const now = performance.now();
    let heads = answer(connection.receive(bytes, now));
    while (heads < PIPELINED) {
      const more = answer(connection.poll(now));
      if (more === 0) throw new Error(`The connection stopped after ${heads} requests.`);
      heads += more;
    }
    return heads;
  };
  expectSame('Number of heads', exchange(), PIPELINED);
  expectSame('The last head', (last as RequestHead | null)?.fields, FIELDS);
  if (written < PIPELINED * BODY_BYTES.length) throw new Error(`Only ${written} bytes of responses came out.`);
  return exchange;
}

await runSteps(process.argv.includes('--connection') ? wholeConnection : headParser);
