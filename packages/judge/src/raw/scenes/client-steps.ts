/**
 * Steps for a learner who exports a client, `pool(dial, limit?)` or `pipeline(dial)`. The judge is `dial`, the server behind each
 * connection, and whoever asks. A request is named by what stands in its line (`GET /a`), so use each name once in a check.
 * `send`, `endInput`, `reset` and `advance` work here too; connections are `c1`, `c2`, … in the order of dialling.
 */

import type { Bytes, HandlerRule } from '../../exercise.ts';
import { bytesOf, latin1, readable } from '../bytes.ts';
import { grouped } from '../numbers.ts';

export type ClientScene = {
  readonly kind: 'client';
  readonly file: string;
  readonly export: string;
  /** The second argument of the learner's function; absent: it is left out. */
  readonly limit?: number;
  /** Only browser checks have one: what the server at the other end of each WebSocket answers. */
  readonly handler?: readonly HandlerRule[];
  /** Only browser checks have one: the learner's own server stands at the other end of each WebSocket, and calls the handler. */
  readonly behind?: { readonly file: string; readonly export: string };
};

/** Where requests go unless told. */
export const ORIGIN = 'http://workshop';

export type ClientStep =
  /** What becomes of the next `times` dials (default: all from now on). `end` and `reset`: as soon as a whole request is there. */
  | {
      readonly do: 'dials';
      readonly will: 'succeed' | 'be refused' | 'end' | 'reset';
      readonly times?: number;
    }
  /** Hands the request to the client, and waits for nothing. */
  | {
      readonly do: 'ask';
      readonly request: string;
      readonly origin?: string;
      readonly fields?: readonly (readonly [name: string, value: string])[];
      readonly body?: Bytes;
      /** The next step follows in the same turn, before anything has come of this. */
      readonly atOnce?: boolean;
    }
  /** Bytes on the connection that carried this request last; where told, that direction ends then (FIN), or everything breaks off (RST). */
  | {
      readonly do: 'answer';
      readonly request: string;
      readonly bytes: Bytes;
      /** What they are, in words: `a reply of 5 bytes`. */
      readonly what?: string;
      /** Delivered in pieces of this many bytes. Default: in one. */
      readonly pieces?: number;
      readonly ends?: 'end' | 'reset';
    }
  /** Reads the body of an answer that is there, until at least so many bytes have come. `atOnce`: the next step does not wait for them. */
  | {
      readonly do: 'readAnswer';
      readonly request: string;
      readonly atLeast: number;
      readonly atOnce?: boolean;
    }
  | { readonly do: 'cancelAnswer'; readonly request: string }
  /** So many dials so far, in all or to one origin; fewer are right with `atMost`. Nothing more comes, however long one waits. */
  | { readonly do: 'expectDials'; readonly count: number; readonly origin?: string; readonly atMost?: boolean }
  /**
   * The request is whole on the wire, as it was asked for, the `time`th time (default 1). `with`: on the connection that carried
   * that other request last. `apart`: on one that never carried that other (or this very) request.
   */
  | {
      readonly do: 'expectRequest';
      readonly request: string;
      readonly time?: number;
      readonly with?: string;
      readonly apart?: string;
    }
  /** None of these is on the wire, not even its beginning, however long one waits. */
  | { readonly do: 'expectUnsent'; readonly requests: readonly string[] }
  /** On the wire exactly so many times, on all connections together; fewer are right with `atMost`. */
  | { readonly do: 'expectSent'; readonly request: string; readonly times: number; readonly atMost?: boolean }
  /** The promise resolves with this. With `body`, it is read to its end, and is just that; else it is left alone. */
  | {
      readonly do: 'expectAnswer';
      readonly request: string;
      readonly status?: number;
      readonly body?: Bytes;
      readonly fields?: readonly (readonly [name: string, value: string])[];
    }
  /** The promise has come to nothing yet, however long one waits. */
  | { readonly do: 'expectPending'; readonly request: string }
  | { readonly do: 'expectRejects'; readonly request: string }
  /** The promise rejects, or reading the body does, after a beginning of `body` at most. */
  | { readonly do: 'expectBroken'; readonly request: string; readonly body: Bytes }
  /** Of the connection that carried this request last, at most so many bytes were taken. */
  | { readonly do: 'expectTakenFor'; readonly request: string; readonly atMost: number };

/** One line, present tense. */
export function describeClientStep(step: ClientStep): string {
  switch (step.do) {
    case 'dials': {
      const which = step.times === undefined ? 'From now on dials' : `The next ${bytes(step.times, 'dial')}`;
      const will = { succeed: 'succeed', 'be refused': 'are refused' };
      return step.will === 'succeed' || step.will === 'be refused'
        ? `${which} ${will[step.will]}.`
        : `${which} give connections that ${step.will === 'end' ? 'end' : 'break off'} when a request is there.`;
    }
    case 'ask': {
      const to = step.origin === undefined ? '' : ` from ${step.origin}`;
      return `Ask for ${step.request}${to}${step.body === undefined ? '' : ` with ${bytes(bytesOf(step.body).length)} of body`}${step.atOnce === true ? ', and at once' : '.'}`;
    }
    case 'answer': {
      const size = bytesOf(step.bytes).length;
      const first = size === 0 ? null : `answer ${step.request} with ${step.what ?? bytes(size)}`;
      const then =
        step.ends === undefined
          ? null
          : `${step.ends === 'end' ? 'end' : 'break off'} the connection of ${step.request}`;
      const text = [first, then].filter((part) => part !== null).join(', and ');
      return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
    }
    case 'readAnswer':
      return `Read ${bytes(step.atLeast)} of the body of ${step.request}${step.atOnce === true ? ', as they come' : ''}.`;
    case 'cancelAnswer':
      return `Cancel the body of ${step.request}.`;
    case 'expectDials':
      return `Expect ${step.atMost === true ? 'at most ' : ''}${bytes(step.count, 'dial')}${step.origin === undefined ? '' : ` to ${step.origin}`} so far.`;
    case 'expectRequest': {
      const where =
        step.with !== undefined
          ? ` on the connection of ${step.with}`
          : step.apart !== undefined
            ? ` on another connection than ${step.apart === step.request ? 'before' : step.apart}`
            : '';
      return `Expect ${step.request} on the wire${(step.time ?? 1) > 1 ? ' once more' : ''}${where}.`;
    }
    case 'expectUnsent':
      return `Expect nothing of ${step.requests.join(', ')} on the wire.`;
    case 'expectSent':
      return `Expect ${step.request} on the wire ${step.atMost === true ? 'at most ' : ''}${bytes(step.times, 'time')} in all.`;
    case 'expectAnswer': {
      const what = [
        step.status === undefined ? '' : `status ${step.status}`,
        step.body === undefined
          ? ''
          : bytesOf(step.body).length === 0
            ? 'no body bytes'
            : `the body "${readable(latin1(bytesOf(step.body)), 32)}"`,
      ].filter((part) => part !== '');
      return `Expect an answer to ${step.request}${what.length === 0 ? '' : `: ${what.join(', ')}`}.`;
    }
    case 'expectPending':
      return `Expect that ${step.request} still waits.`;
    case 'expectRejects':
      return `Expect that ${step.request} rejects.`;
    case 'expectBroken':
      return `Expect that ${step.request} rejects, or its body.`;
    case 'expectTakenFor':
      return `Expect at most ${bytes(step.atMost)} taken from the connection of ${step.request}.`;
  }
}

function bytes(n: number, what = 'byte'): string {
  return `${grouped(n)} ${what}${n === 1 ? '' : 's'}`;
}
