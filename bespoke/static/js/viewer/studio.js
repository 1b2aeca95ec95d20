// The room around the piece, made in code: soft boxes and dark cards, as in the house's own pictures on dark ground.
// Azimuth 0 is the camera, elevation 0 level with the piece; radiance 1 is paper in full light.

import { BackSide, DoubleSide, Color, CubeCamera, HalfFloatType, LinearFilter, Mesh, PlaneGeometry, PMREMGenerator, Scene, SphereGeometry, ShaderMaterial, WebGLCubeRenderTarget } from "../../vendor/three@0.183.2/three.module.min.js";

const BOXES = [
  { azimuth: 0, elevation: 4, width: 50, height: 50, light: 0.05 },
  { azimuth: -100, elevation: 6, width: 20, height: 90, light: 0.03 },
  { azimuth: -60, elevation: 40, width: 66, height: 54, light: 2.6 },
  { azimuth: 64, elevation: 32, width: 34, height: 74, light: 1.9 },
  { azimuth: 180, elevation: 42, width: 100, height: 30, light: 1.3 },
  { azimuth: 0, elevation: 84, width: 60, height: 60, light: 1.9 },
  { azimuth: -140, elevation: 12, width: 12, height: 90, light: 1.6 },
  { azimuth: 124, elevation: 8, width: 9, height: 90, light: 1.8 },
  { azimuth: -30, elevation: -24, width: 50, height: 14, light: 0.34 },
];
const SPARKS = [
  { azimuth: 25, elevation: 58, width: 18, height: 14, light: 9 },
  { azimuth: -18, elevation: 62, width: 9, height: 24, light: 9 },
  { azimuth: -130, elevation: 30, width: 10, height: 50, light: 4 },
  { azimuth: 140, elevation: 40, width: 12, height: 40, light: 4 },
  { azimuth: -62, elevation: 40, width: 46, height: 38, light: 5.6 },
  { azimuth: 64, elevation: 30, width: 28, height: 52, light: 4.6 },
  { azimuth: 180, elevation: 46, width: 70, height: 26, light: 3.2 },
];
const FAR = 10;

function walls(overhead, horizon, floor) {
  const material = new ShaderMaterial({
    side: BackSide,
    uniforms: { overhead: { value: overhead }, horizon: { value: horizon }, ground: { value: floor } },
    vertexShader: "varying vec3 d; void main() { d = position; gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.); }",
    fragmentShader: `uniform float overhead, horizon, ground; varying vec3 d;
      void main() { float h = normalize(d).y; float up = mix(horizon, overhead, pow(max(h, 0.), 1.2)); gl_FragColor = vec4(vec3(mix(up, ground, smoothstep(.06, -.06, h))), 1.); }`,
  });
  return new Mesh(new SphereGeometry(FAR * 2, 32, 24), material);
}

function softBox({ azimuth, elevation, width, height, light }) {
  const reach = (degrees) => 2 * FAR * Math.tan((Math.min(degrees, 120) * Math.PI) / 360);
  const material = new ShaderMaterial({
    side: DoubleSide,
    transparent: true,
    depthWrite: false,
    uniforms: { light: { value: new Color(light, light, light) } },
    vertexShader: "varying vec2 p; void main() { p = uv; gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.); }",
    fragmentShader: `uniform vec3 light; varying vec2 p;
      void main() { vec2 e = smoothstep(vec2(0.), vec2(.22), min(p, 1. - p)); gl_FragColor = vec4(light, e.x * e.y); }`,
  });
  const box = new Mesh(new PlaneGeometry(reach(width), reach(height)), material);
  const turn = (azimuth * Math.PI) / 180;
  const rise = (elevation * Math.PI) / 180;
  box.position.set(FAR * Math.sin(turn) * Math.cos(rise), FAR * Math.sin(rise), FAR * Math.cos(turn) * Math.cos(rise));
  box.lookAt(0, 0, 0);
  return box;
}

function room(overhead, horizon, floor, boxes) {
  const scene = new Scene();
  scene.add(walls(overhead, horizon, floor));
  boxes.forEach((one, order) => {
    const box = softBox(one);
    box.renderOrder = order + 1;
    scene.add(box);
  });
  return scene;
}

export function lightFor(renderer) {
  const blurred = new PMREMGenerator(renderer);
  const metal = blurred.fromScene(room(0.34, 0.17, 0.09, BOXES), 0.035).texture;
  blurred.dispose();
  const target = new WebGLCubeRenderTarget(256, { type: HalfFloatType, generateMipmaps: false, minFilter: LinearFilter });
  new CubeCamera(0.1, 100, target).update(renderer, room(0.2, 0.12, 0.05, SPARKS));
  return { metal, stone: target.texture };
}
