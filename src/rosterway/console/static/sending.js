/* Files dropped on a feed's page become a delivery: declared, sent in pieces, sealed. */
"use strict";

const PIECE = 8 * 1024 * 1024;
const HASHED = 256 * 1024 * 1024;
const TRIES = 5;

const sha256 = async (file) => {
  /* Browsers hash in memory, and only on pages that came by HTTPS or from this machine. */
  if (!window.crypto?.subtle || file.size > HASHED) return null;
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

for (const drop of document.querySelectorAll("[data-uploads]")) {
  const said = drop.querySelector("[role=status]");
  const { uploads, csrf } = drop.dataset;
  let busy = false;

  const ask = async (method, path, body, headers = {}) => {
    const answer = await fetch(uploads + path, { method, body, headers: { "X-Rosterway-Csrf": csrf, ...headers } });
    if (answer.ok) return answer;
    const told = await answer.json().catch(() => null);
    const error = new Error([told?.error?.message, told?.error?.remedy].filter(Boolean).join(": ") || `HTTP ${answer.status}`);
    error.refused = answer.status < 500;
    throw error;
  };

  const send = async (upload, number, file, done, total) => {
    let at = 0;
    for (let tries = 0; at < file.size;) {
      try {
        await ask("PATCH", `/${upload}/${number}`, file.slice(at, at + PIECE), { "Upload-Offset": at });
        at = Math.min(at + PIECE, file.size);
        tries = 0;
        said.textContent = `Sending ${file.name}: ${Math.floor((100 * (done + at)) / total)}%`;
      } catch (error) {
        if (error.refused || ++tries >= TRIES) throw error;
        await new Promise((go) => setTimeout(go, 1000 * 2 ** tries));
        at = (await (await ask("GET", `/${upload}`)).json()).files[number].arrived;
      }
    }
  };

  const deliver = async (files) => {
    if (busy || !files.length) return;
    busy = true;
    try {
      said.textContent = "Looking at the files";
      const listed = [];
      for (const file of files) listed.push({ name: file.name, size: file.size, sha256: await sha256(file) });
      const { upload } = await (await ask("POST", "", JSON.stringify({ files: listed }))).json();
      const total = listed.reduce((sum, file) => sum + file.size, 0) || 1;
      let done = 0;
      for (const [number, file] of files.entries()) {
        await send(upload, number, file, done, total);
        done += file.size;
      }
      const { delivery } = await (await ask("POST", `/${upload}/deliver`)).json();
      said.textContent = `Delivered as ${delivery}. Its plan is on its way: load this page again.`;
    } catch (error) {
      said.textContent = `Nothing was delivered. ${error.message}`;
    } finally {
      busy = false;
    }
  };

  drop.hidden = false;
  drop.querySelector("input").addEventListener("change", (event) => deliver([...event.target.files]));
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    deliver([...event.dataTransfer.files]);
  });
}
