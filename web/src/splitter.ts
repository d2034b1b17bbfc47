// The width of the rule, by pointer and by arrow keys.

import { byId } from "./dom.js";

export function splitter(): void {
  const handle = byId("splitter");
  const main = handle.parentElement!;
  let width = 42;
  const set = (percent: number) => {
    width = Math.min(75, Math.max(20, percent));
    main.style.setProperty("--rule", `${width}%`);
    handle.setAttribute("aria-valuenow", String(Math.round(width)));
  };
  handle.addEventListener("pointerdown", (event) => {
    handle.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const box = main.getBoundingClientRect();
    set(((event.clientX - box.left) / box.width) * 100);
  });
  handle.addEventListener("keydown", ({ key }) => {
    if (key === "ArrowLeft") set(width - 2);
    if (key === "ArrowRight") set(width + 2);
  });
}
