import { defineConfig } from 'vitest/config';
import { TEST_TIMEOUT } from '../../scripts/vitest/timeout.ts';

/** What runs on Deno's own sockets, and what is portable. The tests of Node's sockets are Node's. */
export default defineConfig({
  test: {
    name: 'transport in Deno',
    include: ['src/deno/**/*.deno.test.ts', 'src/web/**/*.test.ts', 'src/*.test.ts'],
    testTimeout: TEST_TIMEOUT,
    hookTimeout: TEST_TIMEOUT,
    pool: 'forks',
  },
});
