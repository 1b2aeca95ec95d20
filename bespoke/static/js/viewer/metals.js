// The quoted metals as colours of the live model; a line says what the pictures and the yes are about.

const shown = (channel) => Math.round(255 * (channel <= 0.0031308 ? 12.92 * channel : 1.055 * channel ** (1 / 2.4) - 0.055));

export function bindMetals(stage) {
  const box = document.querySelector("[data-swatches]");
  if (!box) return;
  const line = box.querySelector("[data-metal]");
  const usual = line.textContent;
  for (const bead of box.querySelectorAll("[data-bead]")) {
    const [red, green, blue] = bead.dataset.bead.split(" ").map(Number).map((one) => shown(one * 0.72));
    bead.querySelector("circle").style.fill = `rgb(${red} ${green} ${blue})`;
  }
  for (const radio of box.querySelectorAll("input")) {
    radio.addEventListener("change", () => {
      stage.colour(radio.dataset.colour.split(" ").map(Number));
      const name = radio.closest("label").querySelector("span").textContent.split(",")[0].toLowerCase();
      line.textContent = radio.defaultChecked ? usual : line.dataset.other.replace("{metal}", name);
    });
  }
}
