import process from 'node:process';
import { run } from './run.ts';

// A reader that has seen enough, such as `head`, closes the pipe: no reason for a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  // `npm run` works in the project's folder, and names what it was called in.
  folder: (process.env.npm_lifecycle_event === 'analyse' ? process.env.INIT_CWD : undefined) ?? process.cwd(),
  isColoured: process.stdout.isTTY === true && !process.env.NO_COLOR,
});
