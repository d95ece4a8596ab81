/* What makes the console quicker to use; every page works without it. */
"use strict";

const busy = (target) => target.closest("input, select, textarea, [contenteditable]");

/* Keys: / searches, g and a letter goes, ? lists. */
let going = 0;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && busy(event.target)) { event.target.blur(); return; }
  if (busy(event.target)) return;
  if (event.key === "/") {
    const field = document.querySelector("main [data-search]") || document.querySelector("[data-search]");
    if (field) { event.preventDefault(); field.focus(); field.select(); }
  } else if (event.key === "?") {
    document.getElementById("keys")?.showModal();
  } else if (event.key === "g") {
    going = Date.now();
  } else if (Date.now() - going < 1500) {
    going = 0;
    document.querySelector(`.rail [data-key="${CSS.escape(event.key)}"]`)?.click();
  }
});

/* Buttons that need this file show themselves. */
const ready = (root) => {
  for (const button of root.querySelectorAll("[data-copy], [data-keys]")) button.hidden = false;
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.copy !== undefined) {
    await navigator.clipboard.writeText(button.dataset.copy);
    const said = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = said; }, 1500);
  } else if (button.dataset.keys !== undefined) {
    document.getElementById("keys").showModal();
  }
});

/* A form that changes something is sent once. */
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

/* "3 minutes ago" stays true while a page is open. */
const STEPS = [[2700, 60, "minute"], [79200, 3600, "hour"], [3888000, 86400, "day"], [27648000, 2592000, "month"], [Infinity, 31536000, "year"]];
const ago = (seconds) => {
  if (seconds < 45) return "just now";
  const [, unit, name] = STEPS.find(([limit]) => seconds < limit);
  const count = Math.max(1, Math.round(seconds / unit));
  return `${count} ${name}${count === 1 ? "" : "s"} ago`;
};
setInterval(() => {
  const shown = document.querySelector(".tenant time");
  if (!shown) return;
  const skew = loaded - Date.parse(shown.dateTime);
  for (const span of document.querySelectorAll("[data-ago]")) {
    const seconds = (Date.now() - skew - Date.parse(span.closest("time").dateTime)) / 1000;
    if (seconds >= 0) span.textContent = ago(seconds);
  }
}, 20000);
const loaded = Date.now();

/* Live parts: the server sends a fragment whenever it reads differently. */
const live = (part) => {
  let source = null;
  const show = (html) => {
    const focused = part.contains(document.activeElement) && document.activeElement.getAttribute("href");
    const open = [...part.querySelectorAll("details")].map((one) => one.open);
    part.innerHTML = html;
    ready(part);
    part.querySelectorAll("details").forEach((one, at) => { one.open = open[at] ?? false; });
    if (focused) part.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  };
  const start = () => {
    source = new EventSource(part.dataset.live);
    source.addEventListener("fragment", (event) => show(event.data));
    source.addEventListener("final", (event) => {
      stop();
      document.removeEventListener("visibilitychange", turn);
      show(event.data);
      if (part.dataset.liveFinal === "reload") location.reload();
    });
  };
  const stop = () => { source?.close(); source = null; };
  const turn = () => {
    if (document.hidden) stop();
    else if (!source) start();
  };
  document.addEventListener("visibilitychange", turn);
  window.addEventListener("pagehide", stop);
  turn();
};

ready(document);
document.querySelectorAll("[data-live]").forEach(live);
document.addEventListener("htmx:afterSwap", (event) => ready(event.target));
