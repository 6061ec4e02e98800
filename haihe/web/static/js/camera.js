// Opens the camera at the back, or the one that faces the person, and its light; says what is wrong if it cannot ("denied", "absent", "insecure").
const wish = (facingMode) => ({ video: { facingMode, width: { ideal: 1280 } }, audio: false });

function reason(error) {
  return ["NotAllowedError", "SecurityError"].includes(error.name) ? "denied" : "absent";
}

function offerLight(track, button) {
  if (!track.getCapabilities?.().torch) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    await track.applyConstraints({ advanced: [{ torch: on }] });
    button.setAttribute("aria-pressed", String(on));
  });
}

export async function openCamera(video, torch, facing = "environment") {
  if (!navigator.mediaDevices) return { problem: isSecureContext ? "absent" : "insecure" };
  try {
    const stream = await navigator.mediaDevices.getUserMedia(wish(facing));
    video.srcObject = stream;
    await video.play();
    const [track] = stream.getVideoTracks();
    offerLight(track, torch);
    addEventListener("pagehide", () => track.stop(), { once: true });
    return { camera: video };
  } catch (error) {
    return { problem: reason(error) };
  }
}
