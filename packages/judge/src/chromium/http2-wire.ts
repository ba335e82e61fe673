/** What an HTTP/2 connection in front of a browser carried for one request: its own stream's frames, in words. */
import type { Check } from '../exercise.ts';
import { shortText } from '../raw/http2/excerpt-words.ts';
import { type ShownFrame, shownFrames } from '../raw/http2/exchanges.ts';
import { FRAME_TYPES } from '../raw/http2/names.ts';
import type { CodePlace, ConnectionRecord, Excerpt, Failure } from '../result.ts';
import type { BrowserRequest } from './network.ts';
import type { TcpReport } from './tcp-scene.ts';
import { row } from './words.ts';

export type Http2Wire = {
  readonly connection: string;
  /** Anything but empty: something of the reply has left. */
  readonly got: string;
  readonly place: CodePlace | null;
  excerpts(note: string | null): Pick<Failure, 'sent' | 'received'>;
};

/** The last stream of this connection that the request travelled on; null when there is none. */
export function http2WireOf(
  request: string,
  connection: ConnectionRecord,
  report: Pick<TcpReport, 'transcript'>,
): Http2Wire | null {
  const exchange = connection.exchanges.findLast((it) => it.request === request);
  if (exchange?.stream === undefined) return null;
  const own = report.transcript.filter((entry) => entry.connection === connection.id);
  // A goodbye is about all streams.
  const isGoodbye = ({ by, frame }: ShownFrame): boolean => by === 'learner' && frame.type === FRAME_TYPES.GOAWAY;
  const frames = shownFrames(own).filter((it) => it.frame.stream === exchange.stream || isGoodbye(it));
  const reply = frames.filter(({ by }) => by === 'learner');
  const first = own.find((entry) => entry.tick === reply.at(-1)?.tick);
  const shown = (from: readonly ShownFrame[], note: string | null): Excerpt => ({
    connection: connection.id,
    bytes: '',
    from: 0,
    total: 0,
    borders: [],
    words: [
      ...from.slice(0, 8).map(({ frame, fields }) => shortText(frame, fields ?? null)),
      ...(note === null ? [] : [note]),
    ],
  });
  return {
    connection: connection.id,
    got: reply.length === 0 ? '' : 'frames',
    place: first?.what === 'bytes' ? (first.place ?? null) : null,
    excerpts: (note) => ({
      sent: shown(
        frames.filter(({ by }) => by === 'judge'),
        null,
      ),
      received: shown(reply, note ?? (reply.length === 0 ? 'nothing on this stream' : null)),
    }),
  };
}

/** Right answers, but not over HTTP/2. Null when all of these paths were. */
export function otherProtocol(
  check: Check,
  paths: readonly string[],
  requests: readonly BrowserRequest[],
  report: TcpReport,
): Failure | null {
  const others = requests.filter(
    ({ request, protocol }) =>
      protocol !== null && protocol !== 'h2' && paths.some((path) => request === path || request.endsWith(` ${path}`)),
  );
  if (others.length === 0) return null;
  return {
    cause: 'wrong connection',
    headline: `Chromium spoke ${others[0]?.protocol} for ${row(others.map(({ request }) => request))}.`,
    facts: [`${report.connections.length} connections were opened`],
    expected: 'h2 for all of them',
    spec: check.spec,
    idea: check.idea,
    at: [],
  };
}
