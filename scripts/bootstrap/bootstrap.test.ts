import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { tryChromium } from './chromium-candidates.mjs';
import { Failure } from './failure.mjs';
import { handOver, npmCommand, runLogged } from './processes.mjs';
import { Reporter } from './report.mjs';

const root = join(import.meta.dirname, '../..');
const entry = join(root, 'scripts/bootstrap.mjs');
const folder = mkdtempSync(join(tmpdir(), 'interleave boot '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a script on Node; its text may use `$entry`, the address of the bootstrap. */
function node(script: string, env: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> {
  const text = script.replaceAll('$entry', pathToFileURL(entry).href);
  const options = { encoding: 'utf8', env: { ...process.env, ...env } } as const;
  return spawnSync(process.execPath, ['--input-type=module', '-e', text], options);
}

describe('the bootstrap', () => {
  it('says on an old Node what is missing and what to do, and does nothing else', () => {
    const { status, stderr } = node(
      "Object.defineProperty(process.versions, 'node', { value: '16.20.2' }); await import('$entry');",
    );
    expect(status).toBe(1);
    expect(stderr).toContain('needs Node 18 or newer');
    expect(stderr).toContain('16.20.2');
  });

  it('names its commands when it does not know one', () => {
    const { status, stderr } = spawnSync(process.execPath, [entry, 'strat'], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('no command strat');
    expect(stderr).toContain('start, browser, check, test');
  });

  it('has a script in package.json for each command, and each command has one', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const known = /There are: (.*)\./.exec(spawnSync(process.execPath, [entry], { encoding: 'utf8' }).stderr)?.[1];
    const given = Object.keys(scripts).filter((name) => scripts[name] === `node scripts/bootstrap.mjs ${name}`);
    expect(known?.split(', ').sort()).toEqual(given.sort());
  });

  it('uses nothing that has to be installed first', () => {
    const files = [
      'main',
      'chromium',
      'chromium-worker',
      'chromium-candidates',
      'chromium-state',
      'dependencies',
    ].concat(['failure', 'lock', 'paths', 'pnpm', 'processes', 'report']);
    for (const file of files) {
      const text = readFileSync(join(import.meta.dirname, `${file}.mjs`), 'utf8');
      for (const [, specifier] of text.matchAll(/^import .* from '([^']+)';$/gm)) {
        expect(specifier, `${file}.mjs`).toMatch(/^(?:node:|\.\/)/);
      }
    }
  });
});

describe('a program in our place', () => {
  it('gives its exit code', async () => {
    expect(await handOver(process.execPath, ['-e', 'process.exit(7)'])).toBe(7);
  });

  it('gives 128 and the number of the signal that ended it', async () => {
    expect(await handOver(process.execPath, ['-e', "process.kill(process.pid, 'SIGTERM')"])).toBe(143);
  });

  it.skipIf(process.platform === 'win32')('gets our signals', async () => {
    const module = pathToFileURL(join(import.meta.dirname, 'processes.mjs')).href;
    const inner =
      "process.on('SIGTERM', () => { console.log('told'); process.exit(5); }); console.log('ready'); setInterval(() => {}, 1000);";
    const outer = `import { handOver } from ${JSON.stringify(module)};
      process.exitCode = await handOver(process.execPath, ['-e', ${JSON.stringify(inner)}]);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', outer], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => {
      if (text === '') child.kill('SIGTERM');
      text += chunk;
    });
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(5);
    expect(text).toContain('told');
  });
});

describe('a program with a log', () => {
  const log = join(folder, 'the log.txt');

  it('tells each line as it comes, and keeps the last ones', async () => {
    const lines: string[] = [];
    const script = "console.log('one'); console.error('two'); process.stdout.write('three'); process.exitCode = 4;";
    const args = ['-e', script];
    const { code, tail } = await runLogged({
      command: process.execPath,
      args,
      log,
      onLine: (line: string) => lines.push(line),
    });
    expect(code).toBe(4);
    expect([...lines].sort()).toEqual(['one', 'two']);
    expect(tail).toEqual(expect.arrayContaining(['one', 'two']));
    expect(readFileSync(log, 'utf8')).toContain('three');
  });

  it('is ended when it says nothing for too long', async () => {
    const args = ['-e', 'setInterval(() => {}, 1000)'];
    expect(await runLogged({ command: process.execPath, args, log, quietMs: 200 })).toMatchObject({ silent: true });
  });

  it('that is not there is a result, not a crash', async () => {
    const { code } = await runLogged({ command: join(folder, 'nothing'), args: [], log });
    expect(code).toBe(127);
  });
});

describe('npm', () => {
  it('is started through its script, since npm.cmd cannot be started without a shell', () => {
    const npm = npmCommand();
    expect(npm?.command).toBe(process.execPath);
    expect(npm?.args[0]).toMatch(/npm-cli\.[cm]?js$/);
  });
});

describe('a Chromium', () => {
  it('that is not there is no Chromium', async () => {
    expect((await tryChromium(join(folder, 'chrome'))).fault).toBe('is not there');
  });

  it.skipIf(process.platform === 'win32')('that lacks a library is named with the library', async () => {
    const path = join(folder, 'broken chrome');
    const said = 'chrome: error while loading shared libraries: libnss3.so: cannot open shared object file';
    writeFileSync(path, `#!/bin/sh\necho '${said}' >&2\nexit 127\n`, { mode: 0o755 });
    expect((await tryChromium(path)).fault).toBe('does not start: libnss3.so is missing');
  });

  it.skipIf(process.platform === 'win32')('that answers is taken, with its version', async () => {
    const path = join(folder, 'good chrome');
    writeFileSync(path, "#!/bin/sh\necho 'Chromium 156.0.8078.79 built on Debian'\n", { mode: 0o755 });
    expect(await tryChromium(path)).toEqual({ version: '156.0.8078.79', fault: null });
  });
});

describe('what people see', () => {
  const sink = (): { stream: Writable; text: () => string } => {
    let text = '';
    const stream = new Writable({
      write(chunk, _, done) {
        text += chunk;
        done();
      },
    });
    return { stream, text: () => text };
  };

  it('is plain lines where there is no terminal', () => {
    const { stream, text } = sink();
    const reporter = new Reporter(stream as unknown as typeof process.stderr, {});
    const step = reporter.step('Dependencies');
    step.update('1 of 3', 1, 3);
    step.end('3 packages');
    expect(text()).not.toContain('\r');
    expect(text()).toMatch(/^ {2}Dependencies …\n {2}Dependencies +3 packages · [\d.]+ s\n$/);
  });

  it('is one line that is rewritten on a terminal', () => {
    const { stream, text } = sink();
    const terminal = Object.assign(stream, { isTTY: true, columns: 60 });
    const step = new Reporter(terminal as unknown as typeof process.stderr, {}).step('Dependencies');
    step.update('1 of 2 packages with a long name that does not fit into the line', 1, 2);
    step.end();
    const shown = text().split('\r\u001b[2K');
    expect(shown.every((line) => line.replace('\n', '').length < 60)).toBe(true);
    expect(shown.some((line) => line.includes('██████████░░░░░░░░░░'))).toBe(true);
  });

  it('of a failure is what was tried and what to type', () => {
    const text = new Failure('It did not work.', {
      tried: ['this'],
      remedy: ['npm start'],
      log: 'install.log',
    }).toText();
    expect(text).toContain('What was tried\n    this');
    expect(text).toContain('What to type\n    npm start');
    expect(text).toContain('install.log');
  });
});
