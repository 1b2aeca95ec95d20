// Buttons, keys and the strip: everything the mouse does is done by keys too.

const STEP = 10;

export function bindTools(room, stage, { reduced }) {
  const live = room.querySelector(".live");
  const tool = (name) => room.querySelector(`[data-tool="${name}"]`);
  const pressed = (button, on) => button.setAttribute("aria-pressed", String(on));
  const dims = room.querySelector("[data-dims]");

  const acts = {
    turn(button) {
      const on = button.getAttribute("aria-pressed") !== "true";
      pressed(button, on);
      if (reduced) {
        if (on) stage.turnBy(STEP);
        pressed(button, false);
      } else stage.spin(on);
    },
    measure(button) {
      const on = button.getAttribute("aria-pressed") !== "true";
      pressed(button, on);
      dims.toggleAttribute("hidden", !on);
      stage.draw();
    },
    closer: () => stage.closer(1 / 1.25),
    farther: () => stage.closer(1.25),
    front: () => stage.front(),
    full() {
      if (document.fullscreenElement) document.exitFullscreen();
      else room.requestFullscreen?.();
    },
  };
  for (const [name, act] of Object.entries(acts)) tool(name)?.addEventListener("click", (event) => act(event.currentTarget));
  if (!room.requestFullscreen) tool("full")?.remove();

  const keys = {
    ArrowLeft: () => stage.turnBy(-STEP),
    ArrowRight: () => stage.turnBy(STEP),
    ArrowUp: () => stage.turnBy(0, STEP),
    ArrowDown: () => stage.turnBy(0, -STEP),
    "+": acts.closer,
    "=": acts.closer,
    "-": acts.farther,
    0: acts.front,
  };
  live.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  const frames = [...room.querySelectorAll("[data-degrees]")];
  for (const frame of frames) {
    frame.addEventListener("click", (event) => {
      event.preventDefault();
      stage.turnTo(Number(frame.dataset.degrees));
    });
  }
  const apart = (one, other) => Math.abs(((one - other + 540) % 360) - 180);
  stage.watch(() => {
    const turned = stage.angles().turn - 28;
    const nearest = frames.reduce((best, frame) => (apart(Number(frame.dataset.degrees), turned) < apart(Number(best.dataset.degrees), turned) ? frame : best), frames[0]);
    for (const frame of frames) {
      if (frame === nearest) frame.setAttribute("aria-current", "true");
      else frame.removeAttribute("aria-current");
    }
  });
}
