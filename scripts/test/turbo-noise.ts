/** Lines that turbo says about itself: which packages are in scope, its cache, its own summary. */
export function turboNoise(line: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is taken away here
  const text = line.replace(/\x1b\[[\d;]*m/g, '').trim();
  return (
    text === '' ||
    /: cache (?:miss|bypass|disabled)[^:]*$/.test(text) ||
    /^(?:@interleave\/\S+|\/\/#\S+):\s+(?:ERROR|WARNING)\s+command\b/.test(text) ||
    /^ERROR\s+run failed/.test(text) ||
    /^(?:• |turbo \d|Tasks:|Cached:|Time:|Failed:|Attention:|WARNING\s+(?:no output files|Unable to find|failed to contact|stale pid))/.test(
      text,
    ) ||
    /^Turborepo (?:telemetry|did not find)/.test(text)
  );
}
