// Passkeys: a button with data-passkey asks the device for a new one ("create") or for an answer by one ("get"), and sends its form with it.
const TEXTS = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];

function bytes(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function asked(options) {
  const named = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));
  const publicKey = { ...options, challenge: bytes(options.challenge) };
  if (options.user) publicKey.user = { ...options.user, id: bytes(options.user.id) };
  publicKey.allowCredentials = named(options.allowCredentials);
  publicKey.excludeCredentials = named(options.excludeCredentials);
  return { publicKey };
}

function told({ id, rawId, type, response }) {
  const given = TEXTS.filter((name) => response[name]).map((name) => [name, text(response[name])]);
  return JSON.stringify({ id, rawId: text(rawId), type, response: Object.fromEntries(given), clientExtensionResults: {} });
}

async function press(button) {
  const { form, dataset } = button;
  const failed = form.querySelector("[data-passkey-failed]");
  button.disabled = true;
  failed.hidden = true;
  try {
    const credential = await navigator.credentials[dataset.passkey](asked(JSON.parse(dataset.options)));
    form.elements.credential.value = told(credential);
    form.noValidate = true;
    form.submit();
  } catch {
    failed.hidden = false;
    button.disabled = false;
  }
}

for (const button of document.querySelectorAll("button[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  button.hidden = false;
  button.addEventListener("click", () => press(button));
}
