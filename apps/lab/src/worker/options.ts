/**
 * Run as a process of its own: prints the Worker's settings, as Miniflare takes them, for the configuration file that is
 * the first argument. Loading wrangler takes longer than starting the Worker, so the lab does it only after a change.
 */
import { unstable_getMiniflareWorkerOptions } from 'wrangler';

const config = process.argv[2];
if (config === undefined) throw new Error('Usage: node options.ts <wrangler.jsonc>');
// Rules for modules served the bundler: what runs is its result.
const { modulesRules: _, ...options } = unstable_getMiniflareWorkerOptions(config).workerOptions;
process.stdout.write(JSON.stringify(options));
