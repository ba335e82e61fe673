/** Holes, and who waits behind them, as a few lines for the terminal: arrivals, byte ranges and roads. */
import type { CheckResult, HeldPicture, RoadPicture } from '../result.ts';
import { type Order, ordersOf, orderTitle } from './orders.ts';

/** Arrivals and rows that are told. */
const ARRIVALS = 12;
const ROWS = 14;

export type ToldPicture = { readonly title: string; readonly lines: readonly string[] };

/** What a run of HL1 to HL4 shows; null where nothing arrived in pieces, was held or went a road. */
export function orderPicture(test: CheckResult, columns: number): ToldPicture | null {
  const { held = [], roads = [] } = test;
  const orders = ordersOf(test);
  if (orders.length > 0)
    return { title: orderTitle(orders), lines: orders.flatMap((order) => orderLines(order, columns)) };
  if (held.length > 0) return { title: heldTitle(held), lines: held.flatMap((load) => heldLines(load, columns)) };
  return roads.length === 0 ? null : { title: roadsTitle(roads), lines: roads.map(roadLine) };
}

/**
 * The run that shows best who waits: one with a hole in front of Chromium or with roads, else the first in which one stream waits
 * for bytes and, where there are several, others do not. Undefined where nothing arrived in pieces.
 */
export function tellingOrder(tests: readonly CheckResult[]): CheckResult | undefined {
  const passing = tests.filter(({ status }) => status === 'pass');
  const drawn = passing.findLast(({ held = [], roads = [] }) => held.length + roads.length > 0);
  if (drawn !== undefined) return drawn;
  const ordered = passing.map((test) => ({ test, orders: ordersOf(test) })).filter(({ orders }) => orders.length > 0);
  const waits = (orders: readonly Order[]): number => orders.filter(({ waited }) => waited !== null).length;
  const best =
    ordered.find(({ orders }) => waits(orders) > 0 && waits(orders) < orders.length) ??
    ordered.find(({ orders }) => waits(orders) > 0) ??
    ordered[0];
  return best?.test;
}

/** `8 of 12 images waited on one connection, 1 of 12 on six`. */
export function heldTitle(held: readonly HeldPicture[]): string {
  const on = (load: HeldPicture): string => (load.others.length === 0 ? 'one connection' : 'six');
  return held
    .map((load, i) => {
      const missing = load.rows.filter(({ isMissing }) => isMissing).length;
      return `${missing} of ${load.rows.length + load.others.length}${i === 0 ? ' images waited' : ''} on ${on(load)}`;
    })
    .join(', ');
}

/** What own order gains on one order, over all replies: `Own order gains 9 slots where packets are shared, 5 in turn`. */
export function roadsTitle(roads: readonly RoadPicture[]): string {
  const sum = (road: string, schedule: string): number | null => {
    const found = roads.find(({ plan }) => plan.road === road && plan.schedule === schedule);
    return found === undefined ? null : found.finished.reduce((a, b) => a + b, 0);
  };
  const gain = (schedule: string): number | null => {
    const [one, own] = [sum('one order', schedule), sum('own order', schedule)];
    return one === null || own === null ? null : one - own;
  };
  const [shared, inTurn] = [gain('shared'), gain('in turn')];
  if (shared === null || inTurn === null) return 'Three roads by two schedules';
  return `Own order gains ${shared} ${shared === 1 ? 'slot' : 'slots'} where packets are shared, ${inTurn} in turn`;
}

/** `came`, and below it how far all was passed on then: where that stands still, a hole holds the rest. */
function orderLines({ name, arrived, passedOn, waited }: Order, columns: number): string[] {
  const label = name === 'tcp' ? '' : `${name}: `;
  const shown = arrived.slice(0, ARRIVALS).map(({ step, from, to }) => {
    const came = to > from ? `${from}–${to - 1}` : 'empty';
    const on = String(passedOn[step + 1] ?? 0);
    const width = Math.max(came.length, on.length);
    return [came.padEnd(width), on.padEnd(width)] as const;
  });
  const fit = (text: string): string => (text.length > columns ? `${text.slice(0, columns - 1)}…` : text.trimEnd());
  const wait = waited === null ? 'nothing waited' : 'waited';
  return [
    fit(`${label}${wait}`),
    fit(`came       ${shown.map(([came]) => came).join('  ')}`),
    fit(`passed on  ${shown.map(([, on]) => on).join('  ')}${arrived.length > ARRIVALS ? '  …' : ''}`),
  ];
}

/** A row of offsets for each image: `█` is its bytes, `│` the hole; behind it what was said and what was so. */
function heldLines(load: HeldPicture, columns: number): string[] {
  const places = Math.max(8, columns - 32);
  const cell = (offset: number): number =>
    Math.min(places - 1, Math.floor((offset * places) / Math.max(1, load.total)));
  const rows = load.rows.slice(0, ROWS).map(({ label, frames, predicted, isMissing }) => {
    const cells = Array.from({ length: places }, () => '·');
    for (const { from, to } of frames) cells.fill('█', cell(from), cell(Math.max(from, to - 1)) + 1);
    for (let i = cell(load.hole.from); i <= cell(load.hole.to - 1); i++) cells[i] = cells[i] === '█' ? '▓' : '│';
    const number = /\d+/.exec(label)?.[0] ?? label;
    const isRight = (predicted !== null) === isMissing;
    return `image ${number.padEnd(3)} ${cells.join('')} ${(predicted ?? '').padEnd(7)} ${isMissing ? 'missing' : 'there'}${isRight ? '' : ' ✗'}`;
  });
  const others = load.others.length === 0 ? [] : [`${load.others.length} more came over other connections.`];
  return [load.title, ...rows, ...others];
}

/** `own order, shared    A 12  B 5  C 10  D 3`: the slot in which each reply was whole, and a mark where another was said. */
function roadLine({ plan, finished, predicted }: RoadPicture): string {
  const name = `${plan.road}, ${plan.schedule}`.padEnd(20);
  const slots = finished.map((slot, reply) => {
    const said = predicted?.[reply];
    const is = slot < 0 ? 'never' : String(slot);
    return `${String.fromCharCode(65 + reply)} ${is}${said === slot ? '' : ` ✗ ${said ?? 'nothing'}`}`.padEnd(5);
  });
  return `${name} ${slots.join(' ')}`.trimEnd();
}
