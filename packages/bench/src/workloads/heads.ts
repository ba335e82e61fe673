/** A request as a current Chromium sends it: 14 field lines, 556 bytes in all. */
const LINES = [
  'GET /items/4711?page=3 HTTP/1.1',
  'Host: localhost:4100',
  'Connection: keep-alive',
  'sec-ch-ua: "Chromium";v="156", "Not)A;Brand";v="24"',
  'sec-ch-ua-mobile: ?0',
  'sec-ch-ua-platform: "Linux"',
  'Upgrade-Insecure-Requests: 1',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,*/*;q=0.8',
  'Sec-Fetch-Site: same-origin',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-Dest: document',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Accept-Language: en,de;q=0.9',
  'Cookie: id=012345678',
] as const;

/** The head as text, with the empty line that ends it. */
export const HEAD: string = `${LINES.join('\r\n')}\r\n\r\n`;

/** The request target of {@link HEAD}. */
export const TARGET: string = LINES[0].split(' ')[1] as string;

/** Name and value of every field line of {@link HEAD}, as sent. */
export const FIELDS: readonly (readonly [string, string])[] = LINES.slice(1).map((line) => {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 2)];
});

/** Heads in one piece of bytes. */
export const PIPELINED = 64;

/** `count` heads one after the other, as a pipelining client would send them. */
export function pipelinedHeads(count: number = PIPELINED): Buffer {
  return Buffer.from(HEAD.repeat(count), 'latin1');
}
