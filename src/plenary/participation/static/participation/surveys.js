// Questions that depend on another are shown when they are asked; in the desk's form, the fields that the kind of question has.
"use strict";

const answersOf = (form, name) =>
  [...form.querySelectorAll(`input[name="${name}"]:checked`)]
    .filter((input) => !input.closest("[data-if][hidden]"))
    .map((input) => input.value);

const showWhatIsAsked = (form) => {
  // In their order: a question can open one that opens another.
  for (const part of form.querySelectorAll("[data-if]")) {
    const wanted = part.dataset.values.split(" ");
    part.hidden = !answersOf(form, part.dataset.if).some((value) => wanted.includes(value));
    const note = part.querySelector("[data-condition]");
    if (note) note.hidden = true;
  }
};

const showWhatTheKindHas = (form) => {
  const kind = answersOf(form, "kind")[0];
  for (const part of form.querySelectorAll("[data-kinds]")) part.hidden = !part.dataset.kinds.split(" ").includes(kind);
};

for (const [selector, show] of [["form[data-survey]", showWhatIsAsked], ["form[data-question]", showWhatTheKindHas]]) {
  for (const form of document.querySelectorAll(selector)) {
    form.addEventListener("change", () => show(form));
    show(form);
  }
}
