import type { Socket } from 'node:net';
import type { AlpnProtocol } from '../protocols.ts';

/** How an HTTP/2 client in cleartext begins (RFC 9113 §3.4). No HTTP/1.1 method is called PRI (RFC 9113 §11.6). */
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/**
 * Looks at the first bytes of a cleartext connection, puts them back, and says which protocol the client speaks. A client
 * that does not say enough within `patience` milliseconds is let go.
 */
export function sniff(socket: Socket, patience: number, decided: (protocol: AlpnProtocol) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  const timer = Number.isFinite(patience) ? setTimeout(() => socket.destroy(), patience) : undefined;
  const stop = (): void => {
    clearTimeout(timer);
    socket.off('data', look).off('end', gone).off('error', ignore).off('close', stop);
  };
  const settle = (): void => {
    stop();
    socket.pause();
    if (seen.length > 0) socket.unshift(seen);
    decided(seen.length > 0 && beginsPreface(seen) ? 'h2' : 'http/1.1');
    socket.resume();
  };
  const gone = (): void => {
    stop();
    socket.destroy();
  };
  const look = (chunk: Buffer): void => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    if (seen.length >= PREFACE.length || !beginsPreface(seen)) settle();
  };
  socket.on('data', look).on('end', gone).on('error', ignore).on('close', stop);
}

function beginsPreface(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, PREFACE.length);
  return bytes.toString('latin1', 0, length) === PREFACE.slice(0, length);
}

function ignore(): void {}
