// The stage: camera, light and piece, drawn only when something changed. Angles are degrees round the piece, 0 in front.

import { ACESFilmicToneMapping, Box3, Color, PerspectiveCamera, Raycaster, Scene, Vector2, Vector3, WebGLRenderer } from "../../vendor/three@0.183.2/three.module.min.js";
import { OrbitControls } from "../../vendor/three@0.183.2/OrbitControls.js";
import { readModel } from "./model.js";
import { materialsFor } from "./materials.js";
import { lightFor } from "./studio.js";

const FIELD = 20; // degrees, what a macro lens sees
const FIRST = { turn: 28, rise: 22 };
const FILL = 0.86;
const NEAREST = 0.25;
const FARTHEST = 1.8;

export function openStage(place, content, { reduced }) {
  const renderer = new WebGLRenderer({ antialias: true, alpha: true, stencil: true, powerPreference: "high-performance" });
  renderer.toneMapping = ACESFilmicToneMapping;
  renderer.toneMappingExposure = 1.15;
  renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
  place.append(renderer.domElement);
  const light = lightFor(renderer);
  const materials = materialsFor(light.stone);
  const piece = readModel(content, materials.of);
  const scene = new Scene();
  scene.environment = light.metal;
  scene.add(piece);
  const box = new Box3().setFromObject(piece);
  const centre = box.getCenter(new Vector3());
  const reach = box.getSize(new Vector3()).length() / 2;
  const camera = new PerspectiveCamera(FIELD, 1, reach / 50, reach * 60);
  const controls = new OrbitControls(camera, renderer.domElement);
  controls.target.copy(centre);
  controls.enablePan = false;
  controls.enableDamping = !reduced;
  controls.dampingFactor = 0.12;
  controls.minPolarAngle = 0.05;
  controls.maxPolarAngle = Math.PI - 0.05;
  const watchers = new Set();
  let asked = false;
  let spinning = false;

  const usual = () => {
    // the farthest the piece reaches from the middle, in the picture's height or width, whichever is tighter
    const half = Math.tan((FIELD * Math.PI) / 360);
    const size = box.getSize(new Vector3());
    const wide = Math.hypot(size.x, size.z) / 2;
    return Math.max(size.y / 2 / half, wide / half / camera.aspect) / FILL + Math.max(size.x, size.z) / 2;
  };
  const angles = () => {
    const away = camera.position.clone().sub(controls.target);
    return { turn: (Math.atan2(away.x, away.z) * 180) / Math.PI, rise: (Math.asin(away.y / away.length()) * 180) / Math.PI, distance: away.length() };
  };
  const stand = ({ turn, rise, distance }) => {
    const around = (turn * Math.PI) / 180;
    const up = (Math.max(-87, Math.min(87, rise)) * Math.PI) / 180;
    camera.position.set(Math.sin(around) * Math.cos(up), Math.sin(up), Math.cos(around) * Math.cos(up)).multiplyScalar(distance).add(controls.target);
    controls.update();
    ask();
  };

  function draw() {
    asked = false;
    const moving = controls.update();
    const turned = Math.atan2(camera.position.x - controls.target.x, camera.position.z - controls.target.z);
    scene.environmentRotation.y = turned; // the studio turns with the camera, as before a fixed tripod
    materials.turned.value = -turned;
    renderer.render(scene, camera);
    for (const watcher of watchers) watcher(stage);
    if (moving || spinning) ask();
  }
  function ask() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(draw);
  }
  function fit() {
    const { clientWidth: width, clientHeight: height } = place;
    if (!width || !height) return;
    const before = usual();
    const was = camera.position.clone().sub(controls.target).length();
    renderer.setSize(width, height, false);
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
    const now = usual();
    controls.minDistance = now * NEAREST;
    controls.maxDistance = now * FARTHEST;
    if (was > 0) stand({ ...angles(), distance: (was * now) / before });
    ask();
  }

  const stage = {
    piece,
    camera,
    box,
    draw: ask,
    watch: (watcher) => watchers.add(watcher),
    turnBy: (degrees, rise = 0) => stand({ turn: angles().turn + degrees, rise: angles().rise + rise, distance: angles().distance }),
    turnTo: (degrees) => stand({ ...angles(), turn: FIRST.turn + degrees }),
    closer: (share) => stand({ ...angles(), distance: Math.max(controls.minDistance, Math.min(controls.maxDistance, angles().distance * share)) }),
    front: () => stand({ turn: 0, rise: 7, distance: usual() }),
    angles,
    spin(on) {
      spinning = on;
      controls.autoRotate = on;
      controls.autoRotateSpeed = 2;
      ask();
    },
    colour(channels) {
      for (const one of materials.metals) one.color = new Color().fromArray(channels);
      ask();
    },
    // where a point of the room falls on the picture, in its own pixels from the top left; `behind` is beyond the middle
    project(point) {
      const on = point.clone().project(camera);
      const away = camera.position.distanceTo(point) > camera.position.distanceTo(controls.target) + reach * 0.25;
      return { x: ((on.x + 1) / 2) * place.clientWidth, y: ((1 - on.y) / 2) * place.clientHeight, behind: away };
    },
    // the first surface under a place of the picture: its point in the drawing's millimetres, and the part's name
    touch(x, y) {
      const on = new Vector2((x / place.clientWidth) * 2 - 1, 1 - (y / place.clientHeight) * 2);
      const ray = new Raycaster();
      ray.setFromCamera(on, camera);
      const [hit] = ray.intersectObject(piece, true);
      if (!hit) return null;
      return { point: piece.worldToLocal(hit.point.clone()), body: hit.object.parent.name };
    },
    fromDrawing: (x, y, z) => piece.localToWorld(new Vector3(x, y, z)),
    part: (name) => piece.children.find((one) => one.name === name),
    boxOf: (part) => new Box3().setFromObject(part),
    onPick(pick) {
      let down = null;
      place.addEventListener("pointerdown", (event) => { down = [event.clientX, event.clientY]; });
      place.addEventListener("pointerup", (event) => {
        if (!down || Math.hypot(event.clientX - down[0], event.clientY - down[1]) > 5) return;
        const frame = place.getBoundingClientRect();
        pick(event.clientX - frame.left, event.clientY - frame.top);
      });
    },
    size: () => [place.clientWidth, place.clientHeight],
  };
  controls.addEventListener("change", ask);
  new ResizeObserver(fit).observe(place);
  camera.aspect = place.clientWidth / Math.max(1, place.clientHeight);
  stand({ ...FIRST, distance: usual() });
  fit();
  return stage;
}
