// Charges whoever shows a payment code. Without an answer it asks again with the same key, so that nobody pays twice; it never guesses.
const PATIENCE_MS = 8000, AGAIN_MS = 1000;
const UNDECIDED = new Set(["try_again", "in_progress", "rate_limited"]);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Random, also where the page is not served over https and crypto.randomUUID is missing.
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function ask(address, headers, body) {
  try {
    const answer = await fetch(address, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE_MS) });
    const told = await answer.json();
    return UNDECIDED.has(told.code) ? null : { paid: answer.ok, ...told };
  } catch {
    return null;
  }
}

export async function charge(address, wish, askingAgain) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": newKey() };
  for (;;) {
    const told = await ask(address, headers, JSON.stringify(wish));
    if (told) return told;
    askingAgain();
    await pause(AGAIN_MS);
  }
}

// What is said about a refusal at this screen: heading and advice, else the refusal's own words.
export function wordsOf({ code, detail }) {
  const words = document.querySelector(`template[data-refusal="${code}"]`)?.content;
  return words ? { title: words.querySelector("b").textContent, text: words.querySelector("i").textContent } : { text: detail };
}

// Who paid what, each part by its name.
export const partsOf = ({ paid_by: parts }) => parts.map(({ name, told }) => `${name} ${told}`).join(" + ");
