// On the page of an open top-up: looks again until the bank's word is known, then shows it or goes on to where the person wanted to go.
const EVERY_MS = 1500;
const frame = document.querySelector("[data-pending]");

async function look() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return setTimeout(look, EVERY_MS);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-state]");
  if (!fresh || "pending" in fresh.dataset) return setTimeout(look, EVERY_MS);
  if (fresh.dataset.goOn) return location.replace(fresh.dataset.goOn);
  document.querySelector("main").replaceChildren(...page.querySelector("main").childNodes);
  document.title = page.title;
}

if (frame) setTimeout(look, EVERY_MS);
