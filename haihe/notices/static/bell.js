// The bell: keeps the number of unread notices right, and shows what comes for a moment, while the page is seen.
const WAIT_MS = 1500; // the page first
const SHOWN_MS = 8000;

const place = document.querySelector("[data-bell]");
const toast = document.querySelector("[data-fresh]");
let stream, hiding;

function show({ unread, title, text }) {
  for (const badge of document.querySelectorAll("[data-unread]")) {
    badge.textContent = unread > 99 ? "99+" : unread;
    badge.hidden = unread === 0;
  }
  if (!title || !toast) return;
  toast.textContent = text ? `${title}: ${text}` : title;
  toast.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { toast.hidden = true; }, SHOWN_MS);
}

function listen() {
  stream?.close();
  stream = undefined;
  if (document.hidden) return;
  stream = new EventSource(place.dataset.bell);
  stream.addEventListener("notice", ({ data }) => show(JSON.parse(data)));
}

addEventListener("visibilitychange", listen);
addEventListener("pagehide", () => stream?.close());
setTimeout(listen, WAIT_MS);
