// The payment code: counts down, brings the next one before it ends, and leads on to the paid page when a till has used it.
const RENEW_BEFORE_S = 6, LOOK_MS = 2000, AGAIN_MS = 3000;
const find = (name) => document.querySelector(`[data-${name}]`);
const text = (name) => document.querySelector(`[data-text=${name}]`).content.textContent;
const form = find("codes"), left = find("left"), renewing = find("renewing");
const watched = new Map(); // every code that a till may still take, and until when; the next one comes while the last still holds
let ends, asked = false;

function take() {
  const { code, lasts } = find("code").dataset;
  ends = Date.now() + Number(lasts) * 1000;
  watched.set(code, ends + 2 * LOOK_MS);
}

function tick() {
  const seconds = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
  left.value = seconds;
  renewing.textContent = seconds ? renewing.dataset.text.replace("{s}", seconds) : text("ended");
  find("place").toggleAttribute("data-ended", seconds === 0);
  if (seconds <= RENEW_BEFORE_S && !asked && document.visibilityState === "visible") renew();
}

async function renew() {
  asked = true;
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } }).catch(() => null);
  if (answer?.redirected || answer?.status === 403) return location.reload();
  find("cut").hidden = Boolean(answer?.ok);
  if (answer?.ok) {
    find("place").replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.children);
    take();
    find("said").textContent = text("renewed");
    asked = false;
    tick();
  } else setTimeout(renew, AGAIN_MS);
}

async function look(code, until) {
  const answer = await fetch(`/pay/codes/${code}`, { headers: { Accept: "application/json" } }).catch(() => null);
  const { status, payment } = answer?.ok ? await answer.json() : {};
  if (status === "paid") location.assign(`/payments/${payment}?fresh=1`);
  if (Date.now() > until && answer) watched.delete(code);
}

async function lookAll() {
  if (document.visibilityState === "visible") await Promise.all([...watched].map(([code, until]) => look(code, until)));
  setTimeout(lookAll, LOOK_MS);
}

take();
tick();
setInterval(tick, 1000);
document.addEventListener("visibilitychange", tick);
setTimeout(lookAll, LOOK_MS);
