import { defineConfig } from 'vitest/config';

// The project's own tests: the bootstrap, the test command, the arrows between packages.
export default defineConfig({ test: { name: 'the project', include: ['scripts/**/*.test.ts'] } });
