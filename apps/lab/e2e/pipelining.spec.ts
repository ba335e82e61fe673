import { counted, expect, test } from './lab.ts';

test('six requests leave in one write, and the first that is finished is answered in its turn', async ({
  page,
  running,
}) => {
  const since = Date.now();
  const frames: number[] = [];
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => frames.push(payload.length)));
  await page.goto(`${running.h1}/pipelining?seed=7`);
  await page.locator('#run').click();
  await page.locator('#run:not([aria-disabled])').waitFor();
  await expect(page.locator('#outcome')).toHaveText(
    '/e was finished first, and its reply came fifth: it had to wait for the four before it.',
  );
  expect(frames, 'one message carries all six').toHaveLength(1);
  await expect(page.locator('#answers-body th')).toHaveText(['/a', '/b', '/c', '/d', '/e', '/f']);
  await expect(page.locator('#answers-body td:nth-child(4)')).toHaveText(['/a', '/b', '/c', '/d', '/e', '/f']);
  await expect(page.locator('#answers-body td:nth-child(3)')).toHaveText([
    'fourth',
    'sixth',
    'fifth',
    'second',
    'first',
    'third',
  ]);
  await expect(page.locator('#life .tl-lane')).toHaveCount(6);
  await expect(page.locator('#pipe-source')).toContainText('just now');
  await expect(page.locator('#pipe-bytes .bytes').first()).toContainText('6: GET /f');
  const pipes = counted(running, 'h1', since)
    .flatMap(({ exchanges }) => exchanges)
    .filter(({ target }) => target.startsWith('/pipe?'));
  expect(pipes, 'the six went through one WebSocket').toHaveLength(1);
});

test('two swapped replies are valid, and wrong', async ({ page, running }) => {
  await page.goto(`${running.originOf('h2')}/pipelining?swap=1`);
  await page.locator('#run').click();
  await expect(page.locator('#outcome')).toContainText('/c got the answer of /d, /d got the answer of /c.');
  await expect(page.locator('.wrong-answer')).toHaveCount(2);
});
