import { LoggedClient } from '../src/frames/logged-client.ts';
import { PATHS } from '../src/frames/memory-paths.ts';
import { byId, setText } from './dom.ts';
import { arrive, onRun, type Ran } from './frames/arrive.ts';
import { headLengths } from './frames/heads.ts';
import { FrameScreen } from './frames/screen.ts';
import { openPipe } from './pipe.ts';

/** Nobody in front of this app sees frames: our own client in the page asks, through a WebSocket, and sees both ends. */
const box = byId('frame-list');
if (arrive() && box) begin(box);

function begin(box: HTMLElement): void {
  const screen = new FrameScreen(box, {
    vantagePoint: 'client',
    client: 'client',
    long: 'our client in this page',
    ownStream: null,
  });
  let own: LoggedClient | null = null;

  async function connect(): Promise<LoggedClient> {
    const started = performance.now();
    screen.clear();
    const pipe = await openPipe('h2', (bytes) => made.receive(bytes));
    const made = new LoggedClient(pipe.send, () => performance.now() - started);
    const { backlog } = made.log.watch((events) => {
      screen.add(events);
      describe('Live.');
    });
    screen.add(backlog);
    void pipe.closed.then((why) => {
      made.client.receiveEnd();
      own = null;
      describe(`The pipe has ended${why === '' ? '' : `: ${why}`}. Ask again for a new one.`);
    });
    return made;
  }

  function describe(state: string): void {
    setText(
      byId('frames-status'),
      `Our own client’s connection, HTTP/2 in a WebSocket: ${screen.model.frames.length} frames. ${state}`,
    );
  }

  async function ask(n: number): Promise<Ran> {
    own ??= await connect();
    const before = screen.model.frames.length;
    await own.ask(before < 5 ? PATHS : Array.from({ length: n }, (_, at) => `/again${at}?size=${100 * (at + 1)}`));
    describe('Live.');
    const { sentence, counted } = headLengths(screen.model.frames);
    return { said: `${screen.model.frames.length - before} frames more. ${sentence}`.trim(), counted };
  }

  onRun(ask);
  void ask(1).catch((error: unknown) =>
    describe(`No pipe: ${error instanceof Error ? error.message : String(error)}.`),
  );
}
