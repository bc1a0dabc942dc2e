// What a page does beyond its links and forms: keys on the vote card, and words for those who hear the page.
"use strict";

const announce = (words) => {
  const region = document.getElementById("announce");
  region.textContent = "";
  setTimeout(() => { region.textContent = words; }, 50); // the same words twice are heard only if they went away between
};

const focusOn = (place) => {
  const wanted = place && place.querySelector("[data-focus]");
  if (wanted) wanted.focus();
};

// 1 agree, 2 disagree, 3 pass: the keys that people know from Polis. They act only for whoever is in the card, so that
// nobody votes by a word spoken to the computer or a slip of the hand elsewhere on the page (WCAG 2.1.4).
const VOTE_OF_KEY = { 1: "1", 2: "-1", 3: "0" };

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const open of document.querySelectorAll(".languages[open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  }
  const vote = VOTE_OF_KEY[event.key];
  const card = event.target.closest("[data-card]");
  const inText = event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
  if (!vote || !card || inText || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const button = card.querySelector(`button[name=value][value="${vote}"]:not(:disabled)`);
  if (button) {
    event.preventDefault();
    button.click();
  }
});

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll(".languages[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

// A link with data-dialog leads to a page with a question; here the question comes to the page. Where it cannot, or where
// somebody wants it in a tab of its own, the link is a link.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.href);
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    const main = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    for (const part of main.querySelectorAll("nav, #notices")) part.remove();
    for (const form of main.querySelectorAll("form:not([action])")) form.action = link.href;
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", main.querySelector("h1").textContent);
    dialog.append(...main.childNodes, document.getElementById("cancel").content.cloneNode(true));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  } catch {
    location.assign(link.href);
  }
});

// What the page said about the last thing done does not stand on beside the answer to the next one.
document.addEventListener("htmx:beforeSwap", () => document.getElementById("notices").replaceChildren());

// After a swap: say what the new piece has to say (data-announce), and go to where reading goes on (data-focus).
document.addEventListener("htmx:afterSwap", (event) => {
  const place = event.detail.target; // gone from the page where it was itself replaced
  const piece = place.isConnected ? place : document.getElementById(place.id);
  if (!piece) return;
  const speaking = piece.matches("[data-announce]") ? piece : piece.querySelector("[data-announce]");
  if (piece.matches("[data-card]")) {
    // The second tap of a double tap would vote on a statement that nobody has read; the style sheet lets it pass by.
    piece.dataset.fresh = "";
    setTimeout(() => { delete piece.dataset.fresh; }, 400);
  }
  if (speaking) announce(speaking.dataset.announce);
  focusOn(piece);
});

// On its way: the style sheet dims what was pressed, and those who hear the page are told to wait.
document.addEventListener("htmx:beforeRequest", (event) => event.detail.elt.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", (event) => event.detail.elt.removeAttribute("aria-busy"));

// No answer, or the answer of a broken server: what was typed stays, and the page says so. Our own server says it in
// its own words, marked by where they go; whatever a proxy sends is not shown.
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(name, (event) => {
    const notices = document.getElementById("notices");
    const answer = event.detail.xhr;
    if (answer && answer.getResponseHeader("HX-Retarget") === "#notices") notices.innerHTML = answer.responseText;
    else notices.replaceChildren(document.getElementById("unanswered").content.cloneNode(true));
    notices.scrollIntoView({ block: "nearest" });
    focusOn(notices);
  });
}

// Deferred, so the page is read: a summary of errors is where a person should be after a refused form.
// Where a field has the focus without script (autofocus), the browser gives it, and says so if it finds it taken.
if (!document.querySelector("main [autofocus]")) focusOn(document.querySelector("main"));
