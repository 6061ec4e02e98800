// The validator: whoever gets on holds a payment code before the camera or the scanner; taken or refused is seen and heard, then it is ready.
import { charge, wordsOf } from "./charging.js";
import { face, stand } from "./stage.js";
import { follow } from "./live.js";
import { offerLight, offerShift } from "./shift.js";
import { sayPaid, sayRefused } from "./answers.js";
import { unlock } from "./sound.js";
import { watch } from "./lens.js";

const SHOWN_MS = 2000;
const find = (name) => document.querySelector(`[data-${name}]`);
const form = find("sale"), code = find("code-field");
let busy = false;

async function take(scanned) {
  if (busy || !scanned) return;
  busy = true;
  face("charging");
  const told = await charge(form.action, { code: scanned }, () => face("asking"));
  busy = false;
  if (told.paid) sayPaid({ text: told.told, person: told.payer }, SHOWN_MS);
  else sayRefused(wordsOf(told), { ms: SHOWN_MS, name: told.code === "already_paid" ? "already" : "refused" });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  unlock();
  const scanned = code.value.trim();
  code.value = "";
  take(scanned);
});
// A hand scanner types wherever the focus is: it belongs here.
document.addEventListener("keydown", ({ key, target }) => { if (/^\d$/.test(key) && !target.closest("input")) code.focus(); });
follow({ news: () => {}, connected: (now) => { if (!busy) stand(now); } });
offerShift();
offerLight();
code.focus();
watch(take, "user");
