/**
 * Parses JSON, and JSON with the small faults that writers of recordings make: control characters inside strings, NaN and its
 * kin, commas too many. Null for what cannot be understood at all, and for the value null.
 */
export function parseLenient(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return JSON.parse(mended(text));
    } catch {
      return null;
    }
  }
}

function mended(text: string): string {
  let out = '';
  let from = 0;
  for (let at = 0; at < text.length; ) {
    if (text[at] !== '"') {
      at++;
      continue;
    }
    out += outside(text.slice(from, at));
    const end = stringEnd(text, at);
    out += text.slice(at, end).replace(CONTROL, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
    from = at = end;
  }
  return out + outside(text.slice(from));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to be found.
const CONTROL = /[\u0000-\u001f]/g;

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function outside(text: string): string {
  return text
    .replace(/\b(?:NaN|undefined)\b|-?\bInfinity\b/g, 'null')
    .replace(/,(\s*[}\]])/g, '$1')
    .replace(/([[{,])\s*,+/g, '$1');
}
