/** Runs in a page's worker (a module worker, one for each run): a message holds the task, messages tell how it goes. */
import { judgeHere, type PortableTask } from '../../raw/portable.ts';
import type { HostMessage } from '../lines.ts';

export type PageTask = PortableTask & {
  /** Where learner modules are served, ending in a slash: `<base>learner~KA2-1/http1/server.ts`, as `text/javascript`. */
  readonly base: string;
};
export type PageMessage = HostMessage;

addEventListener(
  'message',
  async (event: MessageEvent<PageTask>) => {
    const task = event.data;
    const tell = (message: PageMessage): void => (postMessage as (message: unknown) => void)(message);
    await judgeHere(
      task,
      (check, file) => {
        // An address in a variable: the bundler must not look for it.
        const address = `${task.base}learner~${check}/${file}`;
        return import(address);
      },
      {
        alive: () => tell({ say: 'alive' }),
        began: (check) => tell({ say: 'began', check }),
        ended: (result) => tell({ say: 'ended', result }),
      },
    );
    tell({ say: 'done' });
  },
  { once: true },
);
