/** Whether a name in a certificate is good for a host (RFC 9525 §6.3). A star stands for exactly one label, the leftmost. */
export function nameCovers(pattern: string, host: string): boolean {
  const [a, b] = [pattern.toLowerCase(), host.toLowerCase()];
  if (!a.startsWith('*.')) return a === b;
  const dot = b.indexOf('.');
  return dot > 0 && b.slice(dot) === a.slice(1);
}
