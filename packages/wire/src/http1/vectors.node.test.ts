import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Event } from '../events.ts';
import { splits } from '../testing/splits.ts';
import { summarise } from '../testing/summary.ts';
import { readJson, vectorFolder } from '../testing/vectors.ts';
import { Http1Connection } from './connection.ts';

interface Vector {
  readonly id: string;
  /** `may`: RFC 9112 leaves a choice, and we refuse. */
  readonly want: 'ok' | 'reject' | 'may';
  readonly base64: string;
}

const folder = vectorFolder('http1');

describe.skipIf(folder === null)('HTTP/1.1 request vectors', () => {
  const vectors = folder === null ? [] : readJson<Vector[]>(join(folder, 'requests.json'));

  it('are all there', () => expect(vectors.length).toBeGreaterThanOrEqual(51));

  it.each(vectors.map((vector) => [vector.want === 'ok' ? 'accepts' : 'refuses', vector.id, vector] as const))(
    '%s %s, however it is cut',
    (_, __, { want, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      let first: unknown[] | undefined;
      for (const { name, chunks } of splits(bytes, { maxCuts: 256 })) {
        const connection = new Http1Connection({ role: 'server' });
        const events: Event[] = [];
        for (const chunk of chunks) events.push(...connection.receive(chunk, 0));
        const fault = events.find((event) => event.type === 'connection-error');
        if (want === 'ok') expect(fault, name).toBeUndefined();
        else {
          expect(fault?.statusHint, name).toBeGreaterThanOrEqual(400);
          expect(connection.wantsClose, name).toBe(true);
        }
        first ??= summarise(events);
        expect(summarise(events), name).toEqual(first);
      }
    },
  );
});
