/**
 * The listener that a request is about: the one it came to, or the one that `?listener=h2` names. Null for a name that no
 * listener has. A page may so set what happens on the others; only a page of this machine gets that far.
 */
export function aboutListener<Listener extends { readonly plan: { readonly id: string } }>(
  path: string,
  own: Listener,
  all: readonly Listener[],
): Listener | null {
  const name = new URLSearchParams(path.split('?')[1]).get('listener');
  if (name === null) return own;
  return all.find(({ plan }) => plan.id === name) ?? null;
}
