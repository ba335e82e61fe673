import { BEGINNINGS, PHASES } from '../look/marks.ts';
import { protocolLook } from '../look/protocol.ts';
import { clip, count, duration, visibleText } from '../look/text.ts';
import { type Exchange, extent, type Lane, type Timeline } from './model.ts';

/** `GET /a, exchange 2, 3.1 ms: request 0.2 ms, response 2.9 ms`. */
export function exchangeWords(exchange: Exchange, isTimed: boolean): string {
  const name = clip(visibleText(exchange.label), 120);
  const span = extent(exchange);
  const parts = [exchange.nth === null ? name : `${name}, exchange ${exchange.nth}`];
  if (exchange.outcome !== 'complete') parts.push(exchange.outcome === 'open' ? 'still open' : 'failed');
  if (!isTimed || !span) return parts.join(', ');
  parts.push(duration(span.to - span.from));
  const phases = exchange.phases.map((p) => `${PHASES[p.phase].word} ${duration(p.to - p.from)}`);
  return `${parts.join(', ')}: ${phases.join(', ')}`;
}

/** `Connection A, HTTP/1.1, resumed, 3 exchanges`. */
export function laneWords(lane: Lane): string {
  const kind = lane.kind === 'connection' ? 'Connection' : 'Stream';
  const label = clip(visibleText(lane.label), 60).replace(/^(connection|stream) /i, '');
  const total = lane.exchanges.length + (lane.earlier ?? 0);
  const parts = [`${kind} ${label}`];
  if (lane.protocol) parts.push(protocolLook(lane.protocol).name);
  if (lane.kind === 'connection') parts.push(BEGINNINGS[lane.beginning].word, count(total, 'exchange'));
  return parts.join(', ');
}

/** The whole picture in words, for those who do not see it. */
export function timelineWords(timeline: Timeline): string {
  const isTimed = timeline.scale !== 'order';
  const lanes = timeline.lanes.map((lane) => {
    const exchanges = lane.exchanges.map((e) => exchangeWords(e, isTimed));
    return `${laneWords(lane)}${exchanges.length > 0 ? `: ${exchanges.join('; ')}` : ''}.`;
  });
  return lanes.join(' ');
}
