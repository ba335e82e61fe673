import type { RequestStream } from './request_stream.ts';

/** The request streams of a connection, and which ids of the peer's are over (RFC 9000 §2.1). */
export class Streams {
  readonly #live = new Map<number, RequestStream>();
  /** Ids that are over while lower ones may still come: bounded by how many streams QUIC lets be open. */
  readonly #done = new Set<number>();
  #doneBelow = 0;
  /** The id after the highest one seen: what the GOAWAY of a server names. */
  #seen = 0;

  get size(): number {
    return this.#live.size;
  }

  get seen(): number {
    return this.#seen;
  }

  get(id: number): RequestStream | undefined {
    return this.#live.get(id);
  }

  values(): IterableIterator<RequestStream> {
    return this.#live.values();
  }

  add(stream: RequestStream): void {
    this.#live.set(stream.id, stream);
    this.see(stream.id);
  }

  see(id: number): void {
    if (id >= this.#seen) this.#seen = id + 4;
  }

  isDone(id: number): boolean {
    return id < this.#doneBelow || this.#done.has(id);
  }

  /** The stream is over, whether or not it was ever in use here. */
  finish(id: number): void {
    this.#live.delete(id);
    if (this.isDone(id)) return;
    this.see(id);
    this.#done.add(id);
    while (this.#done.delete(this.#doneBelow)) this.#doneBelow += 4;
  }

  clear(): void {
    this.#live.clear();
  }
}
