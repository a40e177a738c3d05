// @ts-check
// The recall sample by keys: y, n, s answer, u looks again at the last one. Without this the buttons do the same.
"use strict";
document.addEventListener("keydown", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || target?.closest("input, textarea, select")) return;
  const wanted = document.querySelector(`main [data-key="${CSS.escape(event.key)}"]`);
  if (!(wanted instanceof HTMLElement)) return;
  event.preventDefault();
  wanted.click();
});
