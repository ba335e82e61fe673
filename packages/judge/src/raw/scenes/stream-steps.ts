/** Steps for a server whose replies leave piece by piece, break off, or refuse: what they are, and each in words. */
import type { Bytes } from '../../exercise.ts';
import { bytesOf, latin1, readable } from '../bytes.ts';

type On = { readonly on?: string };

export type StreamStep =
  /**
   * So much of the reply's body is on the wire now, while the handler has not made the next piece: its `after` has to be
   * longer than `PIECE_PATIENCE`. The reply is left where it is, for `expectReply` or `expectCutReply`.
   */
  | (On & { readonly do: 'expectPiece'; readonly to: string; readonly body: Bytes })
  /** The handler's body fails: an error (5xx) stands in its place, or the connection ends and nobody can take what came for all. */
  | (On & { readonly do: 'expectCutReply'; readonly to: string })
  /** One whole reply: a refusal (4xx, 501), or 200 with this body. */
  | (On & { readonly do: 'expectRefusalOr'; readonly to: string; readonly body: Bytes });

/** How long the judge's clock may run before a piece is on the wire. */
export const PIECE_PATIENCE = 500;

/** One line, present tense. */
export function describeStreamStep(step: StreamStep): string {
  const on = step.on === undefined ? '' : ` on ${step.on}`;
  switch (step.do) {
    case 'expectPiece':
      return `Expect "${readable(latin1(bytesOf(step.body)), 40)}" of the reply to ${step.to}${on}, before there is more of it.`;
    case 'expectCutReply':
      return `Expect that the reply to ${step.to}${on} breaks off with the connection, and never looks whole.`;
    case 'expectRefusalOr':
      return `Expect a refusal (4xx) of ${step.to}${on}, or its reply "${readable(latin1(bytesOf(step.body)), 40)}".`;
  }
}
