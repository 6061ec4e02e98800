// On every page: registers the service worker once the page is quiet, and puts forms that were sent to sleep.
import "./once.js";

if ("serviceWorker" in navigator) {
  addEventListener("load", () => navigator.serviceWorker.register("/sw.js").catch(() => {}));
}
