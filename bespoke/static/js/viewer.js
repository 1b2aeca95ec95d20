// The model in the viewing room: fetched beside the picture that is there already, then put in its place.
// Without WebGL, or where the model is lost, the picture and the turntable stay, and a sentence says why.

import { bindTools } from "./viewer/tools.js";
import { bindNotes } from "./viewer/notes.js";
import { bindMetals } from "./viewer/metals.js";
import { fetchModel } from "./viewer/fetching.js";

const room = document.querySelector("[data-viewer]");
const ring = room.querySelector("[data-ring]");

function told(sentence) {
  ring.hidden = false;
  ring.classList.add("said");
  ring.querySelector("span").textContent = sentence;
}

function progress(share) {
  const percent = Math.round(100 * share);
  ring.querySelector(".done").style.strokeDasharray = `${percent} 100`;
  ring.querySelector("span").textContent = `${percent} %`;
}

function drawsModels() {
  const canvas = document.createElement("canvas");
  return Boolean(canvas.getContext("webgl2"));
}

async function open() {
  if (!drawsModels()) return told(room.dataset.unable);
  ring.hidden = false;
  progress(0);
  let content;
  let openStage;
  let bindDimensions;
  try {
    // the library comes only where it is of use, beside the model
    [content, { openStage }, { bindDimensions }] = await Promise.all([
      fetchModel(room.dataset.model, (share) => progress(0.9 * share)),
      import("./viewer/stage.js"),
      import("./viewer/dimensions.js"),
    ]);
  } catch {
    return told(room.dataset.lost);
  }
  const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const live = room.querySelector(".live");
  live.hidden = false; // it has a size from here on, and is seen once it is ready
  let stage;
  try {
    stage = openStage(live, content, { reduced });
  } catch {
    live.hidden = true;
    return told(room.dataset.unable);
  }
  progress(1);
  for (const part of document.querySelectorAll("[data-live]")) part.hidden = false;
  bindDimensions(room, stage);
  bindTools(room, stage, { reduced });
  bindNotes(room, stage);
  bindMetals(stage);
  stage.draw();
  ring.hidden = true;
  room.classList.add("ready");
  room.dispatchEvent(new CustomEvent("ready"));
}

open();
