#!/usr/bin/env node
import { existsSync } from 'node:fs';

// In the project nothing is built, and the Node at hand may be too old to run its sources: the bootstrap brings one.
const project = new URL('../../../scripts/bootstrap.mjs', import.meta.url);
if (existsSync(new URL('../src/main.ts', import.meta.url)) && existsSync(project)) {
  process.argv.splice(1, 1, project.pathname, 'interleave');
  await import(project.href);
} else {
  await import('../dist/main.js');
}
