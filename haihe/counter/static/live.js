// Follows a terminal's stream: what was paid, once; whether it is connected; whether another screen took its place.
import { lost, back } from "./sound.js";

const RETRY_MS = 1000;
const SILENCE_MS = 40000; // the server speaks every 15 s; a line that is silent for longer is dead

export function follow({ news, connected }) {
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
      fresh.forEach(({ id }) => seen.add(id));
      if (fresh.length) news(fresh);
    });
    stream.addEventListener("anew", () => location.reload());
    stream.addEventListener("elsewhere", () => { stream.close(); clearTimeout(watchdog); show("elsewhere"); });
  }

  function show(now) {
    document.querySelector("[data-live] [data-on]").hidden = now !== "ready";
    document.querySelector("[data-live] [data-off]").hidden = now === "ready";
    document.querySelector("[data-live]").toggleAttribute("data-off", now !== "ready");
    connected(now);
  }

  function online(now) {
    clearTimeout(watchdog);
    watchdog = setTimeout(listen, now ? SILENCE_MS : RETRY_MS);
    if (now === (top.dataset.online !== "false")) return;
    top.dataset.online = String(now);
    show(now ? "ready" : "off");
    if (now) back(); else lost();
  }

  addEventListener("offline", () => online(false));
  addEventListener("online", listen);
  listen();
}
