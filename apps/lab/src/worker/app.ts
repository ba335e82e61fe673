import { join } from 'node:path';
import { projectRoot } from '../project.ts';
import type { BuildOptions } from './build.ts';

/** What the app's bundle is made of, below the project's root. */
const SOURCES = [
  'apps/edge',
  'packages/wire/src',
  'packages/trace/src',
  'packages/transport/src',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
];

/** How the project's own app is built: for the lab, and for whoever tests it. */
export function appBuild(stateDir: string): BuildOptions {
  return {
    config: join(projectRoot, 'apps/edge/wrangler.jsonc'),
    inputs: SOURCES.map((source) => join(projectRoot, source)),
    stateDir,
  };
}
