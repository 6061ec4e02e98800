// The terminal's camera: hands on every payment code that it sees, the same one not twice in a row.
import { openCamera } from "../js/camera.js";
import { makeReader } from "../js/reader.js";

const PAUSE_MS = 100;
const SAME_MS = 10000; // a phone that stays before the camera is not a second payment
const find = (name) => document.querySelector(`[data-${name}]`);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export async function watch(seen, facing) {
  const reader = await makeReader();
  const { camera, problem } = await openCamera(find("camera"), find("torch"), facing);
  find("lens").toggleAttribute("data-shut", Boolean(problem));
  find("camera").hidden = Boolean(problem);
  find("shut").hidden = !problem;
  if (problem) find("shut").textContent = document.querySelector(`[data-text=${problem}]`).content.textContent;
  let last = "", until = 0;
  while (camera) {
    const text = await reader.read(camera);
    if (text && (text !== last || Date.now() > until)) {
      last = text;
      await seen(text);
    }
    if (text === last) until = Date.now() + SAME_MS;
    await pause(PAUSE_MS);
  }
}

export function offerCamera(seen) {
  find("open-camera").addEventListener("click", ({ currentTarget }) => {
    currentTarget.hidden = true;
    find("lens").hidden = false;
    watch(seen);
  });
}
