// Lets the seconds since the payment run (data-age), by the phone's own monotonic clock.
const ticker = document.querySelector("[data-age]");
const start = performance.now() - Number(ticker.dataset.age) * 1000;

function tick() {
  const seconds = Math.floor((performance.now() - start) / 1000);
  const pieces = [Math.floor(seconds / 60), seconds % 60];
  ticker.textContent = pieces.map((piece) => String(piece).padStart(2, "0")).join(":");
  setTimeout(tick, 1000 - ((performance.now() - start) % 1000));
}

tick();
if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([60, 60, 120]);
