// The driver's screen: follows the stream of its terminal, shows and sounds what was paid, says when it is cut off.
import { unlock, paid, lost, back } from "./sound.js";
import { show, count, connected } from "./stage.js";
import { stayAwake } from "./awake.js";

const RETRY_MS = 1000;
const SILENCE_MS = 40000; // the server speaks every 15 s; a line that is silent for longer is dead
const top = document.querySelector("[data-terminal]");
const seen = new Set([...document.querySelectorAll("[data-payment]")].map((row) => row.dataset.payment));
let cursor = top.dataset.cursor;
let stream, watchdog;

function listen() {
  stream?.close();
  stream = new EventSource(`${top.dataset.events}?after=${cursor}`);
  stream.addEventListener("open", () => online(true));
  stream.addEventListener("error", () => online(false));
  stream.addEventListener("paid", ({ data, lastEventId }) => {
    cursor = lastEventId;
    online(true);
    const fresh = JSON.parse(data).filter(({ id }) => !seen.has(id));
    fresh.forEach((ride) => { seen.add(ride.id); show(ride); });
    count(fresh.length);
    if (fresh.length) paid();
  });
  stream.addEventListener("anew", () => location.reload());
  stream.addEventListener("elsewhere", () => { stream.close(); clearTimeout(watchdog); connected("elsewhere"); });
}

function online(now) {
  clearTimeout(watchdog);
  watchdog = setTimeout(listen, now ? SILENCE_MS : RETRY_MS);
  if (now === (top.dataset.online !== "false")) return;
  top.dataset.online = String(now);
  connected(now ? "ready" : "off");
  if (now) back(); else lost();
}

document.querySelector("[data-shift]").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  unlock();
  stayAwake();
  paid();
  form.hidden = true;
  document.querySelector("[data-sound-on]").hidden = false;
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => null);
  if (answer?.ok) count(0, 0);
});

document.querySelector("[data-light]").addEventListener("click", ({ currentTarget }) => {
  const light = document.body.classList.toggle("light");
  currentTarget.setAttribute("aria-pressed", String(light));
});

addEventListener("offline", () => online(false));
addEventListener("online", listen);
listen();
