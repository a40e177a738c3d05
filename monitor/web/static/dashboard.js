// @ts-check
// The dashboard while it is open: what stands now is put in its place. Without this, a reload shows the same.
"use strict";
(() => {
  const board = document.getElementById("board");
  if (!board) return;
  const { live = "", part = "" } = board.dataset;
  const LEAST_MS = 3_000, TURN_MS = 30_000;
  let asked = Date.now(), waiting = false, stale = false;

  async function refresh() {
    if (document.hidden) { stale = true; return; }
    if (waiting) return;
    waiting = true;
    await new Promise((done) => setTimeout(done, Math.max(0, asked + LEAST_MS - Date.now())));
    asked = Date.now();
    waiting = stale = false;
    try {
      const answer = await fetch(part, { credentials: "same-origin", redirect: "manual" });
      if (answer.ok) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* the stream says when the server is back */ }
  }

  /** @param {Document} fresh */
  function swap(fresh) {
    const [old, renewed] = [document.getElementById("live-board"), fresh.getElementById("live-board")];
    if (!old || !renewed) return;
    // whoever reads with the keyboard, or has a table open, keeps their place
    const focused = old.contains(document.activeElement) ? [...old.querySelectorAll("a, summary, [tabindex]")] : [];
    const at = focused.findIndex((each) => each === document.activeElement);
    const open = [...old.querySelectorAll("details")].map((each) => each.open);
    [...renewed.querySelectorAll("details")].forEach((each, place) => { each.open = open[place] ?? false; });
    old.replaceWith(renewed);
    if (at < 0) return;
    const next = renewed.querySelectorAll("a, summary, [tabindex]")[at];
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
  }

  function listen() {
    const stream = new EventSource(live);
    stream.addEventListener("queue", refresh);
    stream.addEventListener("error", () => { if (stream.readyState === EventSource.CLOSED) setTimeout(listen, TURN_MS); });
    addEventListener("pagehide", () => stream.close(), { once: true });
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden && stale) refresh(); });
  setInterval(refresh, TURN_MS);
  if (live) listen();
  board.dataset.ready = "true";
})();
