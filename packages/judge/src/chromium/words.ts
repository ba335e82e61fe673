/** The steps of a browser check in words, for the step trace and the failure. */
import type { BrowserStep } from '../exercise.ts';
import { bytesOf, latin1, readable } from '../raw/bytes.ts';
import { describeHttp2BrowserStep } from '../raw/scenes/http2-browser-steps.ts';

/** One line, present tense: `Chromium fetches GET /a.` */
export function describeBrowserStep(step: BrowserStep): string {
  switch (step.do) {
    case 'open':
      return `Chromium opens ${step.path}${step.expect?.images === undefined ? '' : ` with its ${step.expect.images} images`}${step.expect?.text === undefined ? '' : ` and shows "${step.expect.text}"`}.`;
    case 'fetch': {
      const want = [
        step.expect.status === undefined ? '' : `status ${step.expect.status}`,
        step.expect.body === undefined ? '' : `the body "${readable(latin1(bytesOf(step.expect.body)), 40)}"`,
      ].filter((part) => part !== '');
      const fields = (step.fields ?? []).map(([name, value]) => ` with ${name}: ${value}`).join('');
      return `The page fetches ${step.method} ${step.path}${fields}${want.length > 0 ? ` and gets ${want.join(' and ')}` : ''}.`;
    }
    case 'fetchInTurn':
      return `The page fetches ${row(step.fetches.map(({ method, path }) => `${method} ${path}`))} one after another, and each gets its own answer.`;
    case 'fetchTogether':
      return `The page fetches ${list(step.fetches.map(({ method, path }) => `${method} ${path}`))} at the same time, and each gets its own answer.`;
    case 'stream':
      return `The page fetches ${step.method} ${step.path} and reads "${readable(latin1(bytesOf(step.first)), 30)}" before the handler makes the rest.`;
    case 'expectConnections':
      return `Expect ${row(step.paths)} on ${step.count === 1 ? 'one connection' : `${step.count} connections`}${step.each === undefined ? '' : `, at least ${step.each} on each`}.`;
    case 'expectEndAfter':
      return `Expect that the connection of ${step.request} ends by itself.`;
    case 'askInPage': {
      const names = step.requests.map(({ request }) => request);
      const shown = names.length <= 4 ? list(names) : `${names[0]} to ${names.at(-1)}`;
      return `The page asks your client for ${shown} (${names.length}) at once, and gets the right answers.`;
    }
    case 'fetchBeside':
      return 'Chromium itself fetches the same, for comparison.';
    case 'expectSockets':
      return `Expect ${step.count === 1 ? 'one socket' : `${step.count} sockets`}, as Chromium counts them.`;
    case 'signal':
    case 'fetchAndAbort':
    case 'expectUrgentFirst':
    case 'tabs':
    case 'expectBothProtocols':
      return describeHttp2BrowserStep(step);
    case 'expectFramesRead':
      return `Expect that your frames are the ones that Chromium sent, ${step.atLeast} requests or more among them.`;
    case 'expectLate':
      return `Chromium loads ${step.images} images over ${step.protocol === 'h2' ? 'HTTP/2' : 'HTTP/1.1'}, one byte range is held back: expect that exactly what you name is missing.`;
    case 'expectRoadsInPage':
      return `The page takes ${step.plans.length} runs over WebSockets: expect that each reply is whole in the slot that you predict.`;
    case 'expectHandlerCalls':
      return `Expect that the handler was called for ${list(step.calls.map((call) => call.request))}.`;
  }
}

export function kindOfBrowserStep(step: BrowserStep): 'action' | 'expectation' {
  return step.do.startsWith('expect') ? 'expectation' : 'action';
}

/** `a, b and c`. */
export function list(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** The same, and a long row is named by its ends. */
export function row(items: readonly string[]): string {
  return items.length <= 8 ? list(items) : `${items[0]} to ${items.at(-1)} (${items.length})`;
}

/** What a network error of Chromium means, for people. Its own name stays beside it, to be looked up. */
export function netErrorWords(error: string): string {
  const name = /(?:net::)?(ERR_[A-Z0-9_]+)/.exec(error)?.[1];
  if (name === undefined) return error;
  const words = NET_ERRORS[name];
  return words === undefined ? name : `${words} (${name})`;
}

const NET_ERRORS: Readonly<Record<string, string>> = {
  ERR_EMPTY_RESPONSE: 'the connection ended before any reply',
  ERR_CONNECTION_RESET: 'the connection was reset',
  ERR_CONNECTION_CLOSED: 'the connection was closed',
  ERR_CONNECTION_REFUSED: 'no connection could be opened',
  ERR_INVALID_HTTP_RESPONSE: 'what came is no HTTP reply',
  ERR_CONTENT_LENGTH_MISMATCH: 'the body is shorter than Content-Length says',
  ERR_INCOMPLETE_CHUNKED_ENCODING: 'the connection ended inside the chunks',
  ERR_INVALID_CHUNKED_ENCODING: 'the chunks cannot be read',
  ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH: 'the reply has two lengths',
  ERR_RESPONSE_HEADERS_TRUNCATED: 'the connection ended inside the head',
  ERR_ABORTED: 'the request was given up',
  ERR_HTTP2_PROTOCOL_ERROR: 'the stream or the connection broke a rule of HTTP/2',
  ERR_HTTP2_SERVER_REFUSED_STREAM: 'the stream was refused',
  ERR_HTTP2_FLOW_CONTROL_ERROR: 'more came than there was credit for',
  ERR_HTTP2_FRAME_SIZE_ERROR: 'a frame is longer than it may be',
  ERR_HTTP2_COMPRESSION_ERROR: 'a header block cannot be decoded',
  ERR_HTTP2_PING_FAILED: 'nobody answered a PING',
};
