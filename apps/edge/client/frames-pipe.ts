import { LoggedClient } from '../src/frames/logged-client.ts';
import { PATHS } from '../src/frames/memory-paths.ts';
import { byId, setText } from './dom.ts';
import { arrive, onMore } from './frames/arrive.ts';
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
  let asked = 0;

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

  async function ask(): Promise<string> {
    own ??= await connect();
    asked++;
    const before = screen.model.frames.length;
    await own.ask(asked === 1 ? PATHS : [`/again?size=${100 * asked}`]);
    describe('Live.');
    return `${screen.model.frames.length - before} frames more. Look at how short the head has become.`;
  }

  onMore(ask);
  void ask().catch((error: unknown) => describe(`No pipe: ${error instanceof Error ? error.message : String(error)}.`));
}
