// The till: an amount, then the payer's code from a hand scanner, the keys or the camera; the answer large and to be heard.
import { addAll, countAnew } from "./rows.js";
import { charge, partsOf, wordsOf } from "./charging.js";
import { face, stand } from "./stage.js";
import { fenOf, offerKeys, splitCode } from "./amount.js";
import { follow } from "./live.js";
import { offerLight, offerShift } from "./shift.js";
import { sayPaid, sayRefused } from "./answers.js";
import { unlock } from "./sound.js";
import { offerCamera } from "./lens.js";

const PAID_MS = 5000;
const find = (name) => document.querySelector(`[data-${name}]`);
const sale = find("sale"), amount = find("amount-field"), code = find("code-field");
const mine = new Set();
let busy = false;

function wrong(words, field) {
  sayRefused(words);
  field.focus();
}
const amountWrong = () => wrong(wordsOf({ code: amount.value ? "amount_invalid" : "amount_missing" }), amount);

async function take(scanned) {
  if (busy || !scanned) return;
  const fen = fenOf(amount.value);
  if (fen === null) return amountWrong();
  busy = true;
  face("charging");
  const told = await charge(sale.action, { code: scanned, amount: fen }, () => face("asking"));
  busy = false;
  code.value = "";
  if (!told.paid) return wrong(wordsOf(told), code);
  mine.add(told.id);
  amount.value = "";
  amount.focus();
  sayPaid({ text: told.told, person: `${told.payer} · ${partsOf(told)}` }, PAID_MS);
}

sale.addEventListener("submit", (event) => {
  event.preventDefault();
  unlock();
  const typed = splitCode(amount.value);
  if (typed.code) [amount.value, code.value] = [typed.amount, typed.code];
  if (code.value) take(code.value.trim());
  else if (fenOf(amount.value) === null) amountWrong();
  else { face("scan"); code.focus(); }
});

// What is charged here is shown by its own answer; the rest was paid by the sticker.
function tell({ id, amount: text }, person) {
  if (!busy && !mine.has(id)) sayPaid({ text, person }, PAID_MS);
}

follow({ news: (fresh) => addAll(fresh, tell), connected: (now) => { if (!busy) stand(now); } });
offerCamera(take);
offerKeys(amount);
offerShift(countAnew);
offerLight();
