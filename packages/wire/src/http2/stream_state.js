/**
 * The states of a stream (RFC 9113 §5.1), by the RFC's names. The two reserved ones belong to server push, which this
 * implementation neither sends nor accepts; they stand here because the table is the RFC's.
 */
export const STREAM_STATES = [
  'idle',
  'reserved (local)',
  'reserved (remote)',
  'open',
  'half-closed (local)',
  'half-closed (remote)',
  'closed',
];
/**
 * What moves a stream from state to state (RFC 9113 §5.1, Figure 2). END_STREAM is an input of its own, which follows the
 * frame that carries the flag; DATA without it, PRIORITY and WINDOW_UPDATE move nothing.
 */
export const STREAM_INPUTS = [
  'send HEADERS',
  'receive HEADERS',
  'send PUSH_PROMISE',
  'receive PUSH_PROMISE',
  'send END_STREAM',
  'receive END_STREAM',
  'send RST_STREAM',
  'receive RST_STREAM',
];
function arrows(from, to) {
  return Object.entries(to).map(([on, state]) => ({ from, on: on, to: state }));
}
/**
 * The table: what is not in it is an error of whoever does it.
 *
 * ```
 *                              +--------+
 *                      send PP |        | recv PP
 *                     ,--------+  idle  +--------.
 *                    /         |        |         \
 *                   v          +--------+          v
 *            +----------+          |           +----------+
 *            |          |          | send H /  |          |
 *     ,------+ reserved |          | recv H    | reserved +------.
 *     |      | (local)  |          |           | (remote) |      |
 *     |      +---+------+          v           +------+---+      |
 *     |          |             +--------+             |          |
 *     |          |     recv ES |        | send ES     |          |
 *     |   send H |     ,-------+  open  +-------.     | recv H   |
 *     |          |    /        |        |        \    |          |
 *     |          v   v         +---+----+         v   v          |
 *     |      +----------+          |           +----------+      |
 *     |      |   half-  |          |           |   half-  |      |
 *     |      |  closed  |          | send R /  |  closed  |      |
 *     |      | (remote) |          | recv R    | (local)  |      |
 *     |      +----+-----+          |           +-----+----+      |
 *     |           | send ES /      |       recv ES / |           |
 *     |           | send R  /      v        send R / |           |
 *     |           | recv R     +--------+   recv R   |           |
 *     | send R /  `----------->|        |<-----------'  send R / |
 *     | recv R                 | closed |               recv R   |
 *     `----------------------->|        |<-----------------------'
 *                              +--------+
 * ```
 */
export const STREAM_TRANSITIONS = [
  ...arrows('idle', {
    'send HEADERS': 'open',
    'receive HEADERS': 'open',
    'send PUSH_PROMISE': 'reserved (local)',
    'receive PUSH_PROMISE': 'reserved (remote)',
  }),
  ...arrows('reserved (local)', {
    'send HEADERS': 'half-closed (remote)',
    'send RST_STREAM': 'closed',
    'receive RST_STREAM': 'closed',
  }),
  ...arrows('reserved (remote)', {
    'receive HEADERS': 'half-closed (local)',
    'send RST_STREAM': 'closed',
    'receive RST_STREAM': 'closed',
  }),
  ...arrows('open', {
    'send HEADERS': 'open',
    'receive HEADERS': 'open',
    'send END_STREAM': 'half-closed (local)',
    'receive END_STREAM': 'half-closed (remote)',
    'send RST_STREAM': 'closed',
    'receive RST_STREAM': 'closed',
  }),
  ...arrows('half-closed (local)', {
    'receive HEADERS': 'half-closed (local)',
    'receive END_STREAM': 'closed',
    'send RST_STREAM': 'closed',
    'receive RST_STREAM': 'closed',
  }),
  ...arrows('half-closed (remote)', {
    'send HEADERS': 'half-closed (remote)',
    'send END_STREAM': 'closed',
    'send RST_STREAM': 'closed',
    'receive RST_STREAM': 'closed',
  }),
];
/** States and inputs as numbers, for a table of bytes: this is asked several times for every frame. */
export const IDLE = 0;
export const OPEN = 3;
export const HALF_CLOSED_LOCAL = 4;
export const HALF_CLOSED_REMOTE = 5;
export const CLOSED = 6;
export const SEND_HEADERS = 0;
export const RECEIVE_HEADERS = 1;
export const SEND_END_STREAM = 4;
export const RECEIVE_END_STREAM = 5;
export const SEND_RST_STREAM = 6;
export const RECEIVE_RST_STREAM = 7;
/** In the compiled table: no such arrow. */
export const NO_TRANSITION = 255;
const COMPILED = new Uint8Array(STREAM_STATES.length * STREAM_INPUTS.length).fill(NO_TRANSITION);
for (const { from, on, to } of STREAM_TRANSITIONS) {
  COMPILED[STREAM_STATES.indexOf(from) * STREAM_INPUTS.length + STREAM_INPUTS.indexOf(on)] = STREAM_STATES.indexOf(to);
}
/** The state that the input leads to, as numbers, or `NO_TRANSITION`. */
export function nextStreamState(state, input) {
  return COMPILED[state * STREAM_INPUTS.length + input];
}
/** True in the states in which the peer may send HEADERS and DATA. */
export function mayReceive(state) {
  return state === OPEN || state === HALF_CLOSED_LOCAL;
}
/** True in the states in which we may send HEADERS and DATA. */
export function maySend(state) {
  return state === OPEN || state === HALF_CLOSED_REMOTE;
}
