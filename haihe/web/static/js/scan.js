// The scanner page: camera or picture → text → the server says where it leads. Texts stand in the page's templates.
import { openCamera } from "./camera.js";
import { makeReader } from "./reader.js";

const PAUSE_MS = 120;
const find = (name) => document.querySelector(`[data-${name}]`);
const text = (name) => document.querySelector(`[data-text=${name}]`).content.textContent;
const result = find("result");
const asked = result.textContent;
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
      navigator.vibrate?.(60);
      location.assign(href);
      return true;
    }
    wrong = scanned;
    say(detail, true);
  } catch {
    say(text("offline"), true);
    await pause(1500);
  }
  return false;
}

async function watch(camera, reader) {
  for (;;) {
    const scanned = await reader.read(camera);
    if (scanned && scanned !== wrong && (await follow(scanned))) return;
    if (!scanned && !wrong) say(asked);
    await pause(PAUSE_MS);
  }
}

const reader = await makeReader();
const picture = find("picture");
picture.hidden = false;
picture.querySelector("input").addEventListener("change", async ({ target }) => {
  const scanned = target.files[0] && (await reader.read(await createImageBitmap(target.files[0])));
  if (!scanned || !(await follow(scanned))) scanned || say(text("nothing"), true);
  target.value = "";
});
const { camera, problem } = await openCamera(find("camera"), find("torch"));
if (problem) find("state").textContent = text(problem);
else {
  for (const name of ["camera", "frame"]) find(name).hidden = false;
  find("closed").hidden = true;
  await watch(camera, reader);
}
