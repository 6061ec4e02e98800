// What stands on the driver's screen: the big state, the latest rides, the count of the shift.
const PAID_MS = 4000;
const LATEST_MAX = 8;
const find = (name) => document.querySelector(`[data-${name}]`);
const stage = find("stage"), state = find("state"), price = find("price"), who = find("who-now"), latest = find("latest");
let timer, standing = "ready";

function face(name, text = price.dataset[name], person = "") {
  for (const seal of ["ready", "paid", "off"]) find(`seal-${seal}`).hidden = seal !== (name === "elsewhere" ? "off" : name);
  stage.classList.remove("is-paid", "is-off");
  if (name !== "ready") {
    void stage.offsetWidth; // starts the movement anew for the next rider
    stage.classList.add(name === "paid" ? "is-paid" : "is-off");
  }
  state.textContent = state.dataset[name];
  price.textContent = text;
  who.textContent = person;
}

export function show(ride) {
  const row = find("ride").content.cloneNode(true).firstElementChild;
  row.dataset.payment = ride.id;
  for (const name of ["who", "at", "amount"]) row.querySelector(`[data-${name}]`).textContent = ride[name];
  row.querySelector("[data-companion]").hidden = !ride.companion;
  latest.prepend(row);
  while (latest.children.length > LATEST_MAX) latest.lastElementChild.remove();
  find("none").hidden = true;
  face("paid", ride.amount, `${ride.who}${row.querySelector("[data-companion]:not([hidden])")?.textContent ?? ""}`);
  clearTimeout(timer);
  timer = setTimeout(() => face(standing), PAID_MS);
}

export function count(more, from = Number(find("count").textContent)) {
  find("count").textContent = String(from + more);
}

export function connected(now) {
  standing = now;
  find("on").hidden = now !== "ready";
  document.querySelector("[data-live] [data-off]").hidden = now === "ready";
  find("live").toggleAttribute("data-off", now !== "ready");
  clearTimeout(timer);
  face(now);
}
