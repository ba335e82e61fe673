import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';
import { messageParts } from '../story/ends.ts';
import { FRAME_COST, MESSAGES, textFrame } from '../story/frames.ts';
import { readAsServer } from '../story/framing.ts';
import { partsHtml } from '../story/parts.ts';
import { websocket } from '../story/websocket.ts';
import { IdeaPage, type IdeaProps, NoScript, Outcome, Predict, WhyLink } from './idea.tsx';
import { Life } from './life.tsx';

/** The same five messages as five exchanges and on one WebSocket. */
export const WebSocketPage: FC<Omit<IdeaProps, 'idea' | 'experiment' | 'bytes'>> = (props) => (
  <IdeaPage {...props} idea={websocket} experiment={<Experiment {...props} />} bytes={<Bytes />} />
);

const ROWS = [
  ['exchanges', 'Exchanges'],
  ['heads', 'Heads, both ways'],
  ['there', 'Bytes of heads to the server'],
  ['back', 'Bytes of heads back'],
  ['frames', 'Bytes of frames around the messages'],
  ['messages', 'Bytes of the messages themselves'],
] as const;

const Experiment: FC<Pick<IdeaProps, 'record'>> = ({ record }) => (
  <>
    <NoScript>The messages need a script. Without one, compare the bytes below.</NoScript>
    <Predict
      question={{
        text: 'Five messages there and five back. How many heads do five exchanges take, and how many the WebSocket?',
        guesses: ['five and one', 'ten and two', 'ten and ten'],
      }}
    />
    <div class="controls needs-script" hidden>
      <button type="button" id="run" class="primary">
        Say five things twice
      </button>
      <button type="button" id="more">
        Say one thing more
      </button>
    </div>
    <Outcome />
    <p id="more-outcome" class="small" role="status"></p>
    <section id="costs-box" class="table-scroll" tabindex={0} aria-label="What it took">
      <table class="results" id="costs" hidden>
        <thead>
          <tr>
            <th scope="col">to say five things</th>
            <th scope="col">five exchanges</th>
            <th scope="col">one WebSocket</th>
          </tr>
        </thead>
        <tbody>
          {ROWS.map(([id, name]) => (
            <tr>
              <th scope="row">{name}</th>
              <td id={`${id}-exchanges`} />
              <td id={`${id}-socket`} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
    <p class="small quiet" id="costs-note">
      Heads are counted as HTTP/1.1 spells them: those of requests by the server, those of replies by your browser.
    </p>
    <Life record={record} />
    <WhyLink reason="websocket">A WebSocket is one of ten reasons:</WhyLink>
  </>
);

const utf8 = new TextEncoder();

/** The first message as an exchange of our own client, answered by this server's core. */
function exchangeBytes(): { request: Uint8Array; reply: Uint8Array; after: Uint8Array } {
  const said = MESSAGES[0] ?? '';
  const request = utf8.encode(`POST /echo HTTP/1.1\r\nHost: pipe\r\nContent-Length: ${said.length}\r\n\r\n${said}`);
  const more = utf8.encode('one more\r\n\r\n');
  const { replies } = readAsServer(request);
  return { request, reply: replies, after: readAsServer(request, more).replies.subarray(replies.length) };
}

const Bytes: FC = () => {
  const { request, reply, after } = exchangeBytes();
  const there = textFrame(MESSAGES[0] ?? '', Uint8Array.of(0x37, 0xfa, 0x21, 0x3d));
  const back = textFrame(MESSAGES[0] ?? '', null);
  return (
    <>
      <p>
        The message is three bytes. As an exchange, {request.length - 3} bytes stand around it on the way there, and
        that is a short head; in a frame, {FRAME_COST.there}, and {FRAME_COST.back} on the way back.
      </p>
      {raw(partsHtml('An exchange: there', request, messageParts(request)))}
      {raw(partsHtml('An exchange: back', reply, messageParts(reply)))}
      {raw(partsHtml('A frame: there', there.bytes, there.parts))}
      {raw(partsHtml('A frame: back', back.bytes, back.parts))}
      {raw(
        partsHtml(
          'What the server says when “one more” follows on the finished exchange',
          after,
          messageParts(after).filter(({ label }) => label !== 'end of head'),
        ),
      )}
      <p class="source">
        written and read by this server’s core in memory; the mask is the example of RFC 6455 §5.7, your browser takes
        another for each frame
      </p>
    </>
  );
};

/** For a terminal: what the request that asks has cost, and what a frame would. */
export function websocketText(head: { fields: number; bytes: number }): string {
  const total = MESSAGES.length;
  return [
    `The head of this very request has ${head.fields} fields and ${head.bytes} bytes, as HTTP/1.1 spells it.`,
    `Five messages as five exchanges: ${total * head.bytes} bytes of heads, there alone.`,
    `Five messages on one WebSocket: one such head, then ${FRAME_COST.there} bytes before each message there, ${FRAME_COST.back} before each back.`,
  ].join('\n');
}
