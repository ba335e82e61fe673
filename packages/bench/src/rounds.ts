import type { Rounds } from './results.ts';

/** What one measurement of one contestant yields. */
export interface Measured {
  readonly figure: number;
  /** Share of one core that the contestant's process used meanwhile, 0 to 1; null where the system does not tell. */
  readonly busy?: number | null;
}

/** Someone who can be measured, again and again. */
export interface Competitor {
  readonly name: string;
  measure(): Promise<Measured>;
}

/**
 * Measures everybody in turn, round after round, so that a slow minute of the machine is shared by all.
 *
 * The first round warms up and is dropped. Who begins moves on by one each round: nobody always follows the same
 * neighbour. Throws what a competitor throws.
 */
export async function takeTurns(
  competitors: readonly Competitor[],
  rounds: number,
  progress: (round: number, name: string) => void,
): Promise<Rounds[]> {
  const figures = competitors.map((): number[] => []);
  const busy = competitors.map((): number[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (let turn = 0; turn < competitors.length; turn += 1) {
      const index = (turn + round) % competitors.length;
      const competitor = competitors[index] as Competitor;
      progress(round, competitor.name);
      const measured = await competitor.measure();
      if (round === 0) continue;
      figures[index]?.push(measured.figure);
      if (measured.busy !== undefined && measured.busy !== null) busy[index]?.push(measured.busy);
    }
  }
  return competitors.map(({ name }, index) => ({
    name,
    figures: figures[index] as number[],
    busy: busy[index] as number[],
  }));
}
