// How an answer is seen and heard: paid green with two tones up, refused red with two low ones.
import { face, flash } from "./stage.js";
import { paid, refused } from "./sound.js";

export function sayPaid(words, ms) {
  paid();
  flash("paid", words, ms);
}

// Stays until something else is said, or for a moment only.
export function sayRefused(words, { ms = 0, name = "refused" } = {}) {
  refused();
  if (ms) flash(name, words, ms);
  else face(name, words);
}
