// <button class="copy" type="button" data-copy="OF-0412-D" data-done="Copied" hidden>Copy</button>, shown where it works.

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest?.("[data-copy]");
    if (!button) return;
    const label = button.textContent;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.done;
    document.getElementById("live").textContent = button.dataset.done;
    setTimeout(() => (button.textContent = label), 2000);
  });
}
