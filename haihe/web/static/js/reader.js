// Reads QR codes from a video or a picture: the browser's own detector where there is one, otherwise jsQR in a worker.
const PIXELS_MAX = 800;

async function hasDetector() {
  if (!("BarcodeDetector" in globalThis)) return false;
  const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
  return formats.includes("qr_code");
}

function detectorReader() {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return { read: async (image) => (await detector.detect(image).catch(() => []))[0]?.rawValue };
}

function pixelsOf(image, canvas) {
  const width = image.videoWidth ?? image.width;
  const height = image.videoHeight ?? image.height;
  const scale = Math.min(1, PIXELS_MAX / Math.max(width, height, 1));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function workerReader() {
  const worker = new Worker(new URL("./reader-worker.js", import.meta.url));
  const canvas = document.createElement("canvas");
  const waiting = [];
  worker.onmessage = ({ data }) => waiting.shift()?.(data);
  const read = (image) => new Promise((found) => {
    const { data, width, height } = pixelsOf(image, canvas);
    waiting.push(found);
    worker.postMessage({ data, width, height }, [data.buffer]);
  });
  return { read };
}

export async function makeReader() {
  return (await hasDetector()) ? detectorReader() : workerReader();
}
