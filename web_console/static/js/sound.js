// Two short sounds: taken, refused. Made here, so nothing is loaded.
import { remembered } from "./settings.js";

let context = null;

function beep(notes) {
  if (remembered("sound", "on") !== "on") return;
  try {
    context ??= new AudioContext();
    if (context.state === "suspended") context.resume();
    let at = context.currentTime;
    for (const [hertz, seconds] of notes) {
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0.12, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + seconds);
      tone.connect(volume).connect(context.destination);
      tone.start(at);
      tone.stop(at + seconds);
      at += seconds;
    }
  } catch { /* a tablet without sound still sells */ }
}

export const accepted = () => beep([[1320, 0.09]]);
export const refused = () => beep([[330, 0.14], [220, 0.2]]);
