import type { PipeClient } from '../pipe/client.ts';
import { partsHtml } from '../story/parts.ts';
import { messageBorders, type PipelinePlan, workOf } from '../story/pipelining-run.ts';

/** `a 210 ms, b 70 ms …` */
export function worksWords(plan: PipelinePlan): string {
  const work = workOf(plan);
  return `The handlers will work: ${['a', 'b', 'c', 'd', 'e', 'f'].map((name, i) => `/${name} ${work[i]} ms`).join(', ')}.`;
}

/** Both directions of a pipe with the borders of their messages, as HTML. */
export function pipeBytesHtml(client: Pick<PipeClient, 'sent' | 'received' | 'units'>, columns = 16): string {
  return (
    partsHtml('You send', client.sent, messageBorders(client.units, 'created'), { columns }) +
    partsHtml('You receive', client.received, messageBorders(client.units, 'received'), { columns })
  );
}
