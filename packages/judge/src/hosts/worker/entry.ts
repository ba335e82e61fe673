/** Runs in workerd: a POST holds the task. What there is to say goes to the host through a binding, and is there when it says so. */
import { judgeHere, type PortableTask } from '../../raw/portable.ts';
import type { HostMessage } from '../lines.ts';

type Bindings = { readonly HOST: { fetch(url: string, init: { method: string; body: string }): Promise<Response> } };

export default {
  async fetch(request: Request, { HOST }: Bindings): Promise<Response> {
    const task: PortableTask = await request.json();
    const tell = async (message: HostMessage): Promise<void> => {
      await HOST.fetch('http://host/', { method: 'POST', body: JSON.stringify(message) });
    };
    await judgeHere(
      task,
      (check, file) => {
        // A name in a variable: the bundler must not look for it.
        const name = `./work/learner~${check}/${file}`;
        return import(name);
      },
      {
        alive: () => void tell({ say: 'alive' }).catch(() => {}),
        // Waited for: a loop that follows would keep it from leaving.
        began: (check) => tell({ say: 'began', check }),
        ended: (result) => tell({ say: 'ended', result }),
      },
    );
    return new Response(null, { status: 204 });
  },
};
