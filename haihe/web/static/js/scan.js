// The scanner page: camera or picture → text → the server says where it leads. Texts stand in the page's templates.
import { openCamera } from "./camera.js";
import { offerPicture } from "./picture.js";
import { makeReader } from "./reader.js";

const PAUSE_MS = 120;
const AGAIN_MS = 1500;
const find = (name) => document.querySelector(`[data-${name}]`);
const text = (name) => document.querySelector(`[data-text=${name}]`).content.textContent;
const result = find("result");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
let wrong = "";

function say(words, isWrong = false) {
  result.textContent = words;
  result.toggleAttribute("data-wrong", isWrong);
}

async function follow(scanned) {
  say(text("found"));
  try {
    const answer = await fetch(`/scan/read?text=${encodeURIComponent(scanned)}`, { headers: { Accept: "application/json" } });
    const { href, detail } = await answer.json();
    if (href) {
      if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(60);
      location.assign(href);
      return true;
    }
    wrong = scanned;
    say(detail, true);
  } catch {
    say(text("offline"), true);
    await pause(AGAIN_MS);
  }
  return false;
}

async function watch(camera) {
  for (;;) {
    const scanned = await reader.read(camera);
    if (scanned && scanned !== wrong && (await follow(scanned))) return;
    await pause(PAUSE_MS);
  }
}

const reader = await makeReader();
offerPicture(find("picture"), reader, async (scanned) => {
  if (scanned) await follow(scanned);
  else say(text("nothing"), true);
});
const { camera, problem } = await openCamera(find("camera"), find("torch"));
if (problem) find("state").textContent = text(problem);
else {
  for (const name of ["camera", "frame"]) find(name).hidden = false;
  find("closed").hidden = true;
  await watch(camera);
}
