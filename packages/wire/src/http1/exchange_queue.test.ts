import { describe, expect, it } from 'vitest';
import { ExchangeQueue } from './exchange_queue.ts';
import { ServerExchange } from './server_exchange.ts';

const exchange = (id: number): ServerExchange => new ServerExchange(id, 'GET', '1.1', true, null, false, id === 1);

describe('the exchanges of a server', () => {
  it('come and go in order, and are found by id', () => {
    const queue = new ExchangeQueue();
    const three = [exchange(1), exchange(2), exchange(3)];
    for (const one of three) queue.push(one);
    expect(queue.get(2)).toBe(three[1]);
    expect(queue.get(4)).toBeNull();
    queue.shift();
    expect([queue.first, queue.last, queue.length]).toEqual([three[1], three[2], 2]);
    expect(queue.get(1)).toBeNull();
    queue.shift();
    queue.shift();
    queue.shift();
    expect([queue.first, queue.last, queue.length]).toEqual([null, null, 0]);
  });

  it('end where they are cut', () => {
    const queue = new ExchangeQueue();
    const three = [exchange(1), exchange(2), exchange(3)];
    for (const one of three) queue.push(one);
    expect(queue.cutAfter(three[0] as ServerExchange)).toEqual([three[1], three[2]]);
    expect([queue.first, queue.last, queue.length]).toEqual([three[0], three[0], 1]);
  });
});
