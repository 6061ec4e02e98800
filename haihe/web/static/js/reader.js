// Reads QR codes from a video or a picture: the browser's own detector where there is one, otherwise jsQR in a worker.
const CAMERA_SIDES = [600, 350]; // by turns: the large one holds small codes, in the small one the grain of bad light is gone
const PICTURE_SIDES = [600, 350, 1200];

async function hasDetector() {
  if (!("BarcodeDetector" in globalThis)) return false;
  const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
  return formats.includes("qr_code");
}

function detectorReader() {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return { read: async (image) => (await detector.detect(image).catch(() => []))[0]?.rawValue };
}

function pixelsOf(image, canvas, side) {
  const isVideo = "videoWidth" in image;
  const width = image.videoWidth ?? image.width, height = image.videoHeight ?? image.height;
  const square = Math.min(width, height);
  const [wide, high] = isVideo ? [square, square] : [width, height]; // of the camera what the finder shows
  const scale = Math.min(1, side / Math.max(wide, high, 1));
  canvas.width = Math.max(1, Math.round(wide * scale));
  canvas.height = Math.max(1, Math.round(high * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(image, (width - wide) / 2, (height - high) / 2, wide, high, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function workerReader() {
  const worker = new Worker(new URL("./reader-worker.js", import.meta.url));
  const canvas = document.createElement("canvas");
  const waiting = [];
  let turn = 0;
  worker.onmessage = ({ data }) => waiting.shift()?.(data);
  const look = (image, side) => new Promise((found) => {
    const { data, width, height } = pixelsOf(image, canvas, side);
    waiting.push(found);
    worker.postMessage({ data, width, height }, [data.buffer]);
  });
  const read = async (image) => {
    if ("videoWidth" in image) return look(image, CAMERA_SIDES[turn++ % CAMERA_SIDES.length]);
    for (const side of PICTURE_SIDES) {
      const found = await look(image, side);
      if (found) return found;
    }
    return null;
  };
  return { read };
}

export async function makeReader() {
  return (await hasDetector()) ? detectorReader() : workerReader();
}
