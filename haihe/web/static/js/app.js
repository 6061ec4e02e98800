// On every page: registers the service worker once the page is quiet, puts forms that were sent to sleep, and asks again for a page
// that the browser kept in memory: money may have moved since, or someone may have signed out.
import "./once.js";

if ("serviceWorker" in navigator) {
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(() => {}));
}

addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  document.body.hidden = true;
  location.reload();
});
