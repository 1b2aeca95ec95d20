// Notes on the surface: each that has a place is a button there; the form below gets the place of the next one.

export function bindNotes(room, stage) {
  const layer = room.querySelector("[data-pins]");
  const live = room.querySelector(".live");
  const pins = [...document.querySelectorAll("[data-pin]")].map((item) => pinOf(item, layer, room, stage));
  const form = document.querySelector("[data-put]");
  if (form) pins.push(placing(room, stage, live, layer, form));
  stage.watch(() => pins.forEach((one) => one()));
}

function put(button, stage, point) {
  const on = stage.project(point);
  button.style.transform = `translate(${on.x}px, ${on.y}px)`;
  button.classList.toggle("behind", on.behind);
}

function pinOf(item, layer, room, stage) {
  const { number, x, y, z } = item.dataset;
  const point = stage.fromDrawing(Number(x), Number(y), Number(z));
  const button = document.createElement("button");
  button.type = "button";
  button.className = "settled" in item.dataset ? "pin o" : "pin";
  button.textContent = number;
  const words = item.querySelector(".said").textContent.trim();
  button.setAttribute("aria-label", room.dataset.pinned.replace("{n}", number).replace("{text}", words));
  button.addEventListener("click", () => {
    item.focus();
    item.scrollIntoView({ block: "nearest" });
  });
  button.addEventListener("focus", () => item.classList.add("lit"));
  button.addEventListener("blur", () => item.classList.remove("lit"));
  item.querySelector(".pin").addEventListener("click", () => button.focus());
  layer.append(button);
  return () => put(button, stage, point);
}

function placing(room, stage, live, layer, form) {
  const tool = room.querySelector('[data-tool="note"]');
  const said = form.querySelector("[data-place]");
  const without = form.querySelector("[data-unplace]");
  const usual = [...said.childNodes];
  const marker = document.createElement("span");
  marker.className = "pin new";
  marker.textContent = "+";
  marker.hidden = true;
  layer.append(marker);
  let point = null;

  const start = (on) => {
    tool?.setAttribute("aria-pressed", String(on));
    room.classList.toggle("placing", on);
    if (on) {
      said.textContent = room.dataset.here;
      live.focus();
    } else if (!point) said.replaceChildren(...usual);
  };
  const choose = (x, y) => {
    const touched = stage.touch(x, y);
    if (!touched) return;
    point = stage.fromDrawing(touched.point.x, touched.point.y, touched.point.z);
    for (const axis of ["x", "y", "z"]) form.elements[axis].value = touched.point[axis].toFixed(3);
    form.elements.body.value = touched.body;
    said.textContent = room.dataset.placed.replace("{part}", touched.body || room.dataset.anywhere);
    marker.hidden = false;
    without.hidden = false;
    start(false);
    stage.draw();
    form.elements.note.focus();
  };
  const forget = () => {
    point = null;
    for (const name of ["x", "y", "z", "body"]) form.elements[name].value = "";
    marker.hidden = true;
    without.hidden = true;
    said.replaceChildren(...usual);
  };

  const waits = () => room.classList.contains("placing");
  tool?.addEventListener("click", () => start(!waits()));
  stage.onPick((x, y) => { if (waits()) choose(x, y); });
  live.addEventListener("keydown", (event) => {
    if (event.key === "n" || event.key === "N") start(true);
    else if (event.key === "Enter" && waits()) {
      event.preventDefault();
      choose(...stage.size().map((one) => one / 2));
    } else if (event.key === "Escape" && waits()) start(false);
  });
  without.addEventListener("click", forget);
  return () => {
    if (point) put(marker, stage, point);
  };
}
