// The stage: one big state at a time (ready, paid, refused, off …); a state without words of its own has those of the page.
const TONES = { paid: "is-paid", refused: "is-refused", off: "is-off", elsewhere: "is-off", already: "is-warn", asking: "is-warn" };
const SEALS = { elsewhere: "off", already: "warn" };
const find = (name) => document.querySelector(`[data-${name}]`);
const stage = find("stage"), state = find("state"), price = find("price"), who = find("who-now");
let timer, standing = "ready";

export function face(name, { title, text, person = "" } = {}) {
  clearTimeout(timer);
  for (const seal of stage.querySelectorAll("[data-seal]")) seal.hidden = seal.dataset.seal !== (SEALS[name] ?? name);
  stage.classList.remove(...new Set(Object.values(TONES)));
  if (TONES[name]) {
    void stage.offsetWidth; // starts the movement anew for the next one
    stage.classList.add(TONES[name]);
  }
  stage.dataset.now = name;
  state.textContent = title ?? state.dataset[name];
  price.textContent = text ?? price.dataset[name] ?? "";
  who.textContent = person;
}

// For a moment, then back to how things stand.
export function flash(name, words, ms) {
  face(name, words);
  timer = setTimeout(() => face(standing), ms);
}

export function stand(now) {
  standing = now;
  face(now);
}
