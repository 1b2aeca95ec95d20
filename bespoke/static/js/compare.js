// The edge between two pictures of one view follows its slider; the arrow keys move it by two in a hundred.

for (const box of document.querySelectorAll("[data-compare]")) {
  const slider = box.querySelector("input");
  slider.hidden = false;
  box.dataset.compare = "on";
  const move = () => box.style.setProperty("--x", `${slider.value}%`);
  slider.addEventListener("input", move);
  move();
}
