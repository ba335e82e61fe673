/** `npm run deploy [options of wrangler deploy]`: builds the app and puts it on Cloudflare Workers. `--dry-run` only builds. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const app = join(import.meta.dirname, '../../apps/edge');
const wrangler = [join(app, 'node_modules/wrangler'), join(app, '../../node_modules/wrangler')].find((folder) =>
  existsSync(folder),
);
if (wrangler === undefined) {
  console.error(
    '  wrangler is not installed. Remove node_modules and type the same command again: everything comes anew.',
  );
  process.exit(1);
}

const child = spawn(process.execPath, [join(wrangler, 'bin/wrangler.js'), 'deploy', ...process.argv.slice(2)], {
  cwd: app,
  stdio: 'inherit',
});
child.once('error', (error) => {
  console.error(`  wrangler could not be started: ${error.message}`);
  process.exitCode = 1;
});
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
  if (code === 0) return;
  console.error(
    [
      '',
      '  wrangler did not deploy; what it says stands above.',
      '  Not logged in? Type `npx wrangler login`, or set CLOUDFLARE_API_TOKEN, then `npm run deploy` again.',
      '',
    ].join('\n'),
  );
});
