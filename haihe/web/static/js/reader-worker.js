// Looks for a QR code in pixels, away from the page's own thread.
importScripts("../vendor/jsQR.js");

onmessage = ({ data: { data, width, height } }) => {
  postMessage(jsQR(data, width, height, { inversionAttempts: "attemptBoth" })?.data ?? null);
};
