import { mistakeBytesHtml, outgoingBytesHtml, planBytesHtml } from '../src/pages/boundaries-words.ts';
import { concat } from '../src/pipe/server.ts';
import { messageParts, wholeMessages } from '../src/story/ends.ts';
import {
  type BoundaryPlan,
  boundaryPlan,
  knownAtCut,
  piecesOf,
  readAsServer,
  readingWords,
  takenWords,
  twoMessages,
} from '../src/story/framing.ts';
import { MISTAKES, mistakeWords, readMistake } from '../src/story/mistakes.ts';
import { partsHtml } from '../src/story/parts.ts';
import { byId, setText } from './dom.ts';
import { openPipe } from './pipe.ts';
import { openStage, type Stage } from './stage.ts';

const stage = openStage();
const say = byId<HTMLInputElement>('say');
const cut = byId<HTMLInputElement>('cut');
const columns = innerWidth < 560 ? 8 : 16;

function chosen(name: string): string {
  return document.querySelector<HTMLInputElement>(`input[name=${name}]:checked`)?.value ?? '';
}

function planNow(): BoundaryPlan {
  return boundaryPlan(
    new URLSearchParams({ framing: chosen('framing'), say: say?.value ?? '', cut: cut?.value ?? '0' }),
  );
}

/** What goes out, while the visitor changes it. Where the messages end is for the server to find. */
function preview(): void {
  const length = twoMessages(planNow()).bytes.length;
  if (cut) cut.max = String(length - 1);
  const plan = planNow();
  setText(byId('cut-value'), plan.cut === 0 ? 'not cut' : String(plan.cut));
  setText(byId('known'), knownAtCut(plan));
  const box = byId('plan-bytes');
  if (box) box.innerHTML = outgoingBytesHtml(plan, columns);
  byId('reply-bytes')?.replaceChildren();
  setText(byId('boundary-source'), 'not sent yet');
}

if (stage) {
  say?.addEventListener('input', preview);
  cut?.addEventListener('input', preview);
  for (const radio of document.querySelectorAll('input[name=framing]')) radio.addEventListener('change', preview);
  for (const radio of document.querySelectorAll('input[name=mistake]')) radio.addEventListener('change', showMistake);
  byId('run')?.addEventListener(
    'click',
    stage.alone(() => run(stage, planNow())),
  );
  preview();
  showMistake();
}

async function run(stage: Stage, plan: BoundaryPlan): Promise<void> {
  stage.address({ framing: plan.framing, say: plan.say, cut: String(plan.cut) });
  stage.say('Sending …');
  const expected = readAsServer(...piecesOf(plan));
  const received: Uint8Array[] = [];
  let more = (): void => {};
  const pipe = await openPipe('http/1.1', (bytes) => {
    received.push(bytes);
    more();
  });
  const replies = new Promise<void>((done) => {
    more = () => {
      // When the server is to end the connection, its end is waited for.
      if (!expected.ended && wholeMessages(concat(received)) >= expected.statuses.length) done();
    };
  });
  for (const piece of piecesOf(plan)) pipe.send(piece);
  await Promise.race([replies, pipe.closed]);
  pipe.close();
  const bytes = concat(received);
  const parts = messageParts(bytes);
  // What the server on the other side said, not what the core in this page expects of it.
  const statuses = parts
    .filter(({ label }) => label === 'start line')
    .map(({ from }) => Number(new TextDecoder('latin1').decode(bytes.subarray(from + 9, from + 12))));
  const said = parts.flatMap(({ label }, i) => {
    if (label !== 'end of head') return [];
    const content = parts[i + 1];
    return [content?.label === 'content' ? new TextDecoder().decode(bytes.subarray(content.from, content.to)) : ''];
  });
  const reading = { ...expected, statuses, said };
  const box = byId('plan-bytes');
  if (box) box.innerHTML = planBytesHtml(plan, reading, columns);
  const answers = byId('reply-bytes');
  if (answers) answers.innerHTML = partsHtml('What came back', bytes, parts, { columns });
  setText(byId('boundary-source'), 'sent and received just now, through a WebSocket to this server');
  stage.say(readingWords(plan, reading));
  stage.answer(
    `${takenWords(reading)}${plan.framing === 'short' ? '' : ', though with another length than asked about'}`,
  );
}

function showMistake(): void {
  const mistake = MISTAKES.find(({ id }) => id === chosen('mistake'));
  if (!mistake) return;
  setText(byId('mistake-outcome'), mistakeWords(mistake, readMistake(mistake)));
  const box = byId('mistake-bytes');
  if (box) box.innerHTML = mistakeBytesHtml(mistake, columns);
}
