import { parseSync } from 'vite';

/** One module that a file names, wherever in the file. */
export interface Import {
  readonly specifier: string;
  /** 1-based. */
  readonly line: number;
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/**
 * Every module that a file names: `import`, `export … from`, `import()` of a literal, `import('…')` in types,
 * `require('…')`. Read by a parser, so that a comment or a string that looks like an import is none.
 *
 * @throws when the file is not valid TypeScript or JavaScript.
 */
export function importsOf(path: string, code: string): Import[] {
  const { program, errors } = parseSync(path, code);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  const found: Import[] = [];
  visit(program, (node) => {
    const specifier = specifierOf(node);
    if (specifier !== null) found.push({ specifier, line: lineAt(code, Number(node.start)) });
  });
  return found;
}

function specifierOf(node: Node): string | null {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
    case 'TSExternalModuleReference':
      return literal(node.source ?? node.expression);
    case 'CallExpression': {
      const callee = node.callee as Node;
      const [argument] = node.arguments as Node[];
      return callee.type === 'Identifier' && callee.name === 'require' ? literal(argument) : null;
    }
    default:
      return null;
  }
}

function literal(node: unknown): string | null {
  const value = (node as Node | null | undefined)?.value;
  return typeof value === 'string' ? value : null;
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, see);
  } else if (typeof value === 'object' && value !== null) {
    if (typeof (value as Node).type === 'string') see(value as Node);
    for (const inner of Object.values(value)) visit(inner, see);
  }
}

function lineAt(code: string, offset: number): number {
  let line = 1;
  for (let at = code.indexOf('\n'); at !== -1 && at < offset; at = code.indexOf('\n', at + 1)) line++;
  return line;
}
