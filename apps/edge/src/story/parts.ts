import { type BytesCaret, bytesHtml } from '@interleave/trace/look';

/** A part of some bytes that has a meaning; `to` is exclusive. */
export interface ByteParts {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** Bytes with a title and their parts drawn, as HTML. Narrow screens get half a row. */
export function partsHtml(
  title: string,
  bytes: Uint8Array,
  parts: readonly ByteParts[],
  more: { readonly caret?: BytesCaret; readonly columns?: number; readonly base?: number } = {},
): string {
  const fields = parts.filter(({ from, to }) => from < to && from < bytes.length);
  return `<div class="bytes-box"><p class="bytes-title">${title}</p>${bytesHtml({ bytes, fields, ...more })}</div>`;
}
