// The house's own light GLB as meshes: one buffer, 16-bit corners in each part's cube, parts in the drawing's millimetres
// below one root that turns and scales them (renders/web.py writes it).

import { BufferAttribute, BufferGeometry, Group, InterleavedBuffer, InterleavedBufferAttribute, Matrix4, Mesh } from "../../vendor/three@0.183.2/three.module.min.js";

const MAGIC = 0x46546c67;
const ARRAYS = { 5120: Int8Array, 5121: Uint8Array, 5122: Int16Array, 5123: Uint16Array, 5125: Uint32Array, 5126: Float32Array };
const WIDTHS = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4 };

export function readModel(content, materialOf) {
  const head = new DataView(content);
  if (head.byteLength < 28 || head.getUint32(0, true) !== MAGIC) throw new Error("this is no model");
  const said = head.getUint32(12, true);
  const document_ = JSON.parse(new TextDecoder().decode(new Uint8Array(content, 20, said)));
  const blob = 28 + said;
  const attribute = (number) => {
    const accessor = document_.accessors[number];
    const view = document_.bufferViews[accessor.bufferView];
    const Kind = ARRAYS[accessor.componentType];
    const width = WIDTHS[accessor.type];
    const start = blob + (view.byteOffset ?? 0) + (accessor.byteOffset ?? 0);
    const step = (view.byteStride ?? width * Kind.BYTES_PER_ELEMENT) / Kind.BYTES_PER_ELEMENT;
    if (step === width) return new BufferAttribute(new Kind(content, start, accessor.count * width), width, accessor.normalized ?? false);
    const woven = new InterleavedBuffer(new Kind(content, start, accessor.count * step), step);
    return new InterleavedBufferAttribute(woven, width, 0, accessor.normalized ?? false);
  };
  const root = document_.nodes[document_.scenes[document_.scene].nodes[0]];
  const piece = new Group();
  piece.applyMatrix4(new Matrix4().fromArray(root.matrix));
  for (const number of root.children) piece.add(part(document_, document_.nodes[number], attribute, materialOf));
  piece.updateMatrixWorld(true);
  return piece;
}

function part(document_, node, attribute, materialOf) {
  const group = new Group();
  group.name = node.name;
  group.userData = { kind: node.extras?.kind ?? "metal" };
  group.position.fromArray(node.translation ?? [0, 0, 0]);
  group.scale.fromArray(node.scale ?? [1, 1, 1]);
  for (const primitive of document_.meshes[node.mesh].primitives) {
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", attribute(primitive.attributes.POSITION));
    geometry.setAttribute("normal", attribute(primitive.attributes.NORMAL));
    geometry.setIndex(attribute(primitive.indices));
    for (const material of materialOf(document_.materials[primitive.material], group.userData.kind)) {
      const mesh = new Mesh(geometry, material);
      mesh.renderOrder = material.userData.order ?? 0;
      group.add(mesh);
    }
  }
  return group;
}
