import { parseConn } from '@interleave/trace';
import type { ConnectionReport, WatchMessage } from '@interleave/trace/events';
import { count, protocolLook } from '@interleave/trace/look';
import { letterOf } from '../src/tab/memory.ts';
import type { Arrival } from './arrival.ts';
import { pause } from './ask.ts';
import { byId, setText } from './dom.ts';
import { arrive, onRun } from './frames/arrive.ts';
import { headLengths } from './frames/heads.ts';
import { FrameScreen } from './frames/screen.ts';
import { type FrameSource, openSource, type SourceHandlers } from './frames/source.ts';

/** The lab sees the frames of this page's own connection: they come from there. */
const arrival = arrive();
const box = byId('frame-list');
if (arrival && box) begin(arrival, box);

function begin({ record, tab }: Arrival, box: HTMLElement): void {
  const id = record.facts.connectionId.value;
  if (id === null) return;
  // In HTTP/1.1 exchanges are counted, and the count is what stands in the list.
  const ownStream = record.facts.streamId.value ?? record.facts.nth.value;
  const screen = new FrameScreen(box, { vantagePoint: 'server', client: 'you', long: 'your browser', ownStream });
  let report: ConnectionReport | null = null;
  let dropped = 0;
  let isDue = false;
  let isLive = true;
  const handlers: SourceHandlers = {
    told(message: WatchMessage) {
      if (message.type === 'connection') {
        report = message.report;
        dropped = message.dropped;
      } else if (message.type === 'events') screen.add(message.events);
      else if (message.type === 'dropped') dropped += message.events;
      else if (message.type === 'ended') isLive = false;
      else problem = message.problem.detail;
      due();
    },
    ended(why) {
      if (isLive) problem = why === '' ? 'the events have stopped; reload to see them again' : why;
      isLive = false;
      due();
    },
  };
  let problem = '';
  let source: FrameSource = watch();
  addEventListener('pagehide', () => source.close());
  // Back from the browser's page cache: what passed meanwhile is in the log.
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    screen.clear();
    isLive = true;
    problem = '';
    source = watch();
  });

  function watch(): FrameSource {
    return openSource(id ?? '', record.facts.protocol.value, handlers);
  }

  /** Words change at most a few times a second, however many frames come. */
  function due(): void {
    if (isDue) return;
    isDue = true;
    setTimeout(() => {
      isDue = false;
      describe();
    }, 300);
  }

  function describe(): void {
    const letter = letterOf(tab, id ?? '') ?? 'A';
    const name = report?.protocol == null ? '' : `, ${protocolLook(report.protocol).name}`;
    const { frames, notes } = screen.model;
    const what = report?.protocol === 'http/1.1' ? 'piece of a message' : 'frame';
    const many =
      frames.length === 1 ? `1 ${what}` : `${frames.length} ${what === 'frame' ? 'frames' : 'pieces of messages'}`;
    const older = dropped > 0 ? ` ${count(dropped, 'older event')} made room.` : '';
    const gone = screen.gone > 0 ? ` The first ${screen.gone} are no longer in the list.` : '';
    const closed = notes.findLast((note) => note.name === 'conn:closed');
    const own =
      ownStream === null
        ? ''
        : ` This page came on ${record.facts.streamId.value === null ? 'exchange' : 'stream'} ${ownStream}.`;
    const left = notes.some((note) => note.name === 'conn:left_out') ? ' Those that bring you this are left out.' : '';
    const state =
      closed !== undefined
        ? ` The connection is closed: ${String(closed.data['message'] ?? '')}`
        : problem !== ''
          ? ` Not live: ${problem}`
          : ' Live.';
    setText(byId('frames-status'), `Connection ${letter}${name}: ${many}.${own}${older}${gone}${left}${state}`);
  }

  onRun(async (n) => {
    const before = screen.model.frames.length;
    const answers = await Promise.all(
      Array.from({ length: n }, async (_, at) => {
        const response = await fetch(`/hello?n=${before}&i=${at}`, { cache: 'no-store' });
        await response.text();
        return parseConn(response.headers.get('x-conn') ?? '')?.connection;
      }),
    );
    const same = answers.filter((connection) => connection === id).length;
    // The last frames are told a moment after the answer has come.
    for (let tries = 0; tries < 20 && same > 0 && screen.model.frames.length === before; tries++) await pause(25);
    const where =
      same === n
        ? `${n === 1 ? 'It came' : `All ${n} came`} on this very connection`
        : same === 0
          ? 'Your browser took other connections, since this one was busy or closed; look at them in /live'
          : `${same} of ${n} came on this connection, the others on new ones; look at them in /live`;
    const heads = headLengths(screen.model.frames);
    return { said: `${where}. ${heads.sentence}`.trim(), counted: heads.counted };
  });
  describe();
}
