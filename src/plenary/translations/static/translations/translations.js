// Keys of the desk of translations: save and go on, up and down. Without them, every text is a form of its own.
"use strict";

const translations = () => [...document.querySelectorAll(".translation")];

const goTo = (item) => {
  if (!item) return false;
  const field = item.querySelector("textarea");
  (field || item).focus();
  item.scrollIntoView({ block: "nearest" });
  return true;
};

const goOnFrom = (item, step) => {
  const all = translations();
  let place = all.indexOf(item) + step;
  while (all[place] && all[place].matches(".saved")) place += step;
  return goTo(all[place]);
};

document.addEventListener("keydown", (event) => {
  const item = event.target.closest(".translation");
  if (!item || event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest("form");
    if (form) {
      event.preventDefault();
      form.requestSubmit();
    }
  } else if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    if (goOnFrom(item, event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
  }
});

// Saved: on to the next text; after the last one, to the link to the next page. Only once it has settled does the new
// piece carry its own classes.
document.addEventListener("htmx:afterSettle", (event) => {
  const item = document.getElementById(event.detail.target.id);
  if (!item || !item.matches(".translation.saved")) return;
  if (!goOnFrom(item, 1)) {
    const onward = document.querySelector(".pagination [rel=next]") || item.querySelector("a[href*='/translations/']");
    if (onward) onward.focus();
  }
});

// What was typed and not saved is not lost by a slip: the browser asks before it leaves.
window.addEventListener("beforeunload", (event) => {
  const unsaved = (field) => field.value !== field.defaultValue && !field.closest("[aria-busy]");
  if (!document.activeElement.closest("form") && [...document.querySelectorAll(".translation textarea")].some(unsaved)) event.preventDefault();
});
