// Light and dark: the system's, or what was chosen here.

import { byId } from "./dom.js";

const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];
const KEY = "varsigma.theme";

function kept(): Theme {
  try {
    const value = localStorage.getItem(KEY) as Theme;
    return THEMES.includes(value) ? value : "auto";
  } catch {
    return "auto";
  }
}

export function theme(): void {
  const button = byId<HTMLButtonElement>("theme");
  const show = (theme: Theme) => {
    const root = document.documentElement;
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    button.setAttribute("aria-label", `Colors: ${theme}`);
    button.title = `Colors: ${theme}`;
    button.dataset.theme = theme;
  };
  let current = kept();
  show(current);
  button.addEventListener("click", () => {
    current = THEMES[(THEMES.indexOf(current) + 1) % THEMES.length]!;
    show(current);
    try {
      localStorage.setItem(KEY, current);
    } catch {
      // It is kept for this visit alone.
    }
  });
}
