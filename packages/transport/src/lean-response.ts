import type { FieldLine, FieldSection } from '@interleave/wire';

/** What a `LeanResponse` was made of, as long as nobody has turned it into a platform `Response`. */
export interface ResponseParts {
  readonly status: number;
  readonly fields: FieldSection;
  readonly content: Uint8Array;
}

const NOTHING = new Uint8Array(0);
const TEXT: FieldLine = ['Content-Type', 'text/plain;charset=UTF-8'];
const JSON_TYPE: FieldLine = ['Content-Type', 'application/json'];
const utf8 = new TextEncoder();

/**
 * A `Response` that keeps text and bytes as they are: the platform's makes a stream and a `Headers` for each, which costs as
 * much as the whole exchange. `serve` sends it without either. It is a `Response` for `instanceof`, and everything else
 * that a `Response` can do it does through a real one, made when first asked for.
 *
 * ```ts
 * import { LeanResponse as Response, serve } from '@interleave/transport/node';
 * await serve({ port: 8080 }, () => new Response('hello'));
 * ```
 */
class Lean {
  readonly #body: BodyInit | null;
  readonly #init: ResponseInit | undefined;
  readonly #type: FieldLine | null;
  #real: Response | null = null;

  constructor(body: BodyInit | null = null, init?: ResponseInit, type: FieldLine | null = null) {
    this.#body = body;
    this.#init = init;
    this.#type = type ?? (typeof body === 'string' ? TEXT : null);
    // What the platform would refuse is refused here, where the mistake is.
    if (init !== undefined && !isPlain(init)) this.#platform();
    if (body !== null && typeof body !== 'string' && !(body instanceof Uint8Array)) this.#platform();
  }

  static json(value: unknown, init?: ResponseInit): Response {
    const text = JSON.stringify(value);
    if (text === undefined)
      throw new TypeError('This value has no JSON: a function, a symbol and undefined have none.');
    return new Lean(text, init, JSON_TYPE) as unknown as Response;
  }

  static redirect(url: string | URL, status?: number): Response {
    return Response.redirect(url, status);
  }

  static error(): Response {
    return Response.error();
  }

  /** The parts, or null once a real `Response` exists. */
  static partsOf(response: Response): ResponseParts | null {
    return (response as unknown) instanceof Lean ? (response as unknown as Lean).#parts() : null;
  }

  #parts(): ResponseParts | null {
    if (this.#real !== null) return null;
    const body = this.#body;
    const content = body === null ? NOTHING : typeof body === 'string' ? utf8.encode(body) : (body as Uint8Array);
    const given = this.#init?.headers as Record<string, string> | undefined;
    const fields: FieldLine[] = [];
    let typed = this.#type === null;
    for (const name in given) {
      if (!typed && name.length === 12 && name.toLowerCase() === 'content-type') typed = true;
      fields.push([name, String(given[name]).trim()]);
    }
    if (!typed) fields.push(this.#type as FieldLine);
    return { status: this.#init?.status ?? 200, fields, content };
  }

  #platform(): Response {
    if (this.#real === null) {
      this.#real = new Response(this.#body, this.#init);
      if (this.#type === JSON_TYPE && !hasType(this.#init)) this.#real.headers.set(...JSON_TYPE);
    }
    return this.#real;
  }

  get status(): number {
    return this.#real?.status ?? this.#init?.status ?? 200;
  }
  get statusText(): string {
    return this.#init?.statusText ?? '';
  }
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }
  get headers(): Headers {
    return this.#platform().headers;
  }
  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#platform().body;
  }
  get bodyUsed(): boolean {
    return this.#real?.bodyUsed ?? false;
  }
  get redirected(): boolean {
    return false;
  }
  get type(): ResponseType {
    return 'default';
  }
  get url(): string {
    return '';
  }
  clone(): Response {
    return this.#platform().clone();
  }
  text(): Promise<string> {
    return this.#platform().text();
  }
  json(): Promise<unknown> {
    return this.#platform().json();
  }
  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#platform().bytes();
  }
  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#platform().arrayBuffer();
  }
  blob(): Promise<Blob> {
    return this.#platform().blob();
  }
  formData(): Promise<FormData> {
    return this.#platform().formData();
  }
}
Object.setPrototypeOf(Lean.prototype, Response.prototype);

/** The constructor, with the platform's type and static methods. */
export const LeanResponse: typeof Response = Lean as never;

/** What a response is made of when it can be sent as it is, else null: then its `headers` and `body` say it. */
export function responseParts(response: Response): ResponseParts | null {
  return Lean.partsOf(response);
}

/** Settings that need no check: a usual status, and headers in a plain object of safe names and values. */
function isPlain(init: ResponseInit): boolean {
  const { status = 200, statusText = '', headers } = init;
  if (statusText !== '' || !Number.isInteger(status) || status < 200 || status > 599) return false;
  if (status === 204 || status === 205 || status === 304) return false;
  if (headers === undefined) return true;
  if (Object.getPrototypeOf(headers) !== Object.prototype) return false;
  for (const [name, value] of Object.entries(headers as Record<string, unknown>)) {
    if (!/^[\w-]+$/.test(name) || typeof value !== 'string' || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return false;
  }
  return true;
}

function hasType(init: ResponseInit | undefined): boolean {
  return init?.headers !== undefined && new Headers(init.headers).has('content-type');
}
