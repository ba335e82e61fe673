import { visibleText } from '@interleave/trace/look';
import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';
import { anyPipe } from '../story/any-pipe.ts';
import { messageParts } from '../story/ends.ts';
import { readAsServer } from '../story/framing.ts';
import { partsHtml } from '../story/parts.ts';
import { LONGEST_TYPED, TYPED, typedBytes } from '../story/pipes-run.ts';
import { IdeaPage, type IdeaProps, NoScript, Outcome, Predict } from './idea.tsx';
import { Life } from './life.tsx';

/** One exchange over every pipe in reach. */
export const AnyPipe: FC<Omit<IdeaProps, 'idea' | 'experiment' | 'bytes'>> = (props) => (
  <IdeaPage {...props} idea={anyPipe} experiment={<Experiment {...props} />} bytes={<Bytes />} />
);

interface Pipe {
  readonly id: string;
  readonly name: string;
  readonly what: string;
  /** Where the browser's own client asks; null for our own client, or where nothing is in reach. */
  readonly origin: string | null;
  /** Why it is not in reach, else null. */
  readonly why: string | null;
}

/** The pipes, with the reason where one is out of reach. */
export function pipesOf({ origins, url }: Pick<IdeaProps, 'origins' | 'url'>): Pipe[] {
  const isTls = url.protocol === 'https:';
  const plain = origins.plain ?? (isTls ? null : url.origin);
  const lab = 'only the lab, started with npm start, has this';
  const tls = isTls && url.origin !== origins.h3 ? url.origin : (origins.h1 ?? null);
  return [
    {
      id: 'tcp',
      name: 'TCP',
      what: 'your browser, in the clear',
      origin: isTls ? null : plain,
      why: isTls
        ? plain
          ? `a page that came over TLS is not to ask in the clear; open ${plain}/any-pipe`
          : lab
        : null,
    },
    { id: 'tls', name: 'TLS', what: 'your browser, TLS on TCP', origin: tls, why: tls === null ? lab : null },
    {
      id: 'quic',
      name: 'QUIC',
      what: 'your browser, HTTP/3 on UDP',
      origin: origins.h3 ?? null,
      why: origins.h3 === undefined ? lab : null,
    },
    { id: 'socket', name: 'WebSocket', what: 'our own client and core', origin: null, why: null },
    { id: 'channel', name: 'MessageChannel', what: 'both ends in this page, no network', origin: null, why: null },
  ];
}

const Experiment: FC<Pick<IdeaProps, 'record' | 'origins' | 'url'>> = ({ record, origins, url }) => (
  <>
    <NoScript>The pipes need a script. Without one, the bytes below come from this server’s memory.</NoScript>
    <Predict
      question={{
        text: 'Our client asks over a WebSocket, and over a channel inside this page. How many bytes of HTTP differ?',
        guesses: ['none', 'a few', 'most'],
      }}
    />
    <div class="controls needs-script" hidden>
      <button type="button" id="run" class="primary">
        Ask over every pipe
      </button>
    </div>
    <Outcome />
    <section class="table-scroll" tabindex={0} aria-label="The pipes and what came over them">
      <table class="results pipes">
        <thead>
          <tr>
            <th scope="col">pipe</th>
            <th scope="col">who speaks HTTP</th>
            <th scope="col">what came</th>
          </tr>
        </thead>
        <tbody>
          {pipesOf({ origins, url }).map(({ id, name, what, origin, why }) => (
            <tr data-pipe={id} data-origin={origin ?? undefined} data-why={why ?? undefined}>
              <th scope="row">{name}</th>
              <td class="small">{what}</td>
              <td class="came">{why === null ? 'not asked yet' : `out of reach: ${why}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
    <Life record={record} />
  </>
);

const Bytes: FC = () => {
  const request = typedBytes(TYPED);
  const { replies } = readAsServer(request);
  return (
    <>
      <div id="pipe-pairs">
        {raw(partsHtml('Asked', request, messageParts(request)))}
        {raw(partsHtml('Answered', replies, messageParts(replies)))}
      </div>
      <p id="pairs-source" class="source">
        this server’s core, in memory, before you pressed anything
      </p>
      <h3 class="typed-title">
        <label for="typed">Your keyboard is a pipe as well</label>
      </h3>
      <p>Change the request and hand it over. Lines end with CR LF when they leave; the empty line ends the head.</p>
      <textarea
        id="typed"
        class="typed"
        rows={5}
        maxlength={LONGEST_TYPED}
        spellcheck={false}
        autocomplete="off"
        readonly
      >
        {TYPED}
      </textarea>
      <div class="controls needs-script" hidden>
        <button type="button" id="hand-over">
          Hand it over
        </button>
      </div>
      <p id="typed-outcome" class="small" role="status"></p>
      <div id="typed-bytes" />
    </>
  );
};

/** For a terminal: the exchange as it stands on any pipe. */
export function anyPipeText(): string {
  const line = (bytes: Uint8Array): string => visibleText(new TextDecoder('latin1').decode(bytes));
  const request = typedBytes(TYPED);
  return `  > ${line(request)}\n  < ${line(readAsServer(request).replies)}`;
}
