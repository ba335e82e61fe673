import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
);

describe('the raw judge', () => {
  it.each(files)('%s imports nothing but its own kind, so it runs in every host', (name) => {
    const text = readFileSync(join(import.meta.dirname, name), 'utf8');
    const imports = [...text.matchAll(/from '([^']+)'/g)].map((m) => m[1] ?? '');
    // Types of exercises and results, and what stands in this folder.
    expect(imports.filter((specifier) => !/^(\.\.?\/)+(raw\/)?[\w/-]*\.ts$/.test(specifier))).toEqual([]);
    expect(imports.filter((specifier) => /hosts|watch|report|state|chromium/.test(specifier))).toEqual([]);
    expect(text).not.toMatch(/\b(process|Buffer|Deno|require)\.\w/);
  });
});
