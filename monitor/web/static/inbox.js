// @ts-check
// The queue while it is open: what changed is put in its place, keys do what buttons do, and others are seen.
// Everything here is an extra: without it each button and link works by itself.
"use strict";
(() => {
  const found = document.getElementById("inbox");
  if (!found) return;
  /** @type {HTMLElement} */
  const inbox = found;
  const { csrf = "", person = "", live = "", back = "/queue" } = inbox.dataset;
  const FETCH_MS = 900, TURN_MS = 30_000, LOOK_MS = 8_000, TICK_MS = 5_000, FALLBACK_MS = 5_000;

  /** @param {string} id @returns {HTMLElement} */
  const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  /** @returns {HTMLElement[]} */
  const rows = () => [...document.querySelectorAll("#rows > .case")].map((row) => /** @type {HTMLElement} */ (row));

  // --- the row that keys mean -------------------------------------------------------------------------------------
  let chosen = inbox.dataset.chosen ?? "";  // the card of a case has no rows: its keys mean that case

  /** @returns {HTMLElement | null} */
  const row = () => (chosen ? document.getElementById(chosen) : null);

  /** @param {HTMLElement | null} next @param {boolean} focus */
  function choose(next, focus) {
    row()?.removeAttribute("aria-current");
    chosen = next ? next.id : "";
    if (!next) return;
    next.setAttribute("aria-current", "true");
    if (focus) {
      /** @type {HTMLElement | null} */ (next.querySelector(".open"))?.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    }
    look();
  }

  /** @param {number} step */
  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((each) => each.id === chosen);
    choose(all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)] ?? null, true);
  }

  document.addEventListener("focusin", (event) => {
    const near = event.target instanceof Element ? event.target.closest("#rows > .case") : null;
    if (near instanceof HTMLElement && near.id !== chosen) choose(near, false);
  });

  // --- saying what happened ---------------------------------------------------------------------------------------
  /** @type {number | undefined} */
  let fading;

  /** @param {string} words @param {{problem?: boolean, button?: string, act?: () => void}} [more] */
  function tell(words, more = {}) {
    const notice = byId("notice");
    notice.replaceChildren(document.createTextNode(words));
    notice.classList.toggle("problem", Boolean(more.problem));
    if (more.button && more.act) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet";
      button.textContent = more.button;
      button.addEventListener("click", more.act);
      notice.append(button);
    }
    notice.hidden = false;
    clearTimeout(fading);
    if (!more.problem) fading = setTimeout(() => { notice.hidden = true; }, 12_000);
  }

  // --- deeds ------------------------------------------------------------------------------------------------------
  /** @type {{caseId: string, deed: string} | null} */
  let undoable = inbox.dataset.undo ? { caseId: chosen.slice(5), deed: inbox.dataset.undo } : null;
  /** @type {Record<string, string>} */
  const UNDO = { claim: "release", "take-over": "release", dismiss: "reopen", assign: "release" };
  /** @type {Record<string, string>} */
  const DONE = { claim: "is yours", "take-over": "is yours", dismiss: "is dismissed", snooze: "is snoozed", assign: "is assigned",
    escalate: "is escalated", release: "is given back", reopen: "is open again" };

  /** @param {string} address @param {Record<string, string>} fields */
  const post = (address, fields) => fetch(address, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ csrf, ...fields }),
    credentials: "same-origin",
    redirect: "manual",
  });

  /** @param {Response} answer @returns {Promise<string>} */
  async function refusal(answer) {
    if (answer.status === 401 || answer.type === "opaqueredirect") return "Your session is over: log in again.";
    try {
      const { error } = await answer.json();
      return [`${error.subject} ${error.cause}`, error.next_step].filter(Boolean).join("; ");
    } catch {
      return `The server answered ${answer.status}.`;
    }
  }

  /** @param {string} caseId @param {string} deed @param {Record<string, string>} [fields] */
  async function act(caseId, deed, fields = {}) {
    let done = false;
    try {
      const answer = await post(`/cases/${caseId}/${deed}`, fields);
      if (!answer.ok) {
        const words = await refusal(answer);
        const held = deed === "claim" && /is claimed by/.test(words);
        tell(words, held ? { problem: true, button: "Take over…", act: () => ask("take-over", caseId) } : { problem: true });
      } else {
        done = true;
        undoable = UNDO[deed] ? { caseId, deed: UNDO[deed] } : null;
        tell(`Case ${caseId} ${DONE[deed] ?? "is changed"}.`, undoable ? { button: "Undo (u)", act: undo } : {});
      }
    } catch {
      tell("The server cannot be reached; nothing was changed.", { problem: true });
    }
    if (done || part) await refresh(true);  // a page that is read anew as a whole would take the reason away
  }

  function undo() {
    if (!undoable) return tell("There is nothing to take back.");
    const { caseId, deed } = undoable;
    undoable = null;
    return act(caseId, deed);
  }

  /** @param {string} what @param {string} caseId */
  function ask(what, caseId) {
    const dialog = /** @type {HTMLDialogElement} */ (byId(`ask-${what}`));
    const form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
    form.reset();
    /** @type {HTMLElement} */ (dialog.querySelector(".which")).textContent = caseId;
    const holder = dialog.querySelector(".holder");
    if (holder) holder.textContent = document.getElementById(`case-${caseId}`)?.dataset.claimed || "somebody else";
    dialog.dataset.caseId = caseId;
    dialog.showModal();
  }

  for (const dialog of document.querySelectorAll("dialog[id^=ask-]")) {
    const form = dialog.querySelector("form");
    if (!(dialog instanceof HTMLDialogElement) || !form) continue;
    dialog.querySelector(".cancel")?.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => choose(row(), true));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      /** @type {Record<string, string>} */
      const fields = {};
      for (const [name, value] of new FormData(form)) if (typeof value === "string") fields[name] = value;
      if (fields.minutes) {
        fields.until = new Date(Date.now() + clockAhead + Number(fields.minutes) * 60_000).toISOString();
        delete fields.minutes;
      }
      dialog.close();
      act(dialog.dataset.caseId ?? "", dialog.id.slice(4), fields);
    });
  }

  inbox.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[data-do]") : null;
    const near = button?.closest("[data-case]");
    if (!button || !(near instanceof HTMLElement)) return;
    event.preventDefault();
    act(near.dataset.case ?? "", button.getAttribute("data-do") ?? "");
  });

  // --- keys -------------------------------------------------------------------------------------------------------
  /** @param {string} caseId @param {HTMLElement} at */
  function claim(caseId, at) {
    const holder = at.dataset.claimed;
    if (holder && holder !== person) return ask("take-over", caseId);
    return act(caseId, "claim");
  }

  /** @type {Record<string, (caseId: string, at: HTMLElement) => unknown>} */
  const ON_CASE = {
    c: claim,
    r: (caseId) => { location.assign(`/cases/${caseId}#reply`); },
    s: (caseId) => ask("snooze", caseId),
    d: (caseId) => ask("dismiss", caseId),
    e: (caseId) => ask("escalate", caseId),
    a: (caseId) => ask("assign", caseId),
  };
  const help = /** @type {HTMLDialogElement | null} */ (document.getElementById("help"));
  /** @type {Record<string, () => unknown>} */
  const ANYWHERE = {
    j: () => move(1),
    k: () => move(-1),
    u: undo,
    "/": () => document.getElementById("q")?.focus(),
    "?": () => help?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const writes = target?.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (event.key === "Escape" && target?.id === "q") return choose(row() ?? rows()[0] ?? null, true);
    if (writes || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const at = row();
    const deed = ON_CASE[event.key];
    if (deed) {
      event.preventDefault();
      if (at?.dataset.case) deed(at.dataset.case, at);
      else if (at?.dataset.incident) location.assign(`/incidents/${at.dataset.incident}`);
      else tell("Choose a row first: j goes down, k up.");
    } else if (ANYWHERE[event.key]) {
      event.preventDefault();
      ANYWHERE[event.key]();
    }
  });
  const more = document.querySelector("details.more");
  if (more instanceof HTMLDetailsElement && !inbox.dataset.narrowed && matchMedia("(max-width: 760px)").matches) more.open = false;
  const button = document.getElementById("help-button");
  if (button && help) {
    button.hidden = false;
    button.addEventListener("click", () => help.showModal());
  }

  // --- what changed, put in its place -----------------------------------------------------------------------------
  /** @type {Map<string, string>} */
  let known = new Map(rows().map((each) => [each.id, each.outerHTML]));
  const part = inbox.dataset.part ?? "";
  let asked = 0, waiting = false, stale = false;

  /** @param {boolean} [now] */
  async function refresh(now = false) {
    if (!part) {  // a later page of the queue, and an incident, are read anew as a whole, after a deed alone
      if (now) setTimeout(() => location.reload(), 700);
      return;
    }
    if (document.hidden && !now) { stale = true; return; }
    if (waiting) return;
    waiting = true;
    await new Promise((done) => setTimeout(done, now ? 0 : Math.max(0, asked + FETCH_MS - Date.now())));
    asked = Date.now();
    waiting = stale = false;
    try {
      const answer = await fetch(part, { credentials: "same-origin", redirect: "manual" });
      if (answer.ok) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
      else if (answer.type === "opaqueredirect" || answer.status === 401) tell(await refusal(answer), { problem: true });
    } catch { /* the stream says when the server is back */ }
  }

  /** @param {Document} fresh */
  function swap(fresh) {
    const next = fresh.getElementById("live-part");
    const here = document.getElementById("live-part");
    if (!next || !here) return;
    clockAhead = Date.parse(next.dataset.now ?? "") - Date.now();
    for (const name of ["tabs", "pager"]) {
      const [old, renewed] = [here.querySelector(`.${name}`), next.querySelector(`.${name}`)];
      if (old && renewed && old.innerHTML !== renewed.innerHTML && !old.contains(document.activeElement)) old.replaceWith(renewed);
    }
    const [old, renewed] = [here.querySelector("#rows"), next.querySelector("#rows")];
    if (old && renewed) merge(old, renewed);
    else if (old || renewed) (old ?? here.querySelector("#rows-empty"))?.replaceWith(renewed ?? next.querySelector("#rows-empty") ?? "");
    if (!old && renewed) {
      known = new Map(rows().map((each) => [each.id, each.outerHTML]));
      announce(rows());
    }
    tick();
    showLooking();
  }

  /** @param {Element} old @param {Element} renewed */
  function merge(old, renewed) {
    const focused = document.activeElement, holds = old.contains(focused);
    const before = rows().map((each) => each.id), place = before.indexOf(chosen);
    const fresh = [...renewed.children].map((each) => /** @type {HTMLElement} */ (each));
    const texts = new Map(fresh.map((each) => [each.id, each.outerHTML]));
    const arrived = [];
    fresh.forEach((each, index) => {
      const present = document.getElementById(each.id);
      let node = each;
      if (present && known.get(each.id) === texts.get(each.id)) node = present;
      else if (present) {
        const open = present.querySelector("details")?.open;
        const details = each.querySelector("details");
        if (details && open) details.open = true;
        if (each.id === chosen) each.setAttribute("aria-current", "true");
        present.replaceWith(each);
      } else {
        each.classList.add("arrived");
        arrived.push(each);
      }
      if (old.children[index] !== node) old.insertBefore(node, old.children[index] ?? null);
    });
    while (old.children.length > fresh.length) old.lastElementChild?.remove();
    known = texts;
    if (chosen && !row()) choose(rows()[Math.min(place, fresh.length - 1)] ?? null, holds);
    else if (holds && document.activeElement !== focused) /** @type {HTMLElement | null} */ (row()?.querySelector(".open"))?.focus({ preventScroll: true });
    if (arrived.length) announce(arrived);
  }

  /** @param {HTMLElement[]} arrived */
  function announce(arrived) {
    const critical = arrived.filter((each) => each.classList.contains("at-critical")).length;
    const words = `${arrived.length} new ${arrived.length === 1 ? "row" : "rows"}${critical ? `, ${critical} critical` : ""}`;
    byId("arrivals").textContent = words;
  }

  // --- the countdown ----------------------------------------------------------------------------------------------
  let clockAhead = Date.parse(document.getElementById("live-part")?.dataset.now ?? "") - Date.now() || 0;

  /** @param {number} ms @returns {string} */
  function dueWords(ms) {
    const seconds = Math.trunc(ms / 1000), left = Math.abs(seconds);
    const span = left < 60 ? `${left} s` : left < 5400 ? `${Math.floor(left / 60)} min`
      : left < 172_800 ? `${Math.floor(left / 3600)} h` : `${Math.floor(left / 86_400)} d`;
    return ms >= 0 ? `due in ${span}` : `${span} late`;
  }

  function tick() {
    for (const time of document.querySelectorAll("time[data-due]")) {
      const left = Date.parse(time.getAttribute("datetime") ?? "") - Date.now() - clockAhead;
      const words = dueWords(left);
      if (time.textContent !== words) time.textContent = words;
      time.classList.toggle("late", left < 0);
    }
  }

  // --- who looks at what ------------------------------------------------------------------------------------------
  /** @type {Record<string, string[]>} */
  let looking = {};
  let lookedAt = 0, lookedCase = "";

  function showLooking() {
    for (const place of document.querySelectorAll("[data-looking-at]")) {
      const names = looking[place.getAttribute("data-looking-at") ?? ""] ?? [];
      const words = names.length ? `${names.join(", ")} ${names.length === 1 ? "is" : "are"} looking` : "";
      if (place.textContent !== words) place.textContent = words;
      /** @type {HTMLElement} */ (place).hidden = !words;
    }
  }

  function look() {
    const caseId = row()?.dataset.case ?? "";
    if (!caseId || document.hidden || (caseId === lookedCase && Date.now() - lookedAt < LOOK_MS)) return;
    [lookedCase, lookedAt] = [caseId, Date.now()];
    post(`/cases/${caseId}/looking`, {}).catch(() => {});
  }

  // --- the stream -------------------------------------------------------------------------------------------------
  /** @type {number | undefined} */
  let polling;

  function listen() {
    const stream = new EventSource(live);
    stream.addEventListener("hello", () => { clearInterval(polling); polling = undefined; });
    stream.addEventListener("queue", () => refresh());
    stream.addEventListener("looking", (event) => { looking = JSON.parse(event.data); showLooking(); });
    stream.addEventListener("error", () => {
      if (stream.readyState !== EventSource.CLOSED) return;
      polling ??= setInterval(() => refresh(), FALLBACK_MS);
      setTimeout(listen, TURN_MS);
    });
    addEventListener("pagehide", () => stream.close(), { once: true });
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden && stale) refresh(); });
  setInterval(tick, TICK_MS);
  setInterval(look, LOOK_MS);
  setInterval(() => refresh(), TURN_MS);
  if (live) listen();
  inbox.dataset.ready = "true";
})();
