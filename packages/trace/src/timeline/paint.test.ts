import { describe, expect, it } from 'vitest';
import { MIXED, ORDERED } from './examples.ts';
import type { Timeline } from './model.ts';
import { timelineSvg } from './svg.ts';
import { timelineTable, timelineTableHtml } from './table.ts';
import { timelineText } from './terminal.ts';

const HOSTILE = '</text><script>alert(1)</script>"\' \u001b[2J\u202e';
const hostile: Timeline = {
  title: HOSTILE,
  lanes: [
    {
      id: HOSTILE,
      label: HOSTILE,
      kind: 'connection',
      protocol: 'h2',
      openedAt: 0,
      closedAt: 9,
      beginning: 'new',
      exchanges: [
        {
          id: HOSTILE,
          label: HOSTILE,
          nth: 1,
          outcome: 'open',
          phases: [{ phase: 'server', from: 1, to: 8 }],
          href: 'javascript:"><script>',
        },
      ],
      marks: [{ at: 9, kind: 'problem', label: HOSTILE }],
    },
  ],
};

/** Every tag closed in order, every attribute quoted: what an XML parser asks for. */
function unclosed(markup: string): string[] {
  const open: string[] = [];
  for (const [, slash, name = '', rest = ''] of markup.matchAll(/<(\/?)([\w-]+)((?:\s+[\w:-]+="[^"<]*")*\s*\/?)>/g)) {
    if (slash) expect(open.pop()).toBe(name);
    else if (!rest.endsWith('/')) open.push(name);
  }
  expect(markup.replace(/<\/?[\w-]+(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g, '')).not.toMatch(/[<>]/);
  return open;
}

describe('SVG', () => {
  it.each([
    ['mixed', MIXED],
    ['ordered', ORDERED],
    ['hostile', hostile],
    ['empty', { title: 'Nothing yet', lanes: [] }],
  ])('is well formed and has no style attribute, script or outside reference (%s)', (_, timeline) => {
    for (const width of [720, 350]) {
      const svg = timelineSvg(timeline, { width });
      expect(unclosed(svg)).toEqual([]);
      expect(svg).not.toMatch(/style=|<script|url\((?!#)/);
    }
  });

  it('says in words what it shows', () => {
    const svg = timelineSvg(MIXED, { idPrefix: 'x' });
    expect(svg).toContain('aria-labelledby="x-t"');
    expect(svg).toContain('<title id="x-t">Three connections carried eight exchanges</title>');
    expect(svg).toMatch(/<desc id="x-d">Connection A, HTTP\/1\.1, new, 3 exchanges: GET \/, exchange 1, 5\.4 ms/);
    expect(svg).toContain('Connection B, HTTP/2, resumed');
  });

  it('carries its own colours, light and dark, when it is a file of its own', () => {
    expect(timelineSvg(MIXED, { standalone: true })).toContain('prefers-color-scheme:dark');
    expect(timelineSvg(MIXED)).not.toContain('<style>');
  });
});

describe('terminal', () => {
  it('draws connections as lanes and exchanges as bars in 80 columns', () => {
    const text = timelineText(MIXED);
    expect(text.split('\n').every((line) => line.length <= 80)).toBe(true);
    expect(text).toMatchInlineSnapshot(`
      "new                 1 GET /          2      3 GET /api/v1/request?r=a2
      A h1          ●≈≈≈≈─▸▒▒█ idle 12.4 s ▸▒▒██──▸▒▒██────────────────────────────┄
      resumed                                                  1 GET /x        GOAWAY
      B h2                          ╱╱                       ◐≈┄▸▒▒██──────────⚑
                                                                2 GET /y
                                    ╱╱                          ▸▒▒██
                                                                 3 GET /z
                                    ╱╱                           ░░░░▸▒▒█✕
      0-RTT           1 earlier exchange                                   2 GET /q
      C h3         ┄────────────────╱╱─────────────────────────────────────▸▒▒██───✕
                    └0                   └0               └20 ms            └40 ms"
    `);
  });

  it('draws order without times', () => {
    expect(timelineText(ORDERED)).toMatchInlineSnapshot(`
      "new                    1 GET /a                    2 GET /b   FIN, by the client
      c1 h1         ●────────▸▸▸▸▸▸▸▸▸▒▒▒▒▒▒▒▒▒█████████─▸▸▸▸▸▸▸▸█████████─────────┤"
    `);
  });

  it('uses colour only when asked, and no control character of a peer ever', () => {
    expect(timelineText(hostile)).not.toMatch(/\p{Cc}(?<!\n)|\p{Cf}/u);
    expect(timelineText(MIXED, { colour: true })).toContain('\u001b[38;5;');
  });
});

describe('table', () => {
  it('has a row for each exchange and mark, in order of time', () => {
    const table = timelineTable(MIXED);
    expect(table.rows).toHaveLength(9);
    expect(table.rows[0]).toEqual([
      'A (new)',
      'HTTP/1.1',
      '1',
      'GET /',
      '+6.2 ms',
      '5.4 ms',
      'request 0.4 ms, server 3 ms, response 2 ms',
    ]);
    expect(table.rows.map((r) => r[3])).toContain('GET /z (failed)');
    expect(table.rows.at(-1)?.[3]).toBe('rst, by the client');
  });

  it('is safe and well formed as HTML', () => {
    expect(unclosed(timelineTableHtml(hostile))).toEqual([]);
  });
});
