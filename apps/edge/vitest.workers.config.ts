import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { buildScripts } from './build/scripts.ts';

// Facts come with each request: nothing is fetched from the network.
process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false';
process.env.WRANGLER_SEND_METRICS = 'false';
// Its assets are read when the Worker starts.
await buildScripts();

/** The app as it is configured for deployment, in workerd, with `request.cf` as each kind of host sends it. */
export default defineConfig({
  plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.jsonc' } })],
  test: { name: 'edge in workerd', include: ['src/**/*.worker.test.ts'] },
});
