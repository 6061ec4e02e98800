// Listens on every page of the journeys: when something was pressed, which tones were played, when the driver saw green.
addEventListener("securitypolicyviolation", (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
addEventListener("click", () => sessionStorage.setItem("pressed-at", Date.now()), true);

globalThis.tones = [];
const PlainOscillator = globalThis.OscillatorNode;
globalThis.OscillatorNode = class extends PlainOscillator {
  start(...when) {
    tones.push({ hertz: this.frequency.value, running: this.context.state === "running", at: Date.now() });
    super.start(...when);
  }
};

globalThis.greenAt = [];
addEventListener("DOMContentLoaded", () => {
  const stage = document.querySelector("[data-stage]");
  const seen = () => stage.classList.contains("is-paid") && requestAnimationFrame(() => greenAt.push(Date.now()));
  if (stage) new MutationObserver(seen).observe(stage, { attributes: true, attributeFilter: ["class"] });
});
