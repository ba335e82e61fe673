import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finishOf, planPicture, plansOf, type RoadPlan, sentOf } from './road-plan.ts';

const plan = fc
  .record({
    sizes: fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 }),
    packet: fc.integer({ min: 5, max: 40 }),
    schedule: fc.constantFrom('shared' as const, 'in turn' as const),
    lost: fc.nat(1000),
    later: fc.nat(10),
  })
  .map(({ sizes, packet, schedule, lost, later }) => {
    const count = sizes.reduce((sum, size) => sum + Math.ceil(size / packet), 0);
    const at = lost % count;
    return { sizes, packet, schedule, lost: at, again: at + 1 + later };
  });
const on = (road: RoadPlan['road'], it: Omit<RoadPlan, 'road'>): RoadPlan => ({ road, ...it });

describe('a plan', () => {
  it('sends every byte of every reply once, each packet from one reply', () => {
    fc.assert(
      fc.property(plan, (it) => {
        const sent = sentOf(on('own order', it));
        for (const [reply, size] of it.sizes.entries()) {
          const own = sent.filter((packet) => packet.reply === reply);
          expect(own.map(({ from }) => from)).toEqual(own.map((_, i) => i * it.packet));
          expect(own.at(-1)?.to).toBe(size);
        }
      }),
    );
  });

  it('is never slower with orders of their own, and a pipeline knows no schedule', () => {
    fc.assert(
      fc.property(plan, (it) => {
        const one = finishOf(on('one order', it));
        for (const [i, slot] of finishOf(on('own order', it)).entries()) expect(slot).toBeLessThanOrEqual(one[i] ?? 0);
        const turned = finishOf(on('one order', { ...it, schedule: 'in turn' }));
        expect(finishOf(on('pipelined', it))).toEqual(turned);
      }),
    );
  });

  it('costs nothing in turn for replies that are over before the hole', () => {
    fc.assert(
      fc.property(plan, (it) => {
        const turned = { ...it, schedule: 'in turn' as const };
        const sent = sentOf(on('own order', turned));
        const [one, own] = [finishOf(on('one order', turned)), finishOf(on('own order', turned))];
        const loser = sent[it.lost]?.reply ?? 0;
        for (let reply = 0; reply <= loser; reply++) expect(own[reply]).toBe(one[reply]);
      }),
    );
  });

  it('of a seed is one loss on three roads, and can be drawn', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const plans = plansOf(seed, 'shared', [100, 60, 140]);
      expect(plans.map(({ road }) => road)).toEqual(['pipelined', 'one order', 'own order']);
      expect(new Set(plans.map(({ lost, again }) => `${lost} ${again}`)).size).toBe(1);
      for (const each of plans) {
        expect(each.lost).toBeLessThan(sentOf(each).length);
        for (const { text } of planPicture(each)) expect(text.length).toBeLessThanOrEqual(67);
      }
    }
  });
});
