import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { analyse, readRecording, reportJson, reportMarkdown, reportText } from './mod.ts';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..');
const folder = resolve(ROOT, process.env.VECTORS ?? '../shared/vectors', 'har');
if (!existsSync(folder) && process.env.VECTORS_REQUIRED) {
  throw new Error('No HAR files: set VECTORS to a folder that holds har/');
}
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.har')) : [];

describe.skipIf(files.length === 0)('files that browsers and tools wrote', () => {
  it.each(files)('%s gets a report without a hole', async (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const recording = await readRecording(text);
    expect(recording.complete).toBe(true);
    expect(recording.exchanges.length).toBe(JSON.parse(text.replace(/^\ufeff/, '')).log.entries.length);
    const carried = recording.connections.flatMap(({ exchanges }) => exchanges);
    expect(new Set(carried).size).toBe(carried.length);
    for (const { index, connection } of recording.exchanges) {
      if (connection !== null) expect(recording.connections[connection]?.exchanges).toContain(index);
    }
    const report = analyse(recording);
    for (const output of [reportText(report, {}), reportMarkdown(report), JSON.stringify(reportJson(report))]) {
      expect(output).not.toMatch(/NaN|undefined|Infinity|\[object/);
    }
  });
});
