// The driver's check of tickets: camera or typed code → the server says in colour what it is; this adds the sound and the next scan.
import { openCamera } from "../js/camera.js";
import { makeReader } from "../js/reader.js";
import { unlock, paid, lost } from "../counter/sound.js";

const PAUSE_MS = 150;
const SAME_MS = 5000; // a ticket that is still before the camera is not asked for again
const find = (name) => document.querySelector(`[data-${name}]`);
const text = (name) => document.querySelector(`[data-text=${name}]`).content.textContent;
const form = find("check"), says = find("says");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
let last = "", until = 0;

async function ask(code) {
  const body = new URLSearchParams(new FormData(form));
  body.set("text", code);
  const answer = await fetch(location.href, { method: "POST", body }).catch(() => null);
  const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
  const verdict = page?.querySelector("[data-verdict]");
  says.textContent = verdict ? "" : text("offline");
  if (!verdict) return lost();
  find("verdict").replaceWith(verdict);
  find("count").textContent = page.querySelector("[data-count]").textContent;
  if (verdict.dataset.verdict === "valid") paid(); else lost();
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(verdict.dataset.verdict === "valid" ? 60 : [80, 60, 80]);
}

async function watch(camera) {
  const reader = await makeReader();
  for (;;) {
    const code = await reader.read(camera);
    if (code && (code !== last || Date.now() > until)) {
      await ask(code);
      last = code;
    }
    if (code) until = Date.now() + SAME_MS;
    await pause(PAUSE_MS);
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  unlock();
  await ask(form.elements.text.value);
  form.elements.text.value = "";
});

find("camera-box").hidden = false;
find("start").addEventListener("click", async ({ currentTarget }) => {
  unlock();
  currentTarget.hidden = true;
  find("finder").hidden = false;
  const { camera, problem } = await openCamera(find("camera"), find("torch"));
  if (!problem) return watch(camera);
  find("finder").hidden = true;
  says.textContent = text(problem);
});
