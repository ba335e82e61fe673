import { type BytesRow, type BytesView, bytesRows, bytesWords } from './bytes.ts';
import { visibleHtml } from './controls.ts';
import { escapeMarkup, visibleText } from './text.ts';

/** Bytes as HTML: offset, hex and text side by side, field boundaries, a caret. Styled by `baseCss`. */
export function bytesHtml(view: BytesView): string {
  const columns = view.columns ?? 16;
  const lines = bytesRows(view).flatMap((row) => {
    const line = `${at(row)}  ${hex(row, columns)}   ${text(row)}`;
    return row.caret === null ? [line] : [line, caretLine(row.caret, view)];
  });
  const label = escapeMarkup(visibleText(bytesWords(view)));
  // Focusable, so that the keyboard can scroll it.
  return `<pre class="bytes" tabindex="0" role="group" aria-label="${label}">${lines.join('\n')}\n${legend(view)}</pre>`;
}

function at(row: BytesRow): string {
  return `<span class="at">${row.offset.toString().padStart(5, ' ')}</span>`;
}

function hex(row: BytesRow, columns: number): string {
  const runs = new Runs();
  for (let i = 0; i < columns; i++) {
    const cell = row.cells[i];
    const gap = i === 0 ? '' : cell?.boundary ? '│' : ' ';
    const content = i === row.caret ? `<span class="caret">${cell?.hex ?? '  '}</span>` : (cell?.hex ?? '  ');
    runs.add(cell?.field ?? null, gap, content);
  }
  return runs.end();
}

function text(row: BytesRow): string {
  const runs = new Runs();
  for (const [i, cell] of row.cells.entries()) {
    const char = visibleHtml(cell.char);
    const inner = cell.kind === 'other' ? `<span class="at">${char}</span>` : char;
    runs.add(cell.field, '', i === row.caret ? `<span class="caret">${char}</span>` : inner);
  }
  return runs.end();
}

/** Neighbours of one field share an element: a page of bytes would else be thousands of them. */
class Runs {
  #out = '';
  #field: number | null = null;
  #run = '';

  add(field: number | null, gap: string, content: string): void {
    if (field !== this.#field) {
      this.#flush();
      this.#out += gap;
      this.#field = field;
      this.#run = content;
    } else this.#run += gap + content;
  }

  end(): string {
    this.#flush();
    return this.#out;
  }

  #flush(): void {
    if (this.#run !== '')
      this.#out += this.#field === null ? this.#run : `<span class="f${this.#field % 2}">${this.#run}</span>`;
    this.#run = '';
  }
}

function caretLine(column: number, view: BytesView): string {
  const note = view.caret?.note ? ` ${visibleHtml(view.caret.note)}` : '';
  return `${' '.repeat(7 + column * 3)}<span class="note">▲${note}</span>`;
}

function legend(view: BytesView): string {
  const names = (view.fields ?? []).map((f, i) => {
    const label = visibleHtml(f.label);
    return `<span class="at">${(view.base ?? 0) + f.from}–${(view.base ?? 0) + f.to - 1}</span> <span class="f${i % 2}">${label}</span>`;
  });
  return names.length > 0 ? `\n${names.join('   ')}` : '';
}
