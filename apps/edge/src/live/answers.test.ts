import { expect, it } from 'vitest';
import { labCf } from '../cf-examples.ts';
import app from '../index.tsx';

function ask(path: string, init: RequestInit = {}): Promise<Response> | Response {
  const request = new Request(`https://localhost:4111${path}`, init);
  return app.fetch(Object.defineProperty(request, 'cf', { value: labCf() }), {});
}

it('each request has a path of its own, and the answer carries the id that it brought', async () => {
  const response = await ask('/asked/abc-123?r=abc-123');
  expect(response.status).toBe(200);
  expect(response.headers.get('x-conn')).toContain('rid=abc-123');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect((await ask('/asked/%3Cscript%3E')).status).toBe(404);
  expect((await ask(`/asked/${'a'.repeat(41)}`)).status).toBe(404);
});

it('content comes in pieces for as long as was asked, and no longer than the bound', async () => {
  const response = await ask('/asked/a?drip=150');
  expect(await response.text()).toBe('1 to come\n0 to come\n');
  expect(await (await ask('/asked/a?drip=-5')).text()).toBe('Here you are.\n');
});

it('HEAD has no content, and what is posted is counted and bounded', async () => {
  expect(await (await ask('/asked/a', { method: 'HEAD' })).text()).toBe('');
  expect(await (await ask('/asked/a', { method: 'POST', body: 'four' })).text()).toContain('You sent 4 characters');
  expect((await ask('/asked/a', { method: 'POST', body: 'x'.repeat(4_097) })).status).toBe(413);
});

it('one answer of this app may be kept, by its browser alone', async () => {
  expect((await ask('/kept')).headers.get('cache-control')).toBe('private, max-age=600');
  expect((await ask('/')).headers.get('cache-control')).toBe('no-store');
});
