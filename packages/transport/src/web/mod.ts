/** HTTP on connections given as web streams: for Deno, Workers, browsers and tests. Nothing of Node is imported. */
export * from '../mod.ts';
export {
  type ServedConnection,
  type StreamConnection,
  type StreamServeOptions,
  serveExchangesOn,
  serveOn,
} from './serve.ts';
