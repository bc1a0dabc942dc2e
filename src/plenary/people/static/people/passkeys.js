// Makes and uses passkeys. A form with data-passkey gets its credential from the browser, then is sent as any other.
"use strict";

const bytesOf = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const textOf = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const described = (list) => (list || []).map((each) => ({ ...each, id: bytesOf(each.id) }));

const create = async ({ publicKey }, alone) => {
  const chosen = { ...publicKey.authenticatorSelection };
  if (alone !== null) {
    chosen.residentKey = alone ? "required" : "discouraged";
    chosen.requireResidentKey = alone;
    if (alone) chosen.userVerification = "required";
  }
  return navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: bytesOf(publicKey.challenge),
      user: { ...publicKey.user, id: bytesOf(publicKey.user.id) },
      excludeCredentials: described(publicKey.excludeCredentials),
      authenticatorSelection: chosen,
    },
  });
};

const get = async ({ publicKey }) => navigator.credentials.get({
  publicKey: {
    ...publicKey,
    challenge: bytesOf(publicKey.challenge),
    allowCredentials: described(publicKey.allowCredentials),
  },
});

const written = (credential) => {
  const { response } = credential;
  const parts = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) parts[name] = textOf(response[name]);
  }
  if (response.getTransports) parts.transports = response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: parts,
  });
};

const optionsFor = async (form) => {
  if (form.dataset.passkey !== "fetch") return JSON.parse(document.getElementById("passkey-options").textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  return answer.json();
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  const failed = form.querySelector("[data-failed]");
  form.querySelector("button").hidden = false;
  form.querySelector("[data-without]").hidden = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      const options = await optionsFor(form);
      const isNew = form.dataset.passkey === "create";
      const alone = form.elements.passwordless ? form.elements.passwordless.checked : null;
      const credential = isNew
        ? await create(options.creation_options, alone)
        : await get(options.request_options);
      form.elements.credential.value = written(credential);
      form.submit();
    } catch {
      failed.hidden = false; // said aloud too: it is an alert
    }
  });
}
