// Keeps the screen lit; browsers let go when the page is hidden, so it is asked for again when it is back.
const ask = () => navigator.wakeLock?.request("screen").catch(() => {});
let wanted = false;

export function stayAwake() {
  wanted = true;
  ask();
}

document.addEventListener("visibilitychange", () => {
  if (wanted && document.visibilityState === "visible") ask();
});
