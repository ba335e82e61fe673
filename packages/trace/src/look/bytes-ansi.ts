import { type Paint, type Style, terminalPaint } from './ansi.ts';
import { type BytesCell, type BytesView, bytesRows } from './bytes.ts';
import { visibleText } from './text.ts';

/** Bytes for the terminal, the same look as `bytesHtml`. Sixteen columns are 80 characters wide. */
export function bytesText(view: BytesView, options: { readonly colour?: boolean } = {}): string {
  const paint = terminalPaint({ colour: options.colour ?? false });
  const columns = view.columns ?? 16;
  const lines: string[] = [];
  for (const row of bytesRows(view)) {
    let hex = '';
    for (let i = 0; i < columns; i++) {
      const cell = row.cells[i];
      hex +=
        (i === 0 ? '' : paint(cell?.boundary ? '│' : ' ', 'hair')) +
        paint(cell?.hex ?? '  ', style(cell, i === row.caret));
    }
    const text = row.cells.map((cell, i) => paint(cell.char, style(cell, i === row.caret))).join('');
    lines.push(`${paint(row.offset.toString().padStart(5), 'quiet')}  ${hex}   ${text}`.trimEnd());
    if (row.caret !== null) lines.push(caretLine(row.caret, view, paint));
  }
  return lines.join('\n');
}

function style(cell: BytesCell | undefined, isCaret: boolean): Style {
  if (isCaret) return 'accent';
  if (cell?.kind === 'control') return 'h1';
  if (cell?.field === null || cell === undefined) return null;
  return cell.field % 2 === 0 ? 'h3' : 'h2';
}

function caretLine(column: number, view: BytesView, paint: Paint): string {
  const note = view.caret?.note ? ` ${visibleText(view.caret.note)}` : '';
  return `${' '.repeat(7 + column * 3)}${paint(`▲${note}`, 'accent')}`;
}
