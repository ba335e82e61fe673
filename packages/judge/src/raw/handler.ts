/** The judge's handler, made from an exercise's rules. The same in memory, over TCP and behind Chromium. */
import type { Check, HandlerRule, Reply } from '../exercise.ts';
import { bytesOf, join } from './bytes.ts';
import { filled, fitOf, wholeBody } from './rules.ts';

/** What the learner's `serve` hands over; checked here, since nothing checks types at run time. */
type Incoming = { method: unknown; target: unknown; version?: unknown; headers: unknown; body: unknown };

export type ReplyBody = 'given' | 'pulled' | 'end' | 'failed' | 'cancelled';

export type HandlerHooks = {
  /** A call came in. Returns its number on the connection, from 1. `trace` leads to the learner's line. */
  called(request: string, trace: Error): number;
  /** Some of the request's body was read. */
  read(exchange: number, bytes: Uint8Array): void;
  /** The body was read as far as the rule wants. */
  bodyDone(exchange: number): void;
  /** Reading the body failed: it will not come to its end. */
  bodyFailed?(exchange: number): void;
  answered(exchange: number, status: number): void;
  /** No rule fits: nobody sent this. */
  unknown(request: string, exchange: number, trace: Error): void;
  /** What came is not what the contract says, in words: `request.body is a string`. */
  contract(what: string, trace: Error): void;
  /** A body in pieces was given, was asked for a piece, or is over: read to its end, failed as the rule says, or given up. */
  replyBody?(exchange: number, what: ReplyBody): void;
  /** The rule says that this call throws. */
  threw?(exchange: number): void;
  /** Resolves when so many wait for this name at the same time. Only in front of Chromium. */
  together?(name: string, size: number): Promise<void>;
  /** Resolves when the judge has released this name. Only where a judge plays the handler step by step. */
  released?(name: string): Promise<void>;
  wait(ms: number): Promise<void>;
};

/** The rules of a check's handler; none where its scene has no handler. */
export function rulesOf(check: Check): readonly HandlerRule[] {
  return 'handler' in check.scene ? (check.scene.handler ?? []) : [];
}

type Pause = (how: Pick<HandlerRule, 'after' | 'until'>) => Promise<void>;

export function makeHandler(
  rules: readonly HandlerRule[],
  hooks: HandlerHooks,
): (incoming: Incoming) => Promise<Response> {
  return async (incoming) => {
    const trace = new Error('handler');
    const problem = wrongShape(incoming);
    if (problem !== null) {
      hooks.contract(problem, trace);
      return new Response(null, { status: 500 });
    }
    const request = `${incoming.method} ${incoming.target}`;
    const exchange = hooks.called(request, trace);
    const fit = fitOf(rules, request, incoming.headers as Headers);
    if (fit === null) {
      hooks.unknown(request, exchange, trace);
      return new Response(null, { status: 404 });
    }
    const { rule, star } = fit;
    const { body: wanted } = rule.reply;
    const isPassedOn = typeof wanted === 'object' && 'echo' in wanted && wanted.echo === 'as it comes';
    const body = await readBody(
      isPassedOn ? null : (incoming.body as ReadableStream<Uint8Array> | null),
      rule,
      (bytes) => hooks.read(exchange, bytes),
      (what) => hooks.contract(what, trace),
    ).catch((error: unknown) => {
      // Told, and thrown on: no handler can answer what it has not heard to the end.
      hooks.bodyFailed?.(exchange);
      throw error;
    });
    hooks.bodyDone(exchange);
    const pause: Pause = async ({ after, until }) => {
      if (after !== undefined) await hooks.wait(after);
      if (until === undefined) return;
      if (hooks.released === undefined) throw new Error(`Nobody releases "${until}" here: give the rule a time`);
      await hooks.released(filled(until, star));
    };
    await pause(rule);
    if (rule.together !== undefined) {
      if (hooks.together === undefined)
        throw new Error(`${request}: handlers wait for each other only in front of Chromium`);
      await hooks.together(rule.together.name, rule.together.size);
    }
    if (rule.throws === true) {
      hooks.threw?.(exchange);
      throw new Error(`The handler of ${request} throws`);
    }
    const asked = {
      body: isPassedOn
        ? passedOn(incoming.body as ReadableStream<Uint8Array>, (bytes) => hooks.read(exchange, bytes))
        : body,
      star,
      pause,
      told: (what: ReplyBody) => hooks.replyBody?.(exchange, what),
    };
    const response = makeResponse(rule.reply, asked);
    hooks.answered(exchange, response.status);
    return response;
  };
}

function wrongShape(incoming: Incoming | null | undefined): string | null {
  if (typeof incoming !== 'object' || incoming === null)
    return `The handler was called with ${typeName(incoming)} instead of a request`;
  if (typeof incoming.method !== 'string') return `request.method is ${typeName(incoming.method)}, not a string`;
  if (typeof incoming.target !== 'string') return `request.target is ${typeName(incoming.target)}, not a string`;
  if (!(incoming.headers instanceof Headers)) return `request.headers is ${typeName(incoming.headers)}, not a Headers`;
  const { body } = incoming;
  // No body at all is forgiven: there is nothing to read in it either way.
  if (body !== null && body !== undefined && !(body instanceof ReadableStream))
    return `request.body is ${typeName(body)}, not a ReadableStream`;
  return null;
}

export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  if (typeof value === 'object') {
    const name = (value as { constructor?: { name?: string } }).constructor?.name;
    return name ? `${/^[AEIOU]/.test(name) && !name.startsWith('Uint') ? 'an' : 'a'} ${name}` : 'an object';
  }
  return `a ${typeof value}`;
}

async function readBody(
  body: ReadableStream<Uint8Array> | null | undefined,
  { read: much = 'all', cancel = false }: Pick<HandlerRule, 'read' | 'cancel'>,
  onBytes: (bytes: Uint8Array) => void,
  onProblem: (what: string) => void,
): Promise<Uint8Array> {
  if (body === null || body === undefined || (much === 'nothing' && !cancel)) return new Uint8Array(0);
  const reader = body.getReader();
  const parts: Uint8Array[] = [];
  let have = 0;
  while (much === 'all' || (much !== 'nothing' && have < much)) {
    const { done, value } = await reader.read();
    if (done) break;
    if (!(value instanceof Uint8Array)) {
      onProblem(`request.body yields ${typeName(value)}, not Uint8Array`);
      break;
    }
    parts.push(value.slice());
    have += value.length;
    onBytes(value);
  }
  if (cancel) await reader.cancel();
  reader.releaseLock();
  return join(parts);
}

/** The same bytes, each piece when somebody asks for it. */
function passedOn(body: ReadableStream<Uint8Array>, onBytes: (bytes: Uint8Array) => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        onBytes(value);
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

type Asked = {
  /** What the request brought, or brings. */
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
  readonly star: string | null;
  readonly pause: Pause;
  readonly told: (what: ReplyBody) => void;
};

function makeResponse(reply: Reply, request: Asked): Response {
  const init = {
    status: reply.status ?? 200,
    headers: (reply.fields ?? []).map(([name, value]): [string, string] => [name, value]),
  };
  const { body } = reply;
  if (typeof body === 'object' && 'echo' in body)
    return new Response(request.body instanceof Uint8Array ? request.body.slice() : request.body, init);
  if (typeof body === 'object' && 'pieces' in body) {
    const pieces = [...body.pieces];
    request.told('given');
    const stream = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const piece = pieces.shift();
          if (piece === undefined) {
            request.told(body.fails === true ? 'failed' : 'end');
            if (body.fails === true) throw new Error('The body of the reply fails half-way');
            return controller.close();
          }
          request.told('pulled');
          await request.pause(piece);
          controller.enqueue(bytesOf(piece.bytes));
        },
        cancel: () => request.told('cancelled'),
      },
      { highWaterMark: 0 },
    );
    return new Response(stream, init);
  }
  const whole = wholeBody(body, request.star);
  return new Response(whole === null ? null : bytesOf(whole), init);
}
