import { SCHEMAS, type Schema } from './schemas.ts';

/** The part of OpenAPI 3.1 that this description needs. */
export interface OpenApi {
  readonly openapi: '3.1.1';
  readonly info: Schema;
  readonly servers: readonly Schema[];
  readonly paths: Readonly<Record<string, { readonly get: Operation }>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Schema[];
  readonly responses: Readonly<Record<string, Schema>>;
}

const schema = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const answer = (description: string, type: string, of: Schema): Schema => ({
  description,
  content: { [type]: { schema: of } },
});
const json = (description: string, name: string): Schema => answer(description, 'application/json', schema(name));
const problem = (description: string): Schema => answer(description, 'application/problem+json', schema('ApiProblem'));
const query = (name: string, description: string, of: Schema): Schema => ({
  name,
  in: 'query',
  description,
  schema: of,
});

const ID: Schema = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'As `facts.connectionId` of a request has it, and `c` in its `X-Conn`.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
};
const NOT_THERE = {
  400: problem('What was sent is no id of a connection.'),
  404: problem('The connection is not known here, or no longer.'),
  501: problem('This deployment knows nothing of connections.'),
  503: problem('It cannot be had now.'),
};

/** The API as OpenAPI describes it. Kept by hand, since a library would cost more than it says; a test holds it against the routes and real answers. */
export const OPENAPI: OpenApi = {
  openapi: '3.1.1',
  info: {
    title: 'Interleave',
    version: '1',
    summary: 'What carried this request, and what else its connection carried.',
    description:
      'What nobody can know where the app runs is null, with the reason. In the lab facts are measured at the socket; on Cloudflare they are told by it, or counted in a Durable Object.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/' }],
  paths: {
    '/api/v1/request': {
      get: {
        operationId: 'request',
        summary: 'What carried this very request.',
        parameters: [
          query('r', 'An id of your own for this request; it comes back in `request.id`.', {
            type: 'string',
            pattern: '^[A-Za-z0-9_-]{1,32}$',
          }),
        ],
        responses: { 200: json('The facts, each with its source.', 'RequestRecord') },
      },
    },
    '/api/v1/capabilities': {
      get: {
        operationId: 'capabilities',
        summary: 'What this server can know about a connection, and what nobody here can.',
        responses: { 200: json('Each fact, for this request and as each kind of host knows it.', 'CapabilityReport') },
      },
    },
    '/api/v1/connection/{id}': {
      get: {
        operationId: 'connection',
        summary: 'What is known of a connection now.',
        parameters: [ID],
        responses: { 200: json('The connection and its latest exchanges.', 'ConnectionReport'), ...NOT_THERE },
      },
    },
    '/api/v1/connection/{id}/events': {
      get: {
        operationId: 'connectionEvents',
        summary: 'What happens on a connection, as it happens: a WebSocket, or server-sent events.',
        parameters: [ID, query('also', 'Further connections, with commas.', { type: 'string' })],
        responses: {
          101: { description: 'A WebSocket: it says each `WatchMessage` as text, and takes each `WatchRequest`.' },
          200: answer('The same messages, each as `data:`.', 'text/event-stream', schema('WatchMessage')),
          403: { description: 'A WebSocket from a page of another origin.' },
          ...NOT_THERE,
        },
      },
    },
    '/api/v1/connection/{id}.qlog': {
      get: {
        operationId: 'connectionQlog',
        summary: 'The events of a connection as qlog.',
        parameters: [ID, query('format', '`qvis` for the older form that qvis reads.', { enum: ['qvis'] })],
        responses: {
          200: {
            description: 'One event a record (RFC 7464); with `format=qvis` one JSON object.',
            content: {
              'application/qlog+json-seq': { schema: { type: 'string' } },
              'application/qlog+json': { schema: { type: 'object' } },
            },
          },
          ...NOT_THERE,
        },
      },
    },
    '/api/v1/openapi.json': {
      get: {
        operationId: 'openapi',
        summary: 'This description.',
        responses: { 200: answer('OpenAPI 3.1.', 'application/json', { type: 'object' }) },
      },
    },
  },
  components: { schemas: SCHEMAS },
};
