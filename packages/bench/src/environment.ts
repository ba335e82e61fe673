import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import type { Environment } from './results.ts';
import { canPin, versionOf } from './tools.ts';

const PACKAGES = ['undici', 'hpack.js', 'http-parser-js', 'molnarg-http2', 'spdy-transport'] as const;

/** What the figures of this run depend on. Names no path and no host. */
export function environment(generator: string): Environment {
  const peers: Record<string, string> = {};
  for (const name of PACKAGES) {
    const version = packageVersion(name);
    if (version) peers[name] = version;
  }
  const nghttpd = versionOf('nghttpd');
  if (nghttpd) peers['nghttpd'] = nghttpd.split(' ')[1] ?? nghttpd;
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    pinned: canPin,
    generator: generator === 'h2load' ? (versionOf('h2load') ?? generator) : generator,
    peers,
    loadAverage: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

function packageVersion(name: string): string | null {
  try {
    const manifest = readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8');
    return (JSON.parse(manifest) as { version: string }).version;
  } catch {
    return null;
  }
}
