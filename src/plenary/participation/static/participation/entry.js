// Entering a paper ballot by keys alone: an answer leads on to the next statement, Backspace in an empty field leads back.
"use strict";

for (const form of document.querySelectorAll("form[data-entry]")) {
  const fields = [...form.querySelectorAll("[data-answer]")];
  const last = form.querySelector("button:not([name])");
  const code = form.elements.code;

  form.addEventListener("keydown", (event) => {
    const place = fields.indexOf(event.target);
    if (event.target === code && event.key === "Enter" && fields.length) {
      event.preventDefault();
      fields[0].focus();
    } else if (place >= 0 && event.key === "Enter") {
      event.preventDefault();
      (fields[place + 1] || last).focus();
    } else if (place > 0 && event.key === "Backspace" && !event.target.value) {
      event.preventDefault();
      fields[place - 1].focus();
      fields[place - 1].select();
    }
  });

  form.addEventListener("input", (event) => {
    const place = fields.indexOf(event.target);
    if (place >= 0 && /^\p{Nd}$/u.test(event.target.value)) (fields[place + 1] || last).focus();
  });

  for (const field of fields) field.addEventListener("focus", () => field.select());
}
