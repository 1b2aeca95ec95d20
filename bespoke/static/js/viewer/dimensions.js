// Dimension lines over the model: where the panel names a measure that has a place, a line with its figure is drawn there.

import { Vector3 } from "../../vendor/three@0.183.2/three.module.min.js";

const SVG = "http://www.w3.org/2000/svg";
const TICK = 6;

export function bindDimensions(room, stage) {
  const svg = room.querySelector("[data-dims]");
  const lines = [...document.querySelectorAll("[data-span]")].map((term) => line(term, stage, svg)).filter(Boolean);
  svg.toggleAttribute("hidden", !lines.length);
  stage.watch(() => {
    if (!svg.hasAttribute("hidden")) for (const one of lines) one();
  });
}

function line(term, stage, svg) {
  const ends = spans[term.dataset.span]?.(term.dataset, stage);
  if (!ends) return null;
  const path = svg.appendChild(document.createElementNS(SVG, "path"));
  const text = svg.appendChild(document.createElementNS(SVG, "text"));
  text.textContent = figure(term);
  return () => {
    const [a, b] = ends().map((point) => stage.project(point));
    const long = Math.hypot(b.x - a.x, b.y - a.y);
    const shown = long > 24;
    text.textContent = shown ? figure(term) : "";
    if (!shown) return path.setAttribute("d", "");
    const [x, y] = [(-(b.y - a.y) / long) * TICK, ((b.x - a.x) / long) * TICK];
    path.setAttribute("d", `M${a.x} ${a.y}L${b.x} ${b.y}M${a.x - x} ${a.y - y}l${2 * x} ${2 * y}M${b.x - x} ${b.y - y}l${2 * x} ${2 * y}`);
    const upright = Math.abs(b.y - a.y) > Math.abs(b.x - a.x);
    text.setAttribute("x", (a.x + b.x) / 2 + (upright ? 38 : 0));
    text.setAttribute("y", (a.y + b.y) / 2 + (upright ? 5 : -10));
  };
}

const figure = (term) => term.dataset.span === "stone" ? term.dataset.width : term.nextElementSibling.textContent.trim();

// Each gives the two ends of its line in the room's space, anew for every picture.
const spans = {
  bore(said, stage) {
    const middle = stage.fromDrawing(...said.centre.split(" ").map(Number));
    const half = Number(said.diameter) / 2000;
    return () => [new Vector3(middle.x - half, middle.y, middle.z), new Vector3(middle.x + half, middle.y, middle.z)];
  },
  head(said, stage) {
    const part = stage.part(said.body);
    if (!part) return null;
    const box = stage.boxOf(part);
    const finger = stage.fromDrawing(...said.centre.split(" ").map(Number)).y + Number(said.diameter) / 2000;
    const aside = stage.box.max.x * 0.9 + 0.0015;
    return () => {
      // beside the piece, on whichever side the viewer has to the right
      const right = new Vector3().setFromMatrixColumn(stage.camera.matrixWorld, 0).setY(0).normalize().multiplyScalar(aside);
      return [new Vector3(right.x, finger, right.z), new Vector3(right.x, box.max.y, right.z)];
    };
  },
  stone(said, stage) {
    const part = stage.part(said.body);
    if (!part || !said.width) return null;
    const box = stage.boxOf(part);
    const y = stage.box.max.y + 0.0014;
    const z = (box.min.z + box.max.z) / 2;
    return () => [new Vector3(box.min.x, y, z), new Vector3(box.max.x, y, z)];
  },
};
