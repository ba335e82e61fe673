import { type RequestRecord, requestText, verdictSentence } from '@interleave/trace';
import { visibleText } from '@interleave/trace/look';
import type { Context } from 'hono';
import { Hono } from 'hono/tiny';
import type { HtmlEscapedString } from 'hono/utils/html';
import { OPENAPI } from './api/openapi.ts';
import { type CapabilityReport, capabilityReport } from './capabilities/report.ts';
import { conn } from './conn.ts';
import { connectionEvents, connectionQlog, connectionReport } from './counter/api.ts';
import type { AppEnv } from './env.ts';
import { framesInMemory } from './frames/memory.ts';
import { frames } from './instruments/frames.ts';
import { live } from './instruments/live.ts';
import { why } from './instruments/why.ts';
import { asked, kept } from './live/answers.ts';
import { livePlan } from './live/kinds.ts';
import { type Form, formOf } from './negotiate.ts';
import { Analyse } from './pages/analyse.tsx';
import { AnyPipe, anyPipeText } from './pages/any-pipe.tsx';
import { Boundaries, boundariesText } from './pages/boundaries.tsx';
import { Capabilities, capabilitiesText } from './pages/capabilities.tsx';
import { ErrorPage } from './pages/error.tsx';
import { FramesPage, framesTwin } from './pages/frames.tsx';
import { HeadOfLine } from './pages/head-of-line.tsx';
import { Home } from './pages/home.tsx';
import { terminalPlace } from './pages/idea.tsx';
import { KeepAlive, keepAliveText } from './pages/keep-alive.tsx';
import type { PageProps } from './pages/layout.tsx';
import { LivePage, liveText } from './pages/live.tsx';
import { Multiplexing, multiplexingText } from './pages/multiplexing.tsx';
import { Pipelining, pipeliningText } from './pages/pipelining.tsx';
import { Resume, resumeText } from './pages/resume.tsx';
import { Instruments, Story } from './pages/story.tsx';
import { Tiles, tilesText } from './pages/tiles.tsx';
import { WebSocketPage, websocketText } from './pages/websocket.tsx';
import { Why, whyText } from './pages/why.tsx';
import { pipe } from './pipe/web-socket.ts';
import { type ScriptName, scriptText } from './scripts.ts';
import { security } from './security.ts';
import { anyPipe } from './story/any-pipe.ts';
import { boundaries } from './story/boundaries.ts';
import { echo, echoSocket, requestHead } from './story/echo.ts';
import { boundaryPlan } from './story/framing.ts';
import { holePlan } from './story/head-of-line/plan.ts';
import { holeRun } from './story/head-of-line/run.ts';
import { holeText } from './story/head-of-line/words.ts';
import { headOfLine } from './story/head-of-line.ts';
import type { Idea } from './story/idea.ts';
import { keepAlive } from './story/keep-alive.ts';
import { multiplexing } from './story/multiplexing.ts';
import { multiplexInMemory, multiplexPlan } from './story/multiplexing-run.ts';
import { piece } from './story/piece.ts';
import { pipelining } from './story/pipelining.ts';
import { pipelineInMemory, planOf } from './story/pipelining-run.ts';
import { ANSWER, TARGET } from './story/pipes-run.ts';
import { resume } from './story/resume.ts';
import { embeddable, tile } from './story/tile.ts';
import { tiles } from './story/tiles.ts';
import { ideaText } from './story/twin.ts';
import { websocket } from './story/websocket.ts';
import { reasonPlan } from './why/reasons.ts';

/** The app: pages and API about the very request that asks for them. Chained, so that `hc` knows the types of its routes. */
export const app = new Hono<AppEnv>()
  .use(conn)
  .use('/tile/*', embeddable)
  .use(security)
  .get('/', async (c) => {
    c.header('Vary', 'Accept');
    switch (formOf(c)) {
      case 'html':
        return c.html(<Home {...(await pageProps(c, 'home'))} url={new URL(c.req.url)} />);
      case 'json':
        return c.json<RequestRecord>(c.get('record'));
      case 'text':
        return c.text(plainText(c));
    }
  })
  .get('/analyse', async (c) =>
    c.html(<Analyse {...(await pageProps(c, 'analyse'))} worker={await scriptText(c.env ?? {}, 'analyse-worker')} />),
  )
  .get('/capabilities', async (c) => {
    c.header('Vary', 'Accept');
    const record = c.get('record');
    const report = await capabilityReport(record);
    switch (formOf(c)) {
      case 'html':
        return c.html(<Capabilities {...(await pageProps(c, 'capabilities'))} report={report} />);
      case 'json':
        return c.json<CapabilityReport>(report);
      case 'text':
        return c.text(capabilitiesText(report, record));
    }
  })
  .get('/story', async (c) => c.html(<Story {...(await pageProps(c, 'page'))} />))
  .get('/instruments', async (c) => c.html(<Instruments {...(await pageProps(c, 'page'))} />))
  .get('/boundaries', (c) => {
    const plan = boundaryPlan(new URL(c.req.url).searchParams);
    return idea(c, boundaries, {
      page: async (props) => <Boundaries {...props} {...(await pageProps(c, 'boundaries'))} plan={plan} />,
      run: () => boundariesText(plan),
    });
  })
  .get('/keep-alive', (c) =>
    idea(c, keepAlive, {
      page: async (props) => <KeepAlive {...props} {...(await pageProps(c, 'keep-alive'))} />,
      run: keepAliveText,
    }),
  )
  .get('/tiles', (c) =>
    idea(c, tiles, {
      page: async (props) => <Tiles {...props} {...(await pageProps(c, 'tiles'))} />,
      run: () => tilesText(new URL(c.req.url)),
    }),
  )
  .get('/pipelining', async (c) => {
    const plan = planOf(new URL(c.req.url).searchParams);
    const memory = await pipelineInMemory(plan);
    return idea(c, pipelining, {
      page: async (props) => (
        <Pipelining {...props} {...(await pageProps(c, 'pipelining'))} plan={plan} memory={memory} />
      ),
      run: () => pipeliningText(plan, memory),
    });
  })
  .get('/multiplexing', async (c) => {
    const plan = multiplexPlan(new URL(c.req.url).searchParams);
    const memory = await multiplexInMemory(plan);
    return idea(c, multiplexing, {
      page: async (props) => (
        <Multiplexing {...props} {...(await pageProps(c, 'multiplexing'))} plan={plan} memory={memory} />
      ),
      run: () => multiplexingText(memory),
    });
  })
  .get('/head-of-line', (c) => {
    const run = holeRun(holePlan(new URL(c.req.url).searchParams));
    return idea(c, headOfLine, {
      page: async (props) => <HeadOfLine {...props} {...(await pageProps(c, 'head-of-line'))} run={run} />,
      run: () => holeText(run),
    });
  })
  .get('/head-of-line/model.js', (c) => asset(c, 'head-of-line-model'))
  .get('/resume', (c) =>
    idea(c, resume, {
      page: async (props) => <Resume {...props} {...(await pageProps(c, 'resume'))} />,
      run: () => resumeText(c.get('record')),
    }),
  )
  .get('/websocket', (c) =>
    idea(c, websocket, {
      page: async (props) => <WebSocketPage {...props} {...(await pageProps(c, 'websocket'))} />,
      run: () => websocketText(requestHead(c)),
    }),
  )
  .get('/any-pipe', (c) =>
    idea(c, anyPipe, {
      page: async (props) => <AnyPipe {...props} {...(await pageProps(c, 'any-pipe'))} />,
      run: anyPipeText,
    }),
  )
  .get('/live', (c) => {
    const url = new URL(c.req.url);
    return idea(c, live, {
      page: async (props) => (
        <LivePage {...props} {...(await pageProps(c, 'live'))} plan={livePlan(url.searchParams)} />
      ),
      run: () => liveText(c.get('record'), url.origin),
    });
  })
  .get('/asked/:id{[A-Za-z0-9_-]{1,40}}', asked)
  .post('/asked/:id{[A-Za-z0-9_-]{1,40}}', asked)
  .get('/kept', kept)
  .get('/why', (c) => {
    const url = new URL(c.req.url);
    return idea(c, why, {
      page: async (props) => <Why {...props} {...(await pageProps(c, 'why'))} plan={reasonPlan(url.searchParams)} />,
      run: () => whyText({ record: c.get('record'), origins: c.get('origins'), url }),
    });
  })
  .get('/frames', async (c) => {
    // The lab sees the frames; elsewhere our own client makes some, which takes the core.
    const script = c.get('record').host === 'lab' ? 'frames' : 'frames-pipe';
    const memory = await framesInMemory();
    return idea(c, frames, {
      page: async (props) => <FramesPage {...props} {...(await pageProps(c, script))} memory={memory} />,
      run: () => framesTwin(memory),
    });
  })
  .get(TARGET, (c) => c.text(ANSWER))
  .get('/echo', echoSocket)
  .post('/echo', echo)
  .get('/tile/:n{[0-9]{1,2}}', tile)
  .get('/piece/:n{[0-9]{1,2}}', piece)
  .get('/pipe', pipe)
  .get('/reqinfo', (c) => c.text(plainText(c)))
  .get('/api/v1/openapi.json', (c) => c.json(OPENAPI))
  .get('/api/v1/capabilities', async (c) => c.json<CapabilityReport>(await capabilityReport(c.get('record'))))
  .get('/api/v1/request', (c) => c.json<RequestRecord>(c.get('record')))
  .get('/api/v1/connection/:file{.+\\.qlog}', connectionQlog)
  .get('/api/v1/connection/:id', connectionReport)
  .get('/api/v1/connection/:id/events', connectionEvents)
  .notFound((c) => problem(c, 404, 'There is nothing at this address.'))
  .onError((error, c) => {
    console.error(error);
    return problem(c, 500, 'The app broke while it answered.');
  });

export type App = typeof app;
export default app;

function plainText(c: Context<AppEnv>): string {
  // What the edge has put there is not of the visitor's own request.
  const own = [...c.req.raw.headers].filter(([name]) => !/^(?:cf-|mf-|x-forwarded-|x-real-ip$)/.test(name));
  return requestText(c.get('record'), own);
}

/** An idea of the story in the form that the client asked for: a page, its text, or the facts alone. */
async function idea(
  c: Context<AppEnv>,
  about: Idea,
  as: { page: (props: { url: URL }) => Promise<HtmlEscapedString>; run: () => string },
): Promise<Response> {
  c.header('Vary', 'Accept');
  const url = new URL(c.req.url);
  const record = c.get('record');
  switch (formOf(c)) {
    case 'html':
      return c.html(await as.page({ url }));
    case 'json':
      return c.json<RequestRecord>(record);
    case 'text':
      return c.text(ideaText(about, record, terminalPlace(url, record.host, c.get('origins')), as.run()));
  }
}

/** What every page is made from. */
async function pageProps(
  c: Context<AppEnv>,
  script: ScriptName,
): Promise<Omit<PageProps, 'title' | 'path' | 'children'>> {
  return {
    record: c.get('record'),
    origins: c.get('origins'),
    nonce: c.get('secureHeadersNonce') ?? '',
    script: await scriptText(c.env ?? {}, script),
  };
}

/** A script that a page fetches only when it is used. */
async function asset(c: Context<AppEnv>, name: ScriptName): Promise<Response> {
  const text = await scriptText(c.env ?? {}, name);
  if (text === '') return problem(c, 404, 'This server has no scripts bound.');
  return c.body(text, 200, { 'Content-Type': 'text/javascript; charset=utf-8' });
}

/** An error in the form that the client can use: JSON for the API and those who ask for it, a page, or text. */
async function problem(c: Context<AppEnv>, status: 404 | 500, what: string): Promise<Response> {
  const record = c.get('record');
  const isApi = c.req.path.startsWith('/api/') || c.req.path.startsWith('/.lab/');
  const form: Form = isApi ? 'json' : formOf(c);
  switch (form) {
    case 'html':
      return c.html(<ErrorPage {...(await pageProps(c, 'page'))} status={status} />, status);
    case 'json':
      return c.json({ error: what, status, path: c.req.path, request: record.request.id }, status);
    case 'text':
      return c.text(
        `${what}\n\n${visibleText(`${record.request.method} ${record.request.path}`)}\n${verdictSentence(record.verdict, record.facts, 'response')}\nrequest id ${record.request.id}\n`,
        status,
      );
  }
}
