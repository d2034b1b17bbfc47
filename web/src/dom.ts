// Elements, made in one go. Text is always text: nothing is parsed as HTML.

type Child = Node | string | number | false | null | undefined;
type Properties = Record<string, unknown>;

/** `h("button.quiet", {type: "button", onclick}, "Copy")` */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K | `${K}.${string}`,
  properties: Properties = {},
  ...children: (Child | Child[])[]
): HTMLElementTagNameMap[K] {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag as K);
  if (classes.length > 0) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value as EventListener);
    else if (key in element && !key.startsWith("aria")) (element as unknown as Properties)[key] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...nodes(children.flat()));
  return element;
}

function nodes(children: Child[]): (Node | string)[] {
  const shown = children.filter((child) => child !== false && child !== null && child !== undefined);
  return shown.map((child) => (typeof child === "number" ? String(child) : (child as Node | string)));
}

export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

/** Waits until nothing was asked for that long. */
export function debounced(milliseconds: number, work: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, milliseconds);
  };
}

/** What a screen reader says next. */
export function announce(text: string): void {
  const region = byId("announcer");
  if (region.textContent !== text) region.textContent = text;
}

/** A button that copies, and says so. */
export function copyButton(text: () => string, what = "query"): HTMLButtonElement {
  const label = h("span", {}, "Copy");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      label.textContent = "Copied";
      announce(`${what} copied`);
    } catch {
      label.textContent = "Not allowed";
    }
    setTimeout(() => (label.textContent = "Copy"), 1600);
  };
  return h("button.quiet", { type: "button", "aria-label": `Copy ${what}`, onclick: copy }, label);
}
