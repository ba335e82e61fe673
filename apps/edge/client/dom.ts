/** The element that the page promises under this id. */
export function byId<T extends Element = HTMLElement>(id: string): T | null {
  return document.querySelector<T>(`#${id}`);
}

/** Writes text only when it changed, so that a screen reader is not made to read it again. */
export function setText(element: Element | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}

/** An element with a class and children; children that are text become text, never markup. */
export function make(tag: string, className: string, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}
