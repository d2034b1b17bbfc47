// Tabs, as a screen reader knows them: arrows choose, the chosen one has the focus.

import { byId } from "./dom.js";
import { TABS, type Tab } from "./state.js";

export function tabs(chosen: (tab: Tab) => void): { choose(tab: Tab, focus?: boolean): void } {
  const buttons = TABS.map((tab) => byId<HTMLButtonElement>(`tab-${tab}`));
  const choose = (tab: Tab, focus = false) => {
    for (const [at, button] of buttons.entries()) {
      const is = TABS[at] === tab;
      button.setAttribute("aria-selected", String(is));
      button.tabIndex = is ? 0 : -1;
      byId(`panel-${TABS[at]}`).hidden = !is;
      if (is) {
        if (focus) button.focus();
        const list = button.parentElement!;
        // The page itself stays where it is.
        const middle = button.offsetLeft - (list.clientWidth - button.offsetWidth) / 2;
        list.scrollTo({ left: middle });
      }
    }
    chosen(tab);
  };
  for (const [at, button] of buttons.entries()) {
    button.addEventListener("click", () => choose(TABS[at]!));
    button.addEventListener("keydown", ({ key }) => {
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[key];
      if (to !== undefined) choose(TABS[(to + TABS.length) % TABS.length]!, true);
    });
  }
  return { choose };
}
