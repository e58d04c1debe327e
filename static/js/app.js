// Small helpers over pages that work without them: keys, rows, toasts, dialogs. No inline script anywhere.
(() => {
  "use strict";
  document.documentElement.classList.add("js");
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const typing = (node) => node && (node.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName)) && !/^(radio|checkbox|submit|button)$/.test(node.type);
  // Keys go by position, so that an Arabic keyboard has the same ones.
  const name = (event) => (event.code.startsWith("Key") ? event.code.slice(3) : event.code.startsWith("Digit") ? event.code.slice(5) : event.key);

  // What is missing is said by us, in the reader's language and in its place, not by the browser in its own.
  const ours = (from = document) => $$("form", from).forEach((form) => { form.noValidate = true; });
  ours();

  // A row of tabs that is wider than the window shows where one is.
  $$(".tabs > [aria-current]").forEach((tab) => {
    const [own, bar] = [tab, tab.parentElement].map((node) => node.getBoundingClientRect());
    tab.parentElement.scrollLeft += own.left + own.width / 2 - bar.left - bar.width / 2;
  });

  const rows = () => $$("[data-keyrows] tbody tr[data-href]");
  const select = (row) => {
    rows().forEach((r) => r.setAttribute("aria-selected", r === row));
    if (row) row.scrollIntoView({
      block: "nearest"
    });
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter") {
      const form = document.querySelector("form[data-ctrl-enter]");
      if (form) {
        event.preventDefault();
        form.requestSubmit(form.querySelector("[data-ctrl-enter-button]") || undefined);
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(document.activeElement)) return;
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) {
        event.preventDefault();
        search.focus();
      }
      return;
    }
    if (event.key === "?") {
      const keys = document.querySelector("#keys");
      if (keys) keys.showModal();
      return;
    }
    const list = rows(),
      at = list.findIndex((r) => r.getAttribute("aria-selected") === "true"),
      key = name(event);
    if (list.length && (key === "J" || key === "K")) {
      select(list[Math.max(0, Math.min(list.length - 1, at + (key === "J" ? 1 : -1)))]);
      return;
    }
    if (key === "Enter" && at >= 0 && document.activeElement === document.body) {
      location.href = list[at].dataset.href;
      return;
    }
    const target = $$(`[data-key="${CSS.escape(key)}"]`).find((node) => !node.closest("[hidden]") && (node.offsetParent !== null || node.type === "radio"));
    if (target) {
      event.preventDefault();
      target.focus();
      target.click();
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) {
      window.print();
      return;
    }
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      document.querySelector(opener.dataset.dialog)?.showModal();
      return;
    }
    if (event.target.closest("[data-close]")) {
      event.target.closest("dialog")?.close();
      return;
    }
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, label")) location.href = row.dataset.href;
    const preset = event.target.closest("[data-fill]");
    if (preset) {
      event.preventDefault();
      const field = document.querySelector(preset.dataset.fill);
      if (field) {
        field.value = preset.dataset.value;
        field.dispatchEvent(new Event("change", {
          bubbles: true
        }));
      }
    }
  });

  // Only the fields that an answer needs: [data-when="name=A,B"] shows while the radio has one of the values.
  const follow = () => $$("[data-when]").forEach((part) => {
    const [field, values] = part.dataset.when.split("=");
    const chosen = document.querySelector(`[name="${field}"]:checked`)?.value;
    part.hidden = !values.split(",").includes(chosen);
  });
  // What an answer asks for comes under the hand at once.
  const lead = (radio) => {
    const part = $$("[data-when]").find((node) => !node.hidden && node.dataset.when.startsWith(`${radio.name}=`) && node.querySelector("input:not([type=radio]), select, textarea"));
    const first = part?.querySelector("input, select, textarea");
    if (first) {
      first.focus({ preventScroll: true });
      part.scrollIntoView({ block: "center" });
    }
  };
  document.addEventListener("change", (event) => {
    // An outcome that comes with one answer only chooses it: nobody answers a message that was sent.
    if (event.target.dataset.implies) {
      const [field, value] = event.target.dataset.implies.split("=");
      const answer = document.querySelector(`[name="${field}"][value="${CSS.escape(value)}"]`);
      if (answer) answer.checked = true;
    }
    follow();
    if (event.target.name === "outcome") lead(event.target);
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
  follow();
  // A piece that htmx put in is treated as the page it came into was.
  document.addEventListener("htmx:load", (event) => {
    ours(event.target);
    follow();
  });
  setTimeout(() => $$(".toast-line").forEach((line) => line.remove()), 6000);
  document.querySelector("[data-focus-first]")?.focus();
})();