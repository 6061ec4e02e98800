// Four sounds: paid (two tones up), refused (two low tones), connection lost (two tones down), connection back (one short tone).
let audio;

function tones(steps, length_s) {
  if (audio?.state !== "running") return;
  steps.forEach((hertz, place) => {
    const start = audio.currentTime + place * length_s;
    const tone = new OscillatorNode(audio, { frequency: hertz });
    const level = new GainNode(audio, { gain: 0 });
    level.gain.linearRampToValueAtTime(0.3, start + 0.01); // ramps: a sudden start clicks
    level.gain.setValueAtTime(0.3, start + length_s - 0.03);
    level.gain.linearRampToValueAtTime(0, start + length_s);
    tone.connect(level).connect(audio.destination);
    tone.start(start);
    tone.stop(start + length_s);
  });
}

// Browsers allow sound only after a touch.
export function unlock() {
  audio ??= new AudioContext();
  audio.resume();
}

export const paid = () => tones([880, 1320], 0.12);
export const refused = () => tones([220, 165], 0.25);
export const lost = () => tones([440, 330], 0.3);
export const back = () => tones([660], 0.15);

document.addEventListener("visibilitychange", () => audio?.resume());
