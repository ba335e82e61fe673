/**
 * Records the runs that stand in for a visitor's own where the app cannot make them: `node apps/lab/e2e/record-runs.ts` writes
 * `apps/edge/src/story/recorded/runs.ts` anew, from a lab of its own and a fresh Chromium. `apps/edge` labels them as what they are.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connFromServerTiming } from '@interleave/trace';
import { chromium, type Page } from '@playwright/test';
import { labCertificate } from '../src/certificates.ts';
import { startLab } from '../src/lab.ts';
import type { ListenerId } from '../src/listeners.ts';
import { projectRoot } from '../src/project.ts';
import { startWorker } from '../src/worker/worker.ts';
import { built, stateDir } from './built.ts';
import { launchOptions } from './lab.ts';

/** What Resource Timing says of one exchange, in milliseconds. */
interface Timed {
  readonly path: string;
  readonly conn: string;
  readonly asked: number;
  readonly connect: readonly [number, number] | null;
  readonly sent: number;
  readonly first: number;
  readonly end: number;
}

function entries(page: Page, part: string): Promise<Timed[]> {
  return page.evaluate(
    (wanted) =>
      (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter(({ name }) => name.includes(wanted))
        .map((entry) => ({
          path: new URL(entry.name).pathname,
          conn: entry.serverTiming.find(({ name }) => name === 'conn')?.description ?? '',
          asked: entry.fetchStart,
          connect: entry.connectEnd > entry.connectStart ? ([entry.connectStart, entry.connectEnd] as const) : null,
          sent: entry.requestStart,
          first: entry.responseStart,
          end: entry.responseEnd,
        })),
    part,
  );
}

/** A run as `apps/edge` keeps it: lanes, and for each exchange its number, then when it was asked, sent, begun and ended. */
function runOf(timed: readonly Timed[]): object[] {
  const zero = Math.min(...timed.map(({ asked }) => asked));
  const at = (time: number): number => Math.round(time - zero);
  const lanes = new Map<
    string,
    { beginning: string; protocol: string; handshake: number[] | null; exchanges: unknown[] }
  >();
  for (const { path, conn, asked, connect, sent, first, end } of [...timed].sort((a, b) => a.sent - b.sent)) {
    const told = connFromServerTiming(`conn;desc="${conn}"`);
    if (told?.connection == null) throw new Error(`Nobody named the connection of ${path}.`);
    const lane = lanes.get(told.connection) ?? {
      beginning: told.nth !== 1 ? 'reused' : told.resumed ? 'resumed' : 'new',
      protocol: String(told.protocol),
      handshake: connect === null ? null : [at(connect[0]), at(connect[1])],
      exchanges: [],
    };
    lane.exchanges.push([`GET ${path}`, told.nth, at(asked), at(sent), at(first), at(end)]);
    lanes.set(told.connection, lane);
  }
  return [...lanes.values()];
}

const [certificate, bundle] = await Promise.all([labCertificate(stateDir), built()]);
const worker = await startWorker(bundle);
const lab = await startLab({ certificate, upstream: worker, ports: { plain: 0, h1: 0, h2: 0, altSvc: 0, h3: 0 } });
const originOf = (id: ListenerId): string => lab.listeners.find(({ plan }) => plan.id === id)?.origin ?? '';
const running = { lab, certificate, h1: originOf('h1'), plain: originOf('plain'), originOf };
const browser = await chromium.launch(launchOptions(running));

const ATTEMPTS = 4;

/** The run of several that took the least: the one that the machine disturbed least. */
async function calmest(id: ListenerId, path: string, part: string, last: number): Promise<Timed[]> {
  const runs: Timed[][] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) runs.push((await pressed(id, path, part)).slice(-last));
  const took = (run: readonly Timed[]): number =>
    Math.max(...run.map(({ end }) => end)) - Math.min(...run.map(({ asked }) => asked));
  return runs.reduce((best, run) => (took(run) < took(best) ? run : best));
}

/** Presses the button of a page over this listener, in a window of its own. */
async function pressed(id: ListenerId, path: string, part: string): Promise<Timed[]> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(originOf(id) + path);
  await page.locator('#run').click();
  await page.locator('#run:not([aria-disabled])').waitFor();
  const timed = await entries(page, part);
  await context.close();
  return timed;
}

const tiles: Record<string, object[]> = {};
// The first picture comes alone, before the forty-eight: its handshake is not theirs.
for (const id of ['h1', 'h2', 'h3'] as const) tiles[id] = runOf(await calmest(id, '/tiles?on=own', '/tile/', 48));
const resume = runOf(await calmest('h2', '/resume', '/api/v1/request', 3));

const text = `import type { RecordedLane } from './run.ts';

// Written by \`node apps/lab/e2e/record-runs.ts\`: to change it, run that again.

/** When, and with what. */
export const RECORDED_WITH = ${JSON.stringify(`${new Date().toISOString().slice(0, 10)}, Chromium ${browser.version().split('.')[0]}, in the lab`)};

/** Forty-eight pictures, each held for 100 ms. */
export const RECORDED_TILES: Readonly<Record<'h1' | 'h2' | 'h3', readonly RecordedLane[]>> = ${JSON.stringify(tiles)};

/** One to stay, one to come back, one to arrive. */
export const RECORDED_RESUME: readonly RecordedLane[] = ${JSON.stringify(resume)};
`;
await writeFile(join(projectRoot, 'apps/edge/src/story/recorded/runs.ts'), text);
await browser.close();
await lab.close(0);
await worker.stop();
