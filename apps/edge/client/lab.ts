/** An answer of the lab's own API, as far as the pages use it. */
export interface LabState {
  readonly listener: { readonly closing: boolean };
  readonly connection: { readonly id: string; readonly nth: number; readonly streamId: number | null };
}

/** How a connection ended, as the server saw it; null while it is open. */
export interface LabEnding {
  readonly cause: string;
}

/** Makes the listener close after each response, or not. This answer already follows the new rule. */
export async function setClosing(on: boolean): Promise<LabState> {
  return (await ask('/.lab/close', { method: 'POST', body: JSON.stringify({ on }) })) as LabState;
}

/** Ends this listener's connections of this machine: the idle ones now, the one that carries this after its answer. */
export async function endConnections(): Promise<number> {
  const answer = (await ask('/.lab/end-connections', { method: 'POST', body: '{}' })) as { ended?: unknown };
  return typeof answer.ended === 'number' ? answer.ended : 0;
}

/** Asks how a connection ended. Null when it is open, `undefined` when the lab has forgotten it. */
export async function endingOf(connection: string): Promise<LabEnding | null | undefined> {
  try {
    const record = (await ask(`/.lab/connections/${connection}`, {})) as { closed?: LabEnding | null };
    return record.closed;
  } catch {
    return undefined;
  }
}

/** One request to the lab’s own API. @throws with what the lab says when it refuses. */
export async function ask(path: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(path, { ...init, headers: { 'content-type': 'application/json' }, cache: 'no-store' });
  const answer: unknown = await response.json();
  if (!response.ok) {
    const said = (answer as { error?: unknown }).error;
    throw new Error(typeof said === 'string' ? said : `The lab answered ${response.status}.`);
  }
  return answer;
}
