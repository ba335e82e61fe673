import type { Context } from 'hono';
import type { AppEnv } from '../env.ts';
import { LONGEST_HOLD } from './kinds.ts';

const LONGEST_DRIP = 3_000;
const PIECE_MS = 100;
/** What a client may send here. */
const MOST_BYTES = 4_096;

/**
 * `GET|POST /asked/<id>?hold=300&drip=2000`: an answer after so many milliseconds, whose content then comes in pieces for so
 * long. Each request has a path of its own, so that what the server tells of it can be told from all others.
 */
export async function asked(c: Context<AppEnv>): Promise<Response> {
  const hold = whole(c.req.query('hold'), LONGEST_HOLD);
  const drip = whole(c.req.query('drip'), LONGEST_DRIP);
  const sent = c.req.method === 'POST' ? await c.req.text() : '';
  if (sent.length > MOST_BYTES) return c.text(`At most ${MOST_BYTES} characters are read here.\n`, 413);
  if (hold > 0) await new Promise((done) => setTimeout(done, hold));
  const text = sent === '' ? 'Here you are.\n' : `Here you are. You sent ${sent.length} characters.\n`;
  return drip > 0 ? c.body(inPieces(drip), 200, { 'Content-Type': 'text/plain; charset=utf-8' }) : c.text(text);
}

/** `GET /kept`: the one answer of this app that may be stored, so that a page can show what a stored answer says. */
export function kept(c: Context<AppEnv>): Response {
  return c.text('This answer may be kept for ten minutes.\n', 200, { 'Cache-Control': 'private, max-age=600' });
}

function whole(text: string | undefined, most: number): number {
  return text !== undefined && /^\d{1,5}$/.test(text) ? Math.min(Number(text), most) : 0;
}

function inPieces(ms: number): ReadableStream<Uint8Array> {
  const utf8 = new TextEncoder();
  let left = Math.ceil(ms / PIECE_MS);
  return new ReadableStream({
    async pull(controller) {
      if (left-- <= 0) return controller.close();
      controller.enqueue(utf8.encode(`${left} to come\n`));
      await new Promise((done) => setTimeout(done, PIECE_MS));
    },
  });
}
