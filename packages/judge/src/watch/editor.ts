/** Opens a file in the editor of the terminal that this runs in, without ever waiting for it. */
import { spawn } from 'node:child_process';
import { basename } from 'node:path';

export type EditorCommand = { readonly command: string; readonly args: readonly string[] };

/** Editors with a window of their own, and how they are given a line. */
const WINDOWED: Readonly<Record<string, (file: string, line: number) => string[]>> = {
  code: (file, line) => ['--goto', `${file}:${line}`],
  'code-insiders': (file, line) => ['--goto', `${file}:${line}`],
  codium: (file, line) => ['--goto', `${file}:${line}`],
  cursor: (file, line) => ['--goto', `${file}:${line}`],
  subl: (file, line) => [`${file}:${line}`],
  zed: (file, line) => [`${file}:${line}`],
  idea: (file, line) => ['--line', String(line), file],
  webstorm: (file, line) => ['--line', String(line), file],
  gedit: (file, line) => [`+${line}`, file],
  kate: (file, line) => ['--line', String(line), file],
  emacsclient: (file, line) => ['--no-wait', `+${line}`, file],
};

/**
 * What to run, or null when no editor can be opened beside this terminal: one that draws in the terminal itself would take
 * the watcher's place. In `editCommand`, `{file}` and `{line}` are replaced; a command without `{file}` gets it at its end.
 */
export function editorCommand(
  file: string,
  line: number,
  options: { editCommand?: string | undefined; env?: NodeJS.ProcessEnv } = {},
): EditorCommand | null {
  const env = options.env ?? process.env;
  if (options.editCommand !== undefined && options.editCommand.trim() !== '')
    return fromText(options.editCommand, file, line);
  if (env.TERM_PROGRAM === 'vscode') {
    const own = (env.TERM_PROGRAM_VERSION ?? '').includes('insider') ? 'code-insiders' : 'code';
    return { command: own, args: ['--reuse-window', '--goto', `${file}:${line}`] };
  }
  const [command = '', ...args] = (env.VISUAL || env.EDITOR || '').split(' ').filter((word) => word !== '');
  const windowed = WINDOWED[basename(command).replace(/\.(exe|cmd)$/i, '')];
  if (windowed !== undefined)
    return { command, args: [...args.filter((arg) => arg !== '--wait' && arg !== '-w'), ...windowed(file, line)] };
  if (command === '') return null;
  // A terminal that can be split has room for both.
  if (env.ZELLIJ !== undefined) return { command: 'zellij', args: ['edit', '--line-number', String(line), file] };
  if (env.TMUX !== undefined)
    return { command: 'tmux', args: ['split-window', '-h', command, ...args, `+${line}`, file] };
  return null;
}

/** Runs it and goes on. Resolves with null when it has started, or with what went wrong. */
export function openEditor({ command, args }: EditorCommand): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore', detached: true, shell: process.platform === 'win32' });
    child.once('error', (error) => resolve(`${command} could not be started: ${error.message}`));
    child.once('spawn', () => {
      child.unref();
      resolve(null);
    });
  });
}

/** Opens an address in the browser of this desktop. */
export function openBrowser(url: string): Promise<string | null> {
  const command = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open';
  return openEditor({ command, args: [url] });
}

function fromText(text: string, file: string, line: number): EditorCommand {
  const [command = '', ...words] = text.split(' ').filter((word) => word !== '');
  const put = (word: string): string => word.replaceAll('{file}', file).replaceAll('{line}', String(line));
  const args = words.map(put);
  return { command, args: text.includes('{file}') ? args : [...args, file] };
}
