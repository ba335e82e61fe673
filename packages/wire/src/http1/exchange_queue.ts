import type { ServerExchange } from './server_exchange.ts';

/**
 * The exchanges that are under way, oldest first. Linked, since an array of one that is emptied and filled again with every
 * request is given new memory each time; and nearly always it is the first that is asked for.
 */
export class ExchangeQueue {
  /** The oldest. */
  first: ServerExchange | null = null;
  /** The latest. */
  last: ServerExchange | null = null;
  length = 0;

  /** The exchange of that id. */
  get(id: number): ServerExchange | null {
    let exchange = this.first;
    while (exchange !== null && exchange.id !== id) exchange = exchange.next;
    return exchange;
  }

  push(exchange: ServerExchange): void {
    if (this.last === null) this.first = exchange;
    else this.last.next = exchange;
    this.last = exchange;
    this.length++;
  }

  /** Lets go of the oldest. */
  shift(): void {
    const { first } = this;
    if (first === null) return;
    this.first = first.next;
    if (this.first === null) this.last = null;
    this.length--;
  }

  /** Cuts off what came after `exchange`, and returns it, oldest first. */
  cutAfter(exchange: ServerExchange): ServerExchange[] {
    const cut: ServerExchange[] = [];
    for (let next = exchange.next; next !== null; next = next.next) cut.push(next);
    exchange.next = null;
    this.last = exchange;
    this.length -= cut.length;
    return cut;
  }

  clear(): void {
    this.first = this.last = null;
    this.length = 0;
  }
}
