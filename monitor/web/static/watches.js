// @ts-check
// The preview follows whoever types. Without this the button shows the same.
"use strict";
(() => {
  const form = document.getElementById("draft"), place = document.getElementById("preview");
  if (!(form instanceof HTMLFormElement) || !place) return;
  const PAUSE_MS = 600;
  let timer = 0, turn = 0;

  async function look() {
    const mine = ++turn, body = new URLSearchParams();
    for (const [name, value] of new FormData(/** @type {HTMLFormElement} */ (form))) body.append(name, String(value));
    body.set("do", "preview");
    try {
      const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== turn) return;
      for (const id of ["preview", "problems"]) swap(id, page);
      tell(page);
    } catch { /* the button says what is wrong */ }
  }

  /** @param {string} id @param {Document} page */
  function swap(id, page) {
    const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
    if (old && fresh) old.replaceWith(fresh);
    else if (fresh) form.before(fresh);
    else old?.remove();
  }

  /** Says at each field what is wrong with it. @param {Document} page */
  function tell(page) {
    const fresh = new Map([...page.querySelectorAll("[data-watch]")].map((line) => [line.getAttribute("data-watch"), line.textContent ?? ""]));
    for (const line of document.querySelectorAll("[data-watch]")) {
      const said = fresh.get(line.getAttribute("data-watch")) ?? "", id = line.id;
      line.textContent = said;
      const field = document.querySelector(`[aria-describedby="${id}"]`);
      if (said) field?.setAttribute("aria-invalid", "true");
      else field?.removeAttribute("aria-invalid");
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(look, PAUSE_MS);
  });
})();
