import { type BoundaryPlan, type Reading, twoMessages } from '../story/framing.ts';
import { type Mistake, readMistake } from '../story/mistakes.ts';
import { partsHtml } from '../story/parts.ts';

/** The bytes of a plan with the borders that the server found, and a caret where it went wrong or where they are cut. */
export function planBytesHtml(plan: BoundaryPlan, reading: Reading, columns = 16): string {
  const { bytes } = twoMessages(plan);
  const isWrong = reading.statuses.some((status) => status >= 400);
  const caret = isWrong
    ? { at: reading.believed, note: 'here the server looks for the next message' }
    : plan.cut > 0
      ? { at: plan.cut, note: 'cut here' }
      : undefined;
  return partsHtml('Both messages, with the borders that the server finds', bytes, reading.parts, {
    columns,
    ...(caret && { caret }),
  });
}

/** The bytes of a mistaken reply and the next one, with the borders that the client finds. */
export function mistakeBytesHtml(mistake: Mistake, columns = 16): string {
  const { bytes, parts, believed, problem } = readMistake(mistake);
  return partsHtml('Two replies, with the borders that the client finds', bytes, parts, {
    columns,
    ...(problem !== null && { caret: { at: believed, note: 'here the client looks for the second reply' } }),
  });
}

/** The same bytes before they are sent: where they are cut, and no borders, since those are the question. */
export function outgoingBytesHtml(plan: BoundaryPlan, columns = 16): string {
  const { bytes } = twoMessages(plan);
  return partsHtml('Both messages, as they go out', bytes, [], {
    columns,
    ...(plan.cut > 0 && { caret: { at: plan.cut, note: 'cut here' } }),
  });
}
