/** What a step may claim about the head of one reply, beyond its status and body: what is claimed, in words, and what goes wrong. */
import { readable } from '../bytes.ts';
import { receivedExcerpt, writeAt } from '../excerpt.ts';
import { type ParsedReply, valuesOf } from '../replies.ts';
import type { StepFailed } from '../world.ts';
import type { Conn } from './server-connection.ts';
import type { ServerFailures } from './server-failures.ts';

export type ReplyClaims = {
  /** Fields that must not be there; names in any case. */
  readonly absent?: readonly string[];
  /** Fields that may be left out, and have this value where they are not. */
  readonly ifPresent?: readonly (readonly [name: string, value: string])[];
  /** `Connection` holds this word, in any case, alone or in a list. */
  readonly says?: 'keep-alive';
};

/** In words, for the line of the step. */
export function claimWords({ absent = [], ifPresent = [], says }: ReplyClaims): string[] {
  return [
    ...absent.map((name) => `no ${name}`),
    ...ifPresent.map(([name, value]) => `${name}: ${value} or none`),
    ...(says === undefined ? [] : [`Connection: ${says}`]),
  ];
}

/** Null when all of it holds. */
export function claimFailure(
  failures: ServerFailures,
  conn: Conn,
  step: ReplyClaims & { readonly to: string },
  reply: ParsedReply,
): StepFailed | null {
  const fail = (headline: string, field: string, text: string, expected: string): StepFailed => {
    const at = fieldAt(conn, reply, field);
    return failures.fail('wrong bytes', headline, conn, {
      received: receivedExcerpt(conn.pipe, reply.from, { at, text }),
      expected,
      at: [failures.place(writeAt(conn.pipe, at)?.trace, 'wrote these bytes')],
    });
  };
  for (const name of step.absent ?? []) {
    const value = valuesOf(reply.fields, name)[0];
    if (value === undefined) continue;
    const headline = `The reply to ${step.to} has ${name}: ${readable(value, 30)}.`;
    return fail(headline, name, 'has no place here', `a reply to ${step.to} without ${name}`);
  }
  for (const [name, value] of step.ifPresent ?? []) {
    const other = valuesOf(reply.fields, name).find((one) => one !== value);
    if (other === undefined) continue;
    const headline = `The reply to ${step.to} says ${name}: ${readable(other, 30)}.`;
    return fail(headline, name, 'this field', `${name}: ${value}, or no ${name}`);
  }
  if (step.says !== undefined && !connectionWords(reply).includes(step.says)) {
    const has = valuesOf(reply.fields, 'connection');
    const what = has.length === 0 ? 'has no Connection' : `says Connection: ${readable(has.join(', '), 30)}`;
    return fail(`The reply to ${step.to} ${what}.`, 'connection', 'this head', `Connection: ${step.says}`);
  }
  return null;
}

/** The reply has to say, or to show, that it is the last one. Null when it does. */
export function unannounced(failures: ServerFailures, conn: Conn, to: string, reply: ParsedReply): StepFailed | null {
  if (failures.saysItEnds(reply) !== null) return null;
  const { pipe } = conn;
  const isOver = pipe.ended !== null && pipe.written === reply.to;
  const headline = isOver
    ? `The connection ended after the reply to ${to}, which had not said so.`
    : `The reply to ${to} does not say that it is the last one.`;
  const caret = isOver ? { at: pipe.written, text: 'ended the connection' } : { at: reply.from, text: 'this head' };
  return failures.fail(isOver ? 'closed early' : 'wrong bytes', headline, conn, {
    received: receivedExcerpt(pipe, reply.from, caret),
    expected: 'Connection: close in that reply, and then the end',
    at: [
      failures.place(writeAt(pipe, reply.from)?.trace, 'wrote these bytes'),
      isOver ? failures.place(pipe.ended?.trace, 'ended the connection') : null,
    ],
  });
}

function connectionWords(reply: ParsedReply): string[] {
  const list = valuesOf(reply.fields, 'connection').join(',').toLowerCase().split(',');
  return list.map((word) => word.trim());
}

/** Where the field stands; the status line when it does not. */
function fieldAt(conn: Conn, reply: ParsedReply, name: string): number {
  let head = '';
  for (const byte of conn.pipe.received.subarray(reply.from, reply.headEnd)) head += String.fromCharCode(byte);
  const at = head.toLowerCase().indexOf(`\r\n${name.toLowerCase()}:`);
  return reply.from + (at < 0 ? 0 : at + 2);
}
