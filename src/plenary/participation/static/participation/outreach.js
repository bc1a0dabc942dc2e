// A page opened by an outreach pack's link says so once a visit; the packs' words can be copied.
"use strict";

const opened = document.querySelector("[data-seen]");
if (opened) {
  const address = opened.dataset.seen;
  let before = false;
  try {
    before = sessionStorage.getItem(address) !== null;
    sessionStorage.setItem(address, "1");
  } catch { /* a browser that keeps nothing counts each time */ }
  if (!before) fetch(address, { method: "POST", credentials: "omit", keepalive: true }).catch(() => {});
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.closest("article").querySelector("[data-words]").innerText);
      document.getElementById("announce").textContent = button.dataset.copy;
      button.textContent = button.dataset.copy;
    });
  }
}
