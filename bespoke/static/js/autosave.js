// <form data-autosave data-saved="…" data-unsaved="…">: what is typed goes to the house by itself, a moment after the
// last key and when the page is left. The button still works without this; a failure leaves the text where it is.

const PAUSE = 900;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const told = form.querySelector("[data-autosaved]");
  let timer = 0;
  let dirty = false;
  let leaving = false;

  const tell = (words) => {
    if (told) told.textContent = words;
  };

  async function save() {
    clearTimeout(timer);
    if (!dirty || leaving) return;
    dirty = false;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Autosave": "1" },
        keepalive: true,
        redirect: "manual",
      });
      if (answer.status !== 204) throw new Error(String(answer.status));
      form.dispatchEvent(new CustomEvent("accepted", { bubbles: true }));
      tell(form.dataset.saved);
    } catch {
      dirty = true;
      tell(form.dataset.unsaved);
    }
  }

  const soon = () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(timer);
  });
  addEventListener("pagehide", save);
}
