import { count, escapeMarkup } from '@interleave/trace/look';
import { endedOrder, type Frame, turns } from './multiplexing-run.ts';
import { NAMES } from './names.ts';

const ROW = 22;
const BAR = 15;

/**
 * Frames as SVG: on top the connection as TCP carries it, one row of bytes; below it the same frames sorted by their number,
 * each at its place in the connection. Without `numbers` there is only the one row.
 */
export function frameStrip(frames: readonly Frame[], width: number, numbers: boolean): string {
  const gutter = width < 480 ? 64 : 92;
  const total = Math.max(1, ...frames.map(({ offset, length }) => offset + length));
  const scale = (bytes: number): number => gutter + (bytes / total) * (width - gutter - 4);
  const streams = numbers ? [...new Set(frames.filter(({ name }) => name !== null).map(({ stream }) => stream))] : [];
  streams.sort((a, b) => a - b);
  const height = (streams.length + 1) * ROW + 30;
  const title = `${count(frames.length, 'frame')} on one connection, ${numbers ? `sorted into ${count(streams.length, 'stream')}` : 'as TCP carries them'}.`;
  const rows = [
    row('bytes', frames, 0, scale),
    ...streams.map((stream, i) => {
      const own = frames.filter((frame) => frame.stream === stream);
      return row(`/${own[0]?.name} · ${stream}`, own, (i + 1) * ROW + 6, scale);
    }),
  ];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="tl strip p-h2" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="strip-t" aria-describedby="strip-d">` +
    `<title id="strip-t">${title}</title><desc id="strip-d">${escapeMarkup(stripWords(frames))}</desc>` +
    `${rows.join('')}${axis(total, scale, height)}</svg>`
  );
}

function row(label: string, frames: readonly Frame[], y: number, scale: (bytes: number) => number): string {
  const bars = frames.map((frame) => {
    const x = scale(frame.offset);
    const w = Math.max(0.75, scale(frame.offset + frame.length) - x - 0.6);
    const letter =
      frame.name !== null && w > 9
        ? `<text class="strip-letter" x="${(x + w / 2).toFixed(1)}" y="${y + 11.5}">${frame.name}</text>`
        : '';
    return `<g><title>${escapeMarkup(frameWords(frame))}</title><rect class="${look(frame)}" x="${x.toFixed(1)}" y="${y}" width="${w.toFixed(1)}" height="${BAR}"/>${letter}</g>`;
  });
  return `<text class="strip-name" x="0" y="${y + 12}">${escapeMarkup(label)}</text>${bars.join('')}`;
}

/** Told apart by shade: content, heads of messages, what concerns the connection. */
function look({ kind, name }: Frame): string {
  return kind === 'data'
    ? NAMES.indexOf(name ?? '') % 2 === 0
      ? 'tl-response'
      : 'strip-other'
    : kind === 'headers'
      ? 'tl-sign strip-head'
      : 'tl-server';
}

function axis(total: number, scale: (bytes: number) => number, height: number): string {
  const step = [1_000, 2_000, 5_000, 10_000, 20_000, 50_000].find((size) => total / size <= 5) ?? 100_000;
  const marks: string[] = [];
  for (let at = 0; at <= total; at += step) {
    const x = scale(at).toFixed(1);
    const anchor = at === 0 ? ' class="tl-tick strip-first"' : ' class="tl-tick"';
    marks.push(
      `<path class="tl-grid" d="M${x} ${height - 24}V${height - 18}"/><text${anchor} x="${x}" y="${height - 5}">${at === 0 ? 'byte 0' : at}</text>`,
    );
  }
  return marks.join('');
}

/** One frame in words, with its place on both rulers. */
export function frameWords({ kind, stream, name, offset, length, streamOffset, payload, end }: Frame): string {
  const whose = name === null ? 'the connection itself' : `stream ${stream}, /${name}`;
  const own =
    streamOffset === null || payload === 0
      ? ''
      : `; bytes ${streamOffset} to ${streamOffset + payload - 1} of its stream`;
  return `${kind.toUpperCase()}, ${whose}: bytes ${offset} to ${offset + length - 1} of the connection${own}${end ? '; ends the stream' : ''}`;
}

function stripWords(frames: readonly Frame[]): string {
  const data = frames.filter(({ kind }) => kind === 'data').length;
  return `${data} frames of content, the stream changes ${turns(frames)} times. Streams end in the order ${endedOrder(frames).join(', ')}.`;
}

/** The same as a table. */
export function frameTable(frames: readonly Frame[]): string {
  const rows = frames.map(
    (f, i) =>
      `<tr><th scope="row">${i + 1}</th><td>${escapeMarkup(f.kind.toUpperCase())}</td><td>${f.stream === 0 ? 'none' : f.stream}</td><td>${f.name === null ? '' : `/${f.name}`}</td><td>${f.offset}–${f.offset + f.length - 1}</td><td>${f.streamOffset === null || f.payload === 0 ? '' : `${f.streamOffset}–${f.streamOffset + f.payload - 1}`}</td><td>${f.end ? 'yes' : ''}</td></tr>`,
  );
  return `<table class="results"><thead><tr><th scope="col">frame</th><th scope="col">type</th><th scope="col">stream</th><th scope="col">answers</th><th scope="col">bytes of the connection</th><th scope="col">bytes of its stream</th><th scope="col">ends it</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
