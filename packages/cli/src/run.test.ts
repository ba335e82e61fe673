import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { RULE_IDS } from '@interleave/trace/report';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './run.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interleave-cli-'));
  await writeFile(join(folder, 'closes.har'), har('close'));
  await writeFile(join(folder, 'keeps.har'), har(null));
  await writeFile(join(folder, 'page.har'), '<!doctype html><title>Not found</title>');
});
afterAll(() => rm(folder, { recursive: true }));

/** Four requests, one after the other: each on a connection of its own, or all on one. */
function har(connection: 'close' | null): string {
  const entries = Array.from({ length: 4 }, (_, i) => {
    const connect = connection === 'close' || i === 0 ? 80 : -1;
    return {
      startedDateTime: new Date(1_760_000_000_000 + i * 500).toISOString(),
      time: 120,
      connection: connection === 'close' ? String(100 + i) : '100',
      serverIPAddress: '192.0.2.7',
      request: {
        method: 'GET',
        url: `https://secret.example/api/${i}?user=ann`,
        httpVersion: 'HTTP/1.1',
        headers: [],
        cookies: [],
        queryString: [],
        headersSize: -1,
        bodySize: 0,
      },
      response: {
        status: 200,
        statusText: 'OK',
        httpVersion: 'HTTP/1.1',
        headers: connection === null ? [] : [{ name: 'Connection', value: connection }],
        cookies: [],
        content: { size: 2, mimeType: 'text/plain' },
        redirectURL: '',
        headersSize: -1,
        bodySize: 2,
      },
      cache: {},
      timings: { blocked: 0, dns: -1, connect, ssl: -1, send: 0, wait: 30, receive: 1 },
    };
  });
  return JSON.stringify({ log: { version: '1.2', creator: { name: 'Test', version: '1' }, pages: [], entries } });
}

async function interleave(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return interleaveOn('', ...args);
}

async function interleaveOn(input: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const into = (list: string[]) => ({ write: (text: string) => list.push(text) });
  const stdin = Readable.from([Buffer.from(input)]);
  const code = await run(args, { stdin, stdout: into(out), stderr: into(err), folder, isColoured: false });
  return { code, out: out.join(''), err: err.join('') };
}

describe('interleave analyse', () => {
  it('says what need not have been', async () => {
    const { code, out, err } = await interleave('analyse', 'closes.har');
    expect(out).toMatch(/^4 exchanges on 4 connections to 1 host; 3 connections were avoidable/);
    expect(out.replace(/\s+/g, ' ')).toContain('The server sent Connection: close on all 4.');
    expect([code, err]).toEqual([0, '']);
  });

  it('reads standard input, and writes JSON and Markdown of it', async () => {
    const { code, out } = await interleaveOn(har('close'), 'analyse', '-', '--json');
    expect(JSON.parse(out)).toMatchObject({
      format: 'interleave-report',
      version: 1,
      findings: [{ rule: 'short-connections' }],
    });
    expect(code).toBe(0);
    expect((await interleaveOn(har('close'), 'analyse', '-', '--markdown')).out).toMatch(
      /^# Standard input\n\n## What this file can tell/,
    );
  });

  it('fails on the rules that are named, and on no other', async () => {
    const codeOf = async (...args: string[]): Promise<number> => (await interleave('analyse', ...args)).code;
    expect(await codeOf('closes.har', '--fail-on', 'short-connections')).toBe(1);
    expect(await codeOf('closes.har', '--fail-on', 'six-limit,short-connections')).toBe(1);
    expect(await codeOf('closes.har', '--fail-on', 'six-limit', 'short-connections')).toBe(1);
    expect(await codeOf('closes.har', '--fail-on', 'any')).toBe(1);
    expect(await codeOf('closes.har', '--fail-on', 'six-limit')).toBe(0);
    expect(await codeOf('keeps.har', '--fail-on', 'any')).toBe(0);
  });

  it('compares two files, and judges the second', async () => {
    const both = await interleave('analyse', '--compare', 'closes.har', 'keeps.har', '--fail-on', 'any');
    expect(both.out).toContain('Went (1)');
    expect(both.code).toBe(0);
    expect((await interleave('analyse', '--compare', 'keeps.har', 'closes.har', '--fail-on', 'any')).code).toBe(1);
    const json = JSON.parse((await interleave('analyse', '--compare', '--json', 'closes.har', 'keeps.har')).out);
    expect(json).toMatchObject({
      format: 'interleave-comparison',
      went: [{ rule: 'short-connections' }],
      came: [],
      stayed: [],
    });
  });

  it('writes no host, address or query when they are to be hidden', async () => {
    for (const form of ['--json', '--markdown', '--compare']) {
      const { out } = await interleave('analyse', 'closes.har', 'closes.har', form, '--anonymise');
      expect(out).toContain('host-1.example');
      expect(out).not.toMatch(/secret|192\.0\.2|ann\b|closes\.har/);
    }
  });

  it('reports the other files when one cannot be read', async () => {
    const { code, out, err } = await interleave('analyse', 'gone.har', 'page.har', 'keeps.har');
    expect(err).toContain('gone.har: There is no such file.');
    expect(err).toMatch(/page\.har: Cannot read this file: it is a web page .*\(byte 0\)/);
    expect(out).toContain('4 exchanges on 1 connection');
    expect(code).toBe(2);
  });

  it.each([
    [['analyse'], 'No file is named'],
    [['analyse', 'a.har', '--fail-on', 'six-limits'], `Rules are: ${RULE_IDS.join(', ')}`],
    [['analyse', 'a.har', '--jsn'], '--json, --markdown'],
    [['analyse', 'a.har', '--json', '--markdown'], 'choose one'],
    [['analyse', '--compare', 'a.har'], 'two files'],
    [['analyse', '-', '-'], 'once only'],
    [['analyze-this'], 'There is: analyse'],
  ])('%j cannot be followed, and the message says what can', async (args, message) => {
    const { code, out, err } = await interleave(...args);
    expect(err).toContain(message);
    expect([code, out]).toEqual([2, '']);
  });

  it('lists rules and exit codes in its help', async () => {
    const { code, out } = await interleave('analyse', '--help');
    for (const rule of RULE_IDS) expect(out).toContain(rule);
    expect(out).toContain('Exit codes');
    expect(code).toBe(0);
  });

  it('shows progress on a terminal, and takes it back', async () => {
    const err: string[] = [];
    const stderr = { write: (text: string) => err.push(text), isTTY: true };
    await run(['analyse', 'keeps.har'], {
      stdin: Readable.from([]),
      stdout: { write: () => true },
      stderr,
      folder,
      isColoured: false,
    });
    expect(err[0]).toContain('Reading keeps.har: 100 %');
    expect(err.at(-1)).toBe('\r\u001b[K');
  });

  it('is a process with the same exit codes', async () => {
    const main = join(import.meta.dirname, 'main.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'analyse', 'closes.har'], { cwd: folder });
    expect(stdout).toContain('short-connections');
    const failing = promisify(execFile)(process.execPath, [main, 'analyse', 'closes.har', '--fail-on', 'any'], {
      cwd: folder,
    });
    await expect(failing).rejects.toMatchObject({ code: 1 });
  });
});
