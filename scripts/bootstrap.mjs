#!/usr/bin/env node
// The only file that an old Node has to parse: no newer syntax here, and everything else is imported after the check.
const OLDEST = 18;

if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  process.stderr.write(
    [
      '',
      `  Interleave needs Node ${OLDEST} or newer to start. This is Node ${process.versions.node} (${process.execPath}).`,
      '  Bring a newer one from https://nodejs.org, then type the same command again.',
      '  Any version from there on does: the project brings the one it runs on by itself.',
      '',
      '',
    ].join('\n'),
  );
  process.exitCode = 1;
} else {
  import('./bootstrap/main.mjs')
    .then(({ main }) => main(process.argv.slice(2)))
    .then((code) => {
      process.exitCode = code;
    });
}
