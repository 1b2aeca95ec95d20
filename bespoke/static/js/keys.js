/* Keys of the studio: every key presses a link or a button that is on the page, so nothing works by keys alone.
   `data-key="p"` names the key of a link, button or field; "g s" is one key after the other.
   In a `data-list`, J and K move among the `data-row`s, and Enter opens as it does for every link. */

const PAUSE = 900;
let before = "";
let since = 0;

const typing = (at) => at.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

function press(target) {
  if (target.matches("input, textarea, select")) {
    target.focus();
    target.select?.();
  } else if (target.matches("a[href]")) {
    target.click();
  } else if (!target.disabled) {
    target.focus();
    target.click();
  }
}

function move(list, by) {
  const links = [...list.querySelectorAll("[data-row] a.nm")];
  if (!links.length) return;
  const here = links.indexOf(document.activeElement);
  const marked = links.findIndex((one) => one.closest("[data-row]").classList.contains("on"));
  const from = here >= 0 ? here : by > 0 ? marked - 1 : marked + 1;
  links[Math.max(0, Math.min(links.length - 1, from + by))].focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && typing(event.target)) {
    event.target.blur();
    return;
  }
  if (typing(event.target)) return;
  const key = event.key.toLowerCase();
  const list = document.querySelector("[data-list]");
  if (list && (key === "j" || key === "k")) {
    move(list, key === "j" ? 1 : -1);
    event.preventDefault();
    return;
  }
  const now = Date.now();
  const both = now - since < PAUSE ? `${before} ${key}` : key;
  const keyed = [...document.querySelectorAll("[data-key]")];
  const target = keyed.find((one) => one.dataset.key === both) || keyed.find((one) => one.dataset.key === key);
  before = key;
  since = now;
  if (target) {
    event.preventDefault();
    press(target);
  }
});
