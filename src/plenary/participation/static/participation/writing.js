// Below a field with data-most: how many characters are left, counted as the server counts them (code points, composed,
// single spaces). Without script the hint says how many are taken, and the answer says by how much it was too long.
"use strict";

{
  const numbers = new Intl.NumberFormat(document.documentElement.lang || "en");
  const NEAR = 40; // from here on, those who hear the page are told too, once they pause
  let pause;

  const lengthOf = (text) => [...text.normalize("NFC").trim().replace(/\s+/gu, " ")].length;

  const count = (field) => {
    let place = field.nextElementSibling;
    if (!place || !place.matches("[data-count]")) {
      place = document.createElement("div");
      place.className = "hint";
      place.dataset.count = "";
      place.setAttribute("aria-hidden", "true"); // it changes with every key; what is worth hearing is announced
      field.after(place);
    }
    const left = Number(field.dataset.most) - lengthOf(field.value);
    const words = (left < 0 ? field.dataset.over : field.dataset.left).replace("{count}", numbers.format(Math.abs(left)));
    place.textContent = words;
    place.className = left < 0 ? "error" : "hint";
    clearTimeout(pause);
    if (left <= NEAR) pause = setTimeout(() => announce(words), 1000);
  };

  for (const name of ["input", "focusin"]) {
    document.addEventListener(name, (event) => {
      if (event.target.matches("textarea[data-most]")) count(event.target);
    });
  }
}
