// The button that begins a shift: from then on the screen may sound and stays lit, and its count begins anew.
import { unlock, paid } from "./sound.js";
import { stayAwake } from "./awake.js";

// `starting` is called at the tap, what it gives once the server has begun the shift.
export function offerShift(starting = () => () => {}) {
  document.querySelector("[data-shift]").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.currentTarget, began = starting();
    unlock();
    stayAwake();
    paid();
    form.hidden = true;
    document.querySelector("[data-sound-on]").hidden = false;
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => null);
    if (answer?.ok) began();
  });
}

export function offerLight() {
  document.querySelector("[data-light]").addEventListener("click", ({ currentTarget }) => {
    const light = document.body.classList.toggle("light");
    currentTarget.setAttribute("aria-pressed", String(light));
  });
}
