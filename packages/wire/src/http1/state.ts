/**
 * The states of an HTTP/1.1 exchange and of its connection, as tables: state, input, next state. The code asks these tables
 * whether a step may be taken, and documentation draws from them. An input that a state does not list is a fault, of the peer
 * in what it sends, of ours in what we do.
 */
export type Table<State extends string, Input extends string> = {
  readonly [S in State]: { readonly [I in Input]?: State };
};

/** One message from its sender's or its receiver's view. */
export type MessageState = 'idle' | 'content' | 'done' | 'switched' | 'aborted';
/**
 * `interim`: a 1xx head other than 101. `head`: the head of a message that has content. `whole`: a head that is the
 * whole message. `data`: a piece of content. `end`: the last of the content. `trailers`: a trailer section, which ends.
 * `switch`: 101, or 2xx to CONNECT. `abort`: given up.
 */
export type MessageInput = 'interim' | 'head' | 'whole' | 'data' | 'end' | 'trailers' | 'switch' | 'abort';

/** A request (RFC 9112 §2.1, §6): there is nothing interim in it, and it never switches. */
export const REQUEST_STATES: Table<MessageState, MessageInput> = {
  idle: { head: 'content', whole: 'done', abort: 'aborted' },
  content: { data: 'content', end: 'done', trailers: 'done', abort: 'aborted' },
  done: {},
  switched: {},
  aborted: {},
};

/** A response (RFC 9110 §15.2, RFC 9112 §2.1): any number of interim heads, then the final one, or the switch. */
export const RESPONSE_STATES: Table<MessageState, MessageInput> = {
  idle: { interim: 'idle', head: 'content', whole: 'done', switch: 'switched', abort: 'aborted' },
  content: { data: 'content', end: 'done', trailers: 'done', abort: 'aborted' },
  done: {},
  switched: {},
  aborted: {},
};

/** The connection as a whole (RFC 9112 §9). */
export type ConnectionState = 'open' | 'closing' | 'closed' | 'switched' | 'failed';
/**
 * `last`: a message said that no other follows, or `shutdown` was called. `end`: everything was said, or the peer has
 * ended with nothing under way. `switch`: the bytes belong to another protocol from here. `fault`: the peer broke the rules.
 */
export type ConnectionInput = 'last' | 'end' | 'switch' | 'fault';

/** Persistence (RFC 9112 §9.3, §9.6). */
export const CONNECTION_STATES: Table<ConnectionState, ConnectionInput> = {
  open: { last: 'closing', end: 'closed', switch: 'switched', fault: 'failed' },
  closing: { last: 'closing', end: 'closed', switch: 'switched', fault: 'failed' },
  closed: { end: 'closed', last: 'closed' },
  switched: { end: 'switched', last: 'switched' },
  failed: { end: 'failed', last: 'failed' },
};

/** A state of a message with its steps: what an input leads to, or null where the table has nothing. */
export type MessageStep = { readonly name: MessageState } & { readonly [I in MessageInput]: MessageStep | null };

/**
 * A table as nodes that point at each other. A step is then one property of one shape of object, where looking up two strings
 * in nested tables costs a search each: a server takes four steps for every exchange.
 */
function link(table: Table<MessageState, MessageInput>): Readonly<Record<MessageState, MessageStep>> {
  const node = (name: MessageState): { -readonly [K in keyof MessageStep]: MessageStep[K] } => ({
    name,
    interim: null,
    head: null,
    whole: null,
    data: null,
    end: null,
    trailers: null,
    switch: null,
    abort: null,
  });
  const nodes = {
    idle: node('idle'),
    content: node('content'),
    done: node('done'),
    switched: node('switched'),
    aborted: node('aborted'),
  };
  for (const from of Object.values(nodes)) {
    for (const [input, to] of Object.entries(table[from.name])) from[input as MessageInput] = nodes[to];
  }
  return nodes;
}

/** `REQUEST_STATES`, linked. */
export const REQUEST_STEPS: Readonly<Record<MessageState, MessageStep>> = link(REQUEST_STATES);
/** `RESPONSE_STATES`, linked. */
export const RESPONSE_STEPS: Readonly<Record<MessageState, MessageStep>> = link(RESPONSE_STATES);

/** The next state, or null when the table has none. */
export function step<State extends string, Input extends string>(
  table: Table<State, Input>,
  state: State,
  input: Input,
): State | null {
  return table[state][input] ?? null;
}
