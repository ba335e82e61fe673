import { RULES } from '@interleave/trace/report';

/** What `--help` prints. */
export const HELP: string = `Usage: interleave analyse FILE… [options]

Reads a HAR, a Chromium NetLog or a qlog, and says which connections need not have been.
FILE may be - for standard input.

Options:
  --json             the report as JSON (format interleave-report, version 1)
  --markdown         the report as Markdown
  --compare          two files, before and after: what went, came and stayed
  --anonymise        hosts and addresses replaced, the same in all files; no queries, no titles
  --fail-on RULE…    exit with 1 when one of these rules finds something; any stands for all
  -h, --help         this text

Rules:
${RULES.map(({ id, title }) => `  ${id.padEnd(22)} ${title}`).join('\n')}

Exit codes:
  0  read, and nothing found by a rule of --fail-on
  1  a rule of --fail-on found something; with --compare, in the second file
  2  a file could not be read, or the arguments could not be followed
`;
