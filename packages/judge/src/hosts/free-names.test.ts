import { describe, expect, it } from 'vitest';
import { freeNames } from './free-names.ts';

async function free(js: string, prelude = ''): Promise<string[]> {
  const file = { js: prelude + js, lines: js.split('\n'), prelude: prelude.length };
  const found = await freeNames({ files: { 'a.ts': file } });
  return found.map(({ name, place }) => `${name} ${place.line}:${place.column}`);
}

describe('free names', () => {
  it('finds a forgotten import, where it is used first', async () => {
    const js = `import { frames } from './frames.ts';
      class Session {
        take(one) {
          for (const [id, value] of settingsOf(one)) this.set(id, value);
          return settingsOf(one);
        }
      }
      export { Session, frames };`;
    expect(await free(js)).toEqual(['settingsOf 4:37']);
  });

  it('knows what is declared, in whatever scope, and what every host has', async () => {
    const js = `import all, { a as b, type } from './x.ts';
      const { c, d: [e], ...f } = all;
      function* g(h, i = h) { label: for (const j of i) { yield b + j; continue label; } }
      class K { #p = 1; static m({ n }) { try { return n ?? arguments[0]; } catch (o) { return o; } } }
      export const q = async (r) => { await r; return new TextEncoder().encode(c + e + f + g + K + type); };`;
    expect(await free(js)).toEqual([]);
  });

  it('takes members, keys, texts and comments for what they are', async () => {
    const js = "// nothing here\nexport const a = { key: 1, 'other': `text` }; a.member = a?.thing; /* nor here */";
    expect(await free(js)).toEqual([]);
  });

  it('leaves alone who asks first, and counts columns without what stands in front of line 1', async () => {
    expect(await free("if (typeof Deno2 !== 'undefined') Deno2.run();")).toEqual([]);
    expect(await free('export const a = nobody;', 'const Buffer=undefined;')).toEqual(['nobody 1:18']);
  });
});
