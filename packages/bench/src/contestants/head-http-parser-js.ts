/** http-parser-js: the HTTP/1.1 parser in plain JavaScript. It makes strings by itself. */
import { HTTPParser } from 'http-parser-js';
import { expectSame, runSteps } from '../contestant.ts';
import { FIELDS, PIPELINED, pipelinedHeads, TARGET } from '../workloads/heads.ts';

await runSteps(() => {
  const parser = new HTTPParser(HTTPParser.REQUEST);
  const bytes = pipelinedHeads();
  let heads = 0;
  let seen: unknown = null;
  parser[HTTPParser.kOnHeadersComplete] = ({ url, headers }): void => {
    heads += 1;
    seen = headers;
    if (url !== TARGET) throw new Error(`http-parser-js read the target as ${url}.`);
  };
  const parse = (): number => {
    heads = 0;
    const end = parser.execute(bytes);
    if (end !== bytes.length) throw new Error(`http-parser-js stopped: ${end}.`);
    return heads;
  };
  expectSame('Number of heads', parse(), PIPELINED);
  expectSame('The last head', seen, FIELDS.flat());
  return parse;
});
