// A button that was pressed says so, and its form goes once. `data-busy` on the button is what it says meanwhile.

const WAITS = "waits";

function begin(event) {
  const form = event.target;
  if (event.defaultPrevented || form.target === "_blank") return;
  if (form.dataset[WAITS]) {
    event.preventDefault();
    return;
  }
  if (form.method === "post") form.dataset[WAITS] = "yes";
  const button = event.submitter;
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  if (button.dataset.busy) {
    button.dataset.label = button.innerHTML;
    button.textContent = button.dataset.busy;
  }
}

export function end(form) {
  delete form.dataset[WAITS];
  for (const button of form.querySelectorAll('[aria-busy="true"]')) {
    button.removeAttribute("aria-busy");
    if (button.dataset.label) button.innerHTML = button.dataset.label;
    delete button.dataset.label;
  }
}

document.addEventListener("submit", begin);
// a page taken out of the browser's memory by Back is as it was left: still waiting
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach(end);
});
