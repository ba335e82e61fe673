import { createServer, type Server } from 'node:net';
import { startLab } from '../src/lab.ts';
import { readyScreen } from '../src/screen.ts';
import { expect, test } from './lab.ts';

function occupy(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

test('a taken port is passed over for the next free one, and the ready screen says so', async ({ running }) => {
  const occupant = await occupy();
  const address = occupant.address();
  const taken = typeof address === 'object' && address !== null ? address.port : 0;
  const upstream = { address: { host: '127.0.0.1', port: taken } };
  const lab = await startLab({
    certificate: running.certificate,
    upstream,
    ports: { plain: taken, h1: 0, h2: 0, altSvc: 0, h3: 0 },
  });
  try {
    const home = lab.listeners.find(({ plan }) => plan.id === 'plain');
    expect(home?.port).toBeGreaterThan(taken);
    expect(home?.takenBy).not.toBeNull();
    const screen = readyScreen(
      { ...lab, seconds: 1, authorityFile: running.certificate.authorityFile, next: null, notes: [] },
      (_, text) => text,
    );
    expect(screen).toContain(`http://localhost:${home?.port}`);
    expect(screen.replace(/\s+/g, ' ')).toContain(`port ${taken} is taken by`);
  } finally {
    await lab.close(0);
    occupant.close();
  }
});
