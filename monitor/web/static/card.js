// @ts-check
// The card while it is open: drafts fill the field, the words are looked at while they are written, and copied.
// Everything here is an extra: without it each button and link works by itself.
"use strict";
(() => {
  const sheet = document.querySelector("article.sheet");
  const inbox = document.getElementById("inbox");
  if (!(sheet instanceof HTMLElement) || !inbox) return;
  const csrf = inbox.dataset.csrf ?? "", home = `/cases/${sheet.dataset.case}`, keep = `words of case ${sheet.dataset.case}`;
  const LINT_MS = 400, LOOK_MS = 10_000;
  const field = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("words"));
  const template = /** @type {HTMLInputElement | null} */ (document.getElementById("template"));

  /** @param {string} deed @param {BodyInit} body */
  const post = (deed, body) => fetch(`${home}/${deed}`, {
    method: "POST", headers: { Accept: "application/json" }, body, credentials: "same-origin", redirect: "manual",
  });

  // --- the field --------------------------------------------------------------------------------------------------
  function write() {
    if (!field) return;
    /** @type {HTMLDetailsElement | null} */
    const folded = field.closest("details.editor");
    if (folded) folded.open = true;
    field.scrollIntoView({ block: "center" });
    field.focus();
  }

  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (event.key !== "r" || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (target?.closest("input, textarea, select")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    write();
  }, true);

  for (const each of document.querySelectorAll(".use")) {
    if (!(each instanceof HTMLElement)) continue;
    each.hidden = !field;
    each.addEventListener("click", (event) => {
      if (!field) return;
      event.preventDefault();
      field.value = each.dataset.words ?? "";
      if (template) template.value = each.dataset.template ?? "";
      write();
      lint();
    });
  }

  // what was written and not kept outlives a reload, in this tab alone
  if (field) {
    const begun = field.value, unsaved = sessionStorage.getItem(keep);
    if (unsaved && !location.search.includes("draft=") && !document.getElementById("refused")) field.value = unsaved;
    let waiting = 0;
    field.addEventListener("input", () => {
      if (field.value === begun) sessionStorage.removeItem(keep);
      else sessionStorage.setItem(keep, field.value);
      clearTimeout(waiting);
      waiting = setTimeout(lint, LINT_MS);
    });
    field.form?.addEventListener("submit", () => sessionStorage.removeItem(keep));
    if (unsaved) lint();
  }

  // --- what there is to look at -----------------------------------------------------------------------------------
  let asked = 0;

  async function lint() {
    if (!field) return;
    const turn = ++asked;
    try {
      const answer = await post("lint", new URLSearchParams({ csrf, text: field.value }));
      if (answer.ok && turn === asked) show(await answer.json());
    } catch { /* the check at the press of a button tells what is wrong */ }
  }

  /** @param {{findings: {rule: string, gravity: string, words: string, advice: string}[], length: number, limit: number | null}} told */
  function show(told) {
    const list = document.getElementById("findings"), length = document.getElementById("length");
    list?.replaceChildren(...told.findings.map((each) => {
      const line = document.createElement("li"), rule = document.createElement("strong"), words = document.createElement("bdi");
      line.className = each.gravity === "stops" ? "stops" : "warns";
      rule.textContent = each.rule;
      words.textContent = each.words.trim() ? ` ${each.words}` : "";
      line.append(rule, words, `: ${each.advice}`);
      return line;
    }));
    if (!length) return;
    length.textContent = told.limit === null ? `${told.length} characters; the limit is unknown` : `${told.length} of ${told.limit} characters`;
    length.classList.toggle("over", told.limit !== null && told.length > told.limit);
  }

  const check = document.querySelector("button.check");
  check?.addEventListener("click", (event) => { event.preventDefault(); lint(); });

  // --- copy and open ----------------------------------------------------------------------------------------------
  /** @param {string} words */
  const copy = (words) => navigator.clipboard?.writeText(words).catch(() => {});

  document.addEventListener("submit", async (event) => {
    const form = event.target instanceof HTMLFormElement ? event.target : null;
    const button = event instanceof SubmitEvent ? event.submitter : null;
    if (!form || !(form.matches("form.copies") || button?.matches("button.copies"))) return;
    event.preventDefault();
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
    /** @type {Response} */
    let answer;
    try {
      answer = await post("open", fields);
    } catch { return form.submit(); }
    if (!answer.ok) {  // the page that says why, with the words still in the field
      form.setAttribute("action", `${home}/open`);
      return form.submit();
    }
    const opened = await answer.json();
    await copy(opened.text);
    if (opened.url) window.open(opened.url, "_blank", "noopener,noreferrer");
    location.assign(`${home}?did=open#reply`);
  });

  for (const each of document.querySelectorAll("button.copy-words")) {
    if (!(each instanceof HTMLButtonElement)) continue;
    each.hidden = false;
    each.addEventListener("click", () => {
      const from = /** @type {HTMLTextAreaElement | null} */ (document.getElementById(each.dataset.from ?? ""));
      from?.select();
      if (from) copy(from.value);
    });
  }

  // --- what others do meanwhile -----------------------------------------------------------------------------------
  setInterval(async () => {
    const notice = document.getElementById("notice");
    if (document.hidden || !notice?.hidden) return;
    try {
      const answer = await fetch(home, { headers: { Accept: "application/json" }, credentials: "same-origin", redirect: "manual" });
      if (!answer.ok || String((await answer.json()).version) === sheet.dataset.version) return;
      const again = document.createElement("a");
      again.href = home;
      again.textContent = "Load it again";
      notice.replaceChildren("This case has changed meanwhile. ", again);
      notice.hidden = false;
    } catch { /* the next look tells */ }
  }, LOOK_MS);

  if (location.hash === "#reply" && !document.querySelector(".sending, #approve")) write();
  sheet.dataset.ready = "true";
})();
