import { ask } from '../lab.ts';
import type { HeldBack } from './summary.ts';

/** Arms a hold on a listener: the first of its connections that sends so many bytes is held back for so long. */
export async function holdBack(listener: string, after: number, ms: number): Promise<void> {
  await ask(`/.lab/hold?listener=${listener}`, { method: 'POST', body: JSON.stringify({ after, ms }) });
}

/** What was held back since, or null; the hold is taken away if nothing was. */
export async function heldOn(listener: string): Promise<HeldBack | null> {
  const { held } = (await ask(`/.lab/hold?listener=${listener}`, {})) as { held: HeldBack | null };
  if (held === null) await ask(`/.lab/hold?listener=${listener}`, { method: 'POST', body: '{}' });
  return held;
}

/** Each datagram takes so long in each direction, and one large one to the browser is dropped, `after` so many others. */
export async function disturb(listener: string, delay: number, drop: number | null): Promise<void> {
  const outbound = drop === null ? { delay } : { delay, dropOnce: { after: drop, minBytes: 1_000 } };
  await ask(`/.lab/link?listener=${listener}`, {
    method: 'POST',
    body: JSON.stringify({ seed: 1, inbound: { delay }, outbound }),
  });
}

/** Makes the link perfect again, even while the page goes away. */
export async function undisturb(listener: string): Promise<void> {
  await ask(`/.lab/link?listener=${listener}`, { method: 'POST', body: '{}', keepalive: true });
}

/** Datagrams to the browser that the lab has dropped since the link was set. */
export async function droppedOn(listener: string): Promise<number> {
  const { counts } = (await ask(`/.lab/link?listener=${listener}`, {})) as {
    counts: { readonly outbound: { readonly dropped: number } };
  };
  return counts.outbound.dropped;
}

/** Ends the idle connections of a listener, so that the next request opens one. */
export async function endOn(listener: string): Promise<void> {
  await ask(`/.lab/end-connections?listener=${listener}`, { method: 'POST', body: '{}' });
}
