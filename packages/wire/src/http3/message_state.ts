/** How far a message on a request stream has come (RFC 9114 §4.1); `tunnel` after a CONNECT was accepted (§4.4). */
export type MessageState = 'idle' | 'interim' | 'content' | 'trailers' | 'tunnel' | 'done';

/**
 * What can come next. `interim` is a HEADERS frame with a 1xx status, which only a response has; `tunnel` is the 2xx to CONNECT,
 * sent or received.
 */
export type MessageInput = 'headers' | 'interim' | 'tunnel' | 'data' | 'end';

/**
 * Where each input leads; an input that is missing is out of order. HEADERS, any number of DATA, perhaps HEADERS again as
 * trailers, then the end; a response may begin with interim ones. In a tunnel only DATA may come.
 */
export const MESSAGE_TRANSITIONS: Readonly<Record<MessageState, Partial<Record<MessageInput, MessageState>>>> = {
  idle: { headers: 'content', interim: 'interim', tunnel: 'tunnel' },
  interim: { headers: 'content', interim: 'interim', tunnel: 'tunnel' },
  content: { data: 'content', headers: 'trailers', tunnel: 'tunnel', end: 'done' },
  trailers: { end: 'done' },
  tunnel: { data: 'tunnel', end: 'done' },
  done: {},
};
