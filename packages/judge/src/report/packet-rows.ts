/** Packets as columns and streams as rows: which packet is missing, and whose bytes wait for it. */
import type { CheckResult } from '../result.ts';
import { type Order, ordersOf } from './orders.ts';

export type PacketRow = {
  readonly name: string;
  readonly frames: readonly { readonly packet: number; readonly from: number; readonly to: number }[];
  /** The packets from the one whose bytes could not go on to the one that filled the hole. */
  readonly waits: { readonly from: number; readonly to: number } | null;
};

export type PacketRows = {
  /** The highest number that came. */
  readonly last: number;
  /** Numbers below it that never came: what was in them came again in others. */
  readonly lost: readonly number[];
  readonly rows: readonly PacketRow[];
};

/** Null where nothing came in packets, or where none of them was lost. */
export function packetRowsOf(test: Pick<CheckResult, 'transcript'>): PacketRows | null {
  const orders = ordersOf(test);
  const numbers = new Map(orders.flatMap(({ arrived }) => arrived.map(({ step, packet }) => [step, packet] as const)));
  const came = [...numbers.values()].filter((packet) => packet !== null);
  if (came.length === 0 || came.length < numbers.size) return null;
  const last = Math.max(...came);
  const lost = Array.from({ length: last }, (_, packet) => packet).filter((packet) => !came.includes(packet));
  if (lost.length === 0) return null;
  const row = ({ name, arrived, waited }: Order): PacketRow => ({
    name,
    frames: arrived.map(({ packet, from, to }) => ({ packet: packet ?? 0, from, to })),
    waits: waited === null ? null : { from: numbers.get(waited.from - 1) ?? 0, to: numbers.get(waited.to - 1) ?? last },
  });
  return { last, lost, rows: orders.map(row) };
}

/** `Packet 2 is lost, and 1 of 3 streams waits`. */
export function packetRowsTitle({ lost, rows }: PacketRows): string {
  const waiting = rows.filter(({ waits }) => waits !== null).length;
  const what = lost.length === 1 ? `Packet ${lost[0]} is lost` : `Packets ${lost.join(' and ')} are lost`;
  if (waiting === 0) return `${what}, and no stream waits`;
  return `${what}, and ${waiting} of ${rows.length} streams ${waiting === 1 ? 'waits' : 'wait'}`;
}
