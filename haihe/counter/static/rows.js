// The latest payments below the stage, the newest on top, and the count of the shift.
const LATEST_MAX = 8;
const find = (name) => document.querySelector(`[data-${name}]`);
const latest = find("latest");

function add(taken) {
  const row = find("taken").content.cloneNode(true).firstElementChild;
  row.dataset.payment = taken.id;
  for (const name of ["who", "at", "amount"]) row.querySelector(`[data-${name}]`).textContent = taken[name];
  row.querySelector("[data-companion]").hidden = !taken.companion;
  latest.prepend(row);
  while (latest.children.length > LATEST_MAX) latest.lastElementChild.remove();
  find("none").hidden = true;
  return `${taken.who}${taken.companion ? row.querySelector("[data-companion]").textContent : ""}`;
}

function count(more) {
  find("count").textContent = String(Number(find("count").textContent) + more);
}

// Gives a function that begins the count anew; what was paid since this moment stays counted.
export function countAnew() {
  const before = Number(find("count").textContent);
  return () => count(-before);
}

// Puts fresh payments on top; `tell` hears of each with the name that stands in its row.
export function addAll(fresh, tell) {
  for (const taken of fresh) tell(taken, add(taken));
  count(fresh.length);
}
