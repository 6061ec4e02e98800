// Keeps the city's page live: asks for its figures every few seconds and lets what changed fade in calmly.
const EVERY_MS = 3000;
const FADE_MS = 900;
const board = document.querySelector("[data-city]");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

function takeOver(fresh) {
  const parts = new Map([...fresh.querySelectorAll("[data-live]")].map((part) => [part.dataset.live, part]));
  for (const old of board.querySelectorAll("[data-live]")) {
    const part = parts.get(old.dataset.live);
    if (!part || part.innerHTML === old.innerHTML) continue;
    old.className = part.className;
    old.replaceChildren(...part.childNodes);
    if (!calm.matches && old.dataset.live !== "as-of") old.animate({ opacity: [0.25, 1] }, { duration: FADE_MS, easing: "ease-out" });
  }
}

function tellLost(lost) {
  const place = board.querySelector("[data-city-lost]");
  place.hidden = !lost;
  place.textContent = lost ? board.dataset.lost : "";
}

async function look() {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(board.dataset.city).catch(() => null);
  tellLost(!answer?.ok);
  if (answer?.ok) takeOver(new DOMParser().parseFromString(await answer.text(), "text/html"));
}

if (board) setInterval(look, EVERY_MS);
