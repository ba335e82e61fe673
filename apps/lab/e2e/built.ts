import { join } from 'node:path';
import { labCertificate } from '../src/certificates.ts';
import { projectRoot } from '../src/project.ts';
import { buildWorker, type WorkerBundle } from '../src/worker/build.ts';

/** A state folder of its own, kept between runs for the sake of the built Worker. */
export const stateDir: string = join(projectRoot, '.interleave', 'e2e-lab');

/** The Worker as it is deployed, built anew only where its sources changed. */
export function built(): Promise<WorkerBundle> {
  return buildWorker({
    config: join(projectRoot, 'apps/edge/wrangler.jsonc'),
    inputs: ['apps/edge', 'packages/wire/src', 'packages/trace/src', 'packages/transport/src', 'pnpm-lock.yaml'].map(
      (path) => join(projectRoot, path),
    ),
    stateDir,
  });
}

/** Before the first test: the processes of Playwright find the Worker and the key made, and do not make them twice. */
export default async function prepare(): Promise<void> {
  await Promise.all([labCertificate(stateDir), built()]);
}
