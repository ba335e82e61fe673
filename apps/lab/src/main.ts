import { cac } from 'cac';
import { browserCommand } from './commands/browser.ts';
import { startCommand } from './commands/start.ts';

const cli = cac('interleave');

cli
  .command('start', 'Start the lab: listeners, Worker and workshop')
  .option('--port <port>', 'Port of the home page', { default: 4100 })
  .option('--no-workshop', 'Only the app, no exercises in this terminal')
  .option('--no-browser', 'Bring no Chromium: the raw judge alone answers')
  .option('--edit-cmd <command>', 'Open the file to edit with this command')
  .option('--once', 'Start, show the addresses and stop: a test of the installation')
  .action((options: { port: number; workshop: boolean; browser: boolean; editCmd?: string; once?: boolean }) =>
    run(() =>
      startCommand({
        port: options.port,
        workshop: options.workshop,
        browser: options.browser,
        editCommand: options.editCmd ?? null,
        once: options.once ?? false,
      }),
    ),
  );

cli
  .command('browser [address]', "Open a Chromium that trusts the lab's certificate")
  .action((address: string | undefined) => run(() => browserCommand(address)));

cli.help();

try {
  cli.parse(process.argv, { run: false });
  if (cli.matchedCommand === undefined && !cli.options.help) {
    const [name] = cli.args;
    if (name !== undefined) throw new Error(`The lab has no command ${name}. Use start or browser.`);
    cli.outputHelp();
  }
  await cli.runMatchedCommand();
} catch (error) {
  fail(error);
}

async function run(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): void {
  process.stderr.write(`\n  ${error instanceof Error ? error.message.replaceAll('\n', '\n  ') : String(error)}\n\n`);
  process.exitCode = 1;
}
