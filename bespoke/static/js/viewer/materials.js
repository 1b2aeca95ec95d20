// Metal by its reflectance. A cut stone in three passes: where it is in front of everything is marked, so that no claw
// is seen through it; there the facets behind are drawn, each a small mirror for light that went in and came back; then
// the gloss of the facets in front.

import {
  AdditiveBlending, BackSide, Color, EqualStencilFunc, FrontSide, MeshBasicMaterial, MeshStandardMaterial, ReplaceStencilOp,
  ShaderMaterial, Vector3, ZeroStencilOp,
} from "../../vendor/three@0.183.2/three.module.min.js";

const CORNERS = `varying vec3 place; varying vec3 facing;
  void main() { vec4 world = modelMatrix * vec4(position, 1.); place = world.xyz; facing = normalize(mat3(modelMatrix) * normal); gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.); }`;
const ROOM = `uniform samplerCube surroundings; uniform float turned; varying vec3 place; varying vec3 facing;
  vec3 seen(vec3 d) { float c = cos(turned), s = sin(turned); return textureCube(surroundings, vec3(-(c * d.x - s * d.z), d.y, s * d.x + c * d.z)).rgb; }`;
const INSIDE = `${ROOM} uniform vec3 colour; uniform float index; uniform float spread;
  vec3 bounced(vec3 ray, vec3 wall, float n) {
    vec3 once = reflect(ray, wall);
    vec3 twice = reflect(once, normalize(vec3(-wall.z, wall.y * .4 + .6, wall.x)));
    vec3 out1 = refract(once, -vec3(0., 1., 0.), n); vec3 out2 = refract(twice, -vec3(0., 1., 0.), n);
    vec3 a = dot(out1, out1) > 0. ? out1 : once; vec3 b = dot(out2, out2) > 0. ? out2 : twice;
    return .62 * seen(a) + .38 * seen(b);
  }
  void main() {
    vec3 wall = normalize(-facing); vec3 eye = normalize(place - cameraPosition);
    vec3 ray = normalize(mix(eye, refract(eye, vec3(0., 1., 0.), 1. / index), .6));
    vec3 light = vec3(bounced(ray, wall, index * (1. - spread)).r, bounced(ray, wall, index).g, bounced(ray, wall, index * (1. + spread)).b);
    vec3 tint = pow(max(colour, vec3(.004)), vec3(1.2));
    vec3 all = pow(light, vec3(1.25)) * tint * 1.8 + tint * .03;
    gl_FragColor = vec4(1. - exp(-all), 1.); // a gentler shoulder than the metal's, which would bleach the colour
    #include <colorspace_fragment>
  }`;
const GLOSS = `${ROOM} uniform float index;
  void main() {
    vec3 eye = normalize(place - cameraPosition); vec3 wall = normalize(facing);
    float head_on = pow((index - 1.) / (index + 1.), 2.); float f = head_on + (1. - head_on) * pow(1. - max(dot(-eye, wall), 0.), 5.);
    gl_FragColor = vec4(1. - exp(-seen(reflect(eye, wall)) * f), 1.);
    #include <colorspace_fragment>
  }`;

export function materialsFor(surroundings) {
  const metals = [];
  const turned = { value: 0 };
  const stones = new Map();
  const metal = (said) => {
    const factor = said.pbrMetallicRoughness;
    const made = new MeshStandardMaterial({ color: new Color().fromArray(factor.baseColorFactor), metalness: 1, roughness: factor.roughnessFactor ?? 0.12, stencilWrite: true, stencilZPass: ZeroStencilOp });
    metals.push(made);
    return [made];
  };
  const stone = (said) => {
    const clear = said.extensions?.KHR_materials_transmission?.transmissionFactor;
    if (!clear) return [new MeshStandardMaterial({ color: new Color().fromArray(said.pbrMetallicRoughness.baseColorFactor), roughness: 0.25 })];
    const index = said.extensions?.KHR_materials_ior?.ior ?? 1.77;
    const colour = new Vector3().fromArray(said.extensions?.KHR_materials_volume?.attenuationColor ?? [1, 1, 1]);
    const spread = (said.extensions?.KHR_materials_dispersion?.dispersion ?? 0) * 0.04;
    const shared = { surroundings: { value: surroundings }, turned, index: { value: index } };
    const first = new MeshBasicMaterial({ colorWrite: false, stencilWrite: true, stencilRef: 1, stencilZPass: ReplaceStencilOp });
    first.userData.order = -1;
    return [
      first,
      new ShaderMaterial({
        side: BackSide, uniforms: { ...shared, colour: { value: colour }, spread: { value: spread } }, vertexShader: CORNERS, fragmentShader: INSIDE,
        transparent: true, depthTest: false, depthWrite: false, stencilWrite: true, stencilRef: 1, stencilFunc: EqualStencilFunc,
      }),
      new ShaderMaterial({ side: FrontSide, uniforms: shared, vertexShader: CORNERS, fragmentShader: GLOSS, transparent: true, blending: AdditiveBlending, depthWrite: false }),
    ];
  };
  const of = (said, kind) => {
    if (!stones.has(said)) stones.set(said, kind === "stone" ? stone(said) : metal(said));
    return stones.get(said);
  };
  return { of, metals, turned };
}
