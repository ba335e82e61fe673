/** What a file imports and exports, read off its text: enough to name the line of what a host would only name by its message. */

const IMPORT =
  /(?:^|[;}\n])[ \t]*(?:import|export)\b[^'";]*?\bfrom\s*(['"])([^'"\n]+)\1|(?:^|[;}\n])[ \t]*import\s*(['"])([^'"\n]+)\3|\bimport\(\s*(['"])([^'"\n]+)\5/g;
const NAMED = /(?:^|[;}\n])[ \t]*(?:import|export)\s*(?:[\w$]+\s*,\s*)?\{([^}]*)\}\s*from\s*(['"])([^'"\n]+)\2/g;
const DECLARED = /(?:^|[;}\n])[ \t]*export\s+(?:async\s+)?(?:function\b\s*\*?\s*|(?:class|const|let|var)\s+)([\w$]+)/g;
const LISTED = /(?:^|[;}\n])[ \t]*export\s*\{([^}]*)\}/g;

export type Import = { readonly specifier: string; readonly offset: number };

/** Each address that is imported from, and where it stands in the text. */
export function importsOf(js: string): Import[] {
  return [...js.matchAll(IMPORT)].map((m) => {
    const specifier = m[2] ?? m[4] ?? m[6] ?? '';
    return { specifier, offset: m.index + m[0].lastIndexOf(specifier) };
  });
}

/** Each single name that is asked of another file. */
export function namesAsked(js: string): { name: string; specifier: string; offset: number }[] {
  return [...js.matchAll(NAMED)].flatMap((m) => {
    const start = m.index + m[0].indexOf('{') + 1;
    // A comment in the list is no name; its length stays.
    const list = (m[1] ?? '').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, (comment) => ' '.repeat(comment.length));
    return [...list.matchAll(/([\w$]+)(?:\s+as\s+[\w$]+)?/g)].map((one) => ({
      name: one[1] ?? '',
      specifier: m[3] ?? '',
      offset: start + one.index,
    }));
  });
}

/** The names that a file gives; null where the text alone does not tell. */
export function namesGiven(js: string): string[] | null {
  if (/(?:^|[;}\n])[ \t]*export\s*\*/.test(js) || /(?:^|[;}\n])[ \t]*export\s+(?:const|let|var)\s*[[{]/.test(js))
    return null;
  // `export const a = 1, b = 2` gives two.
  if (/(?:^|[;}\n])[ \t]*export\s+(?:const|let|var)\s[^;\n]*,\s*[\w$]+\s*=/.test(js)) return null;
  const listed = [...js.matchAll(LISTED)].flatMap((m) =>
    (m[1] ?? '')
      .split(',')
      .map(
        (one) =>
          one
            .trim()
            .split(/\s+as\s+/)
            .at(-1) ?? '',
      )
      .filter((name) => name !== ''),
  );
  const isDefault = /(?:^|[;}\n])[ \t]*export\s+default\b/.test(js);
  return [...js.matchAll(DECLARED)].map((m) => m[1] ?? '').concat(listed, isDefault ? ['default'] : []);
}

/** Whether an export might give this name: only a no is certain. */
export function mayGive(js: string, name: string): boolean {
  return new RegExp(`\\bexport\\s*\\*|\\bexport\\b[^;]*(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`).test(js);
}

/**
 * The text with its imports as declarations and its exports as plain code, for an engine that compiles functions only: a
 * name that is imported and declared again is twice in it.
 */
export function asFunctionBody(js: string): string {
  return js
    .replaceAll(/^(\s*)import\b([^;'"]*?)\bfrom\s*['"][^'"]*['"]\s*;?/gm, (_, space: string, names: string) => {
      const own = names.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').match(/[\w$]+(?=\s*(?:,|\}|$))/g) ?? [];
      return own.length === 0 ? space : `${space}const ${own.map((name) => `${name}=0`).join(',')};`;
    })
    .replaceAll(/^(\s*)import\s*['"][^'"]*['"]\s*;?/gm, '$1')
    .replaceAll(/^(\s*)export\s+default\b/gm, '$1void')
    .replaceAll(/^(\s*)export\s*\{[^}]*\}\s*(from\s*['"][^'"]*['"])?/gm, '$1')
    .replaceAll(/^(\s*)export\s+/gm, '$1');
}
