import { describe, expect, it } from 'vitest';
import { analyse } from './analyse.ts';
import { anonymiser } from './anonymise.ts';
import { compare } from './compare.ts';
import type { Recording } from './model.ts';
import { comparisonJson, reportJson } from './output/json.ts';
import { comparisonMarkdown, reportMarkdown, text } from './output/markdown.ts';
import { comparisonText, reportText } from './output/text.ts';
import { type ExchangeParts, recordingOf, withoutFields } from './testing/recording.ts';

const short = (host: string, closes: boolean): ExchangeParts[] =>
  Array.from({ length: 4 }, (_, i) => ({
    url: `https://${host}/api/${i}?user=ann`,
    protocol: 'http/1.1',
    address: '192.0.2.7',
    page: 'page_0',
    connection: closes ? i : 0,
    start: i * 200,
    timings: { connect: closes || i === 0 ? 80 : null, wait: 20 },
    responseFields: { ...(closes && { connection: 'close' }) },
  }));
const recording = (closes = true): Recording =>
  recordingOf({
    pages: [{ title: 'Shop of private.example', onLoad: 900 }],
    exchanges: short('private.example', closes),
  });
const netlog = (incidents: Parameters<typeof recordingOf>[0]['incidents'] = []): Recording =>
  recordingOf({ kind: 'netlog', exchanges: short('private.example', false), incidents });

/** Everything that comes out, in all three forms. */
const outputs = (each: Recording): string[] => {
  const report = analyse(each);
  return [JSON.stringify(reportJson(report)), reportMarkdown(report), reportText(report)];
};

describe('analyse', () => {
  it('says one sentence that is true', () => {
    expect(analyse(recording()).sentence).toBe(
      '4 exchanges on 4 connections to 1 host; 3 connections were avoidable; at most 240 ms of 900 ms.',
    );
    expect(analyse(recording(false)).sentence).toBe(
      '4 exchanges on 1 connection to 1 host; no connection is shown to have been avoidable.',
    );
    expect(analyse(recordingOf({})).sentence).toBe('This file holds no exchange that went over the network.');
  });

  it('calls inferred connections a lower bound', () => {
    const inferred = recordingOf({ exchanges: short('a.example', true), connections: [{ sure: 'inferred' }] });
    expect(analyse(inferred).sentence).toContain('on at least 4 connections');
  });

  it('puts what may have happened twice before what took long', () => {
    const url = 'https://private.example/order';
    const { findings } = analyse(
      netlog([
        { kind: 'send-window-stall', at: 0, until: 800, of: 'session', connection: 0 },
        { kind: 'restart', at: 5, netError: -100, method: 'GET', url },
        { kind: 'restart', at: 5, netError: -100, method: 'POST', url },
      ]),
    );
    expect(findings.map(({ rule, isGrave }) => [rule, isGrave])).toEqual([
      ['sent-twice', true],
      ['one-connection-full', false],
      ['sent-twice', false],
    ]);
  });

  it('says what the file cannot answer, and invents nothing without its fields', () => {
    const report = analyse(withoutFields(recording()));
    expect(report.findings).toEqual([]);
    expect(report.cannotTell.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['six-limit', 'never-used', 'sent-twice']),
    );
    expect(report.totals).toMatchObject({ connections: 0, ofMs: null, atMostMs: 0 });
    for (const each of outputs(withoutFields(recording()))) expect(each).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('survives numbers that no clock has', () => {
    const wild = recordingOf({
      exchanges: [
        ...short('a.example', true).map((each) => ({ ...each, start: Number.NaN })),
        {
          url: 'https://a.example/',
          start: 5,
          end: 1,
          timings: { blocked: -1, connect: Number.POSITIVE_INFINITY, wait: Number.NaN },
        },
      ],
    });
    for (const each of outputs(wild)) expect(each).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('draws a lane for each connection', () => {
    const [timeline, ...more] = analyse(recording()).timelines();
    expect(more).toEqual([]);
    expect(timeline?.lanes.map(({ exchanges, beginning }) => [exchanges.length, beginning])).toEqual(
      Array(4).fill([1, 'new']),
    );
    expect(timeline?.lanes[1]?.exchanges[0]?.phases).toEqual([
      { phase: 'handshake', from: 200, to: 280 },
      { phase: 'server', from: 280, to: 300 },
    ]);
  });

  it('looks at 50,000 entries in a moment', () => {
    const many = Array.from(
      { length: 50_000 },
      (_, i): ExchangeParts => ({
        ...(short('a.example', true)[0] ?? {}),
        url: `https://h${i % 50}.example/${i}`,
        connection: i % 5000,
        start: i,
        timings: { blocked: 60, connect: i % 3 === 0 ? 5 : null, wait: 400 },
      }),
    );
    const { connections, ...rest } = recordingOf({ exchanges: many.map((each) => ({ ...each, connection: null })) });
    const own: number[][] = Array.from({ length: 5000 }, () => []);
    const exchanges = rest.exchanges.map((each, i) => {
      own[i % 5000]?.push(i);
      return { ...each, connection: i % 5000 };
    });
    const [like] = recording().connections;
    if (like === undefined) throw new Error('There is no connection to copy.');
    const all = own.map((list, i) => ({ ...like, id: String(i), host: `h${i % 50}.example`, exchanges: list }));
    expect(connections).toEqual([]);
    expect(analyse({ ...rest, exchanges, connections: all }).totals.exchanges).toBe(50_000);
  });
});

describe('compare', () => {
  it('says what went, what came and what stayed', () => {
    const [closes, kept] = [analyse(recording()), analyse(recording(false))];
    expect(compare(closes, kept)).toMatchObject({ went: [{ rule: 'short-connections' }], came: [], stayed: [] });
    expect(compare(kept, closes)).toMatchObject({ went: [], came: [{ rule: 'short-connections' }], stayed: [] });
    expect(compare(closes, closes).stayed).toHaveLength(1);
  });

  it('calls nothing gone that the second file could not show', () => {
    const twice = netlog([
      { kind: 'restart', at: 5, netError: -100, method: 'POST', url: 'https://private.example/order' },
    ]);
    const both = compare(analyse(twice), analyse(recording(false)));
    expect(both).toMatchObject({ went: [], unknown: [{ in: 'before', finding: { rule: 'sent-twice' } }] });
    for (const each of [comparisonText(both), comparisonMarkdown(both), JSON.stringify(comparisonJson(both))]) {
      expect(each).toContain('sent-twice');
    }
  });
});

describe('anonymiser', () => {
  it('lets no host, address, query or title through', () => {
    const shown = outputs(
      anonymiser()({
        ...recording(),
        warnings: [{ place: 'log.entries[0]', message: 'private.example is strange' }],
      }),
    );
    for (const each of shown) {
      expect(each).toContain('host-1.example');
      expect(each).not.toMatch(/private|192\.0\.2|user=|ann\b|Shop of/);
    }
  });

  it('gives one host the same name in two files, so that they can be compared', () => {
    const hide = anonymiser();
    const both = compare(analyse(hide(recording())), analyse(hide(recording())));
    expect(both.stayed).toHaveLength(1);
  });

  it('changes nothing in what is found', () => {
    const rules = (each: Recording): string[] =>
      analyse(each).findings.map(({ rule, atMostMs }) => `${rule} ${atMostMs}`);
    expect(rules(anonymiser()(recording()))).toEqual(rules(recording()));
  });
});

describe('output', () => {
  const evil = 'x<script>alert(1)</script>*_[a](b)|`\u001b[31m\u202e';
  const hostile = {
    ...recording(),
    writer: evil,
    exchanges: recording().exchanges.map((each) => ({
      ...each,
      host: evil,
      place: evil,
      url: `https://${evil}/${evil}`,
    })),
  };

  it('lets no control character of the file reach the terminal', () => {
    expect(reportText(analyse(hostile)).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('lets nothing of the file be Markdown or HTML', () => {
    const markdown = reportMarkdown(analyse(hostile));
    expect(markdown).not.toMatch(/(?<!\\)<script|(?<!\\)\[a|(?<!\\)\*_/);
    expect(text('see https://a.example and www.b.example')).toBe('see https:\\/\\/a.example and www\\.b.example');
  });

  it('keeps its version and its members', () => {
    const json = reportJson(analyse(recording()));
    expect(json).toMatchObject({ format: 'interleave-report', version: 1 });
    expect(Object.keys(json)).toEqual([
      'format',
      'version',
      'startedAt',
      'tells',
      'sentence',
      'totals',
      'findings',
      'notes',
      'cannotTell',
      'connections',
      'exchanges',
      'incidents',
    ]);
  });
});
