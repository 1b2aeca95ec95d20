/* Find or do, laid over any page of the studio: the lines are those of the page /find, which works without this. */

const form = document.querySelector("form[data-palette]");
const WAIT = 110;

function build() {
  const dialog = document.createElement("dialog");
  dialog.className = "palette";
  dialog.setAttribute("aria-label", form.querySelector("label").textContent);
  const top = document.createElement("div");
  top.className = "ask-for";
  top.append(form.querySelector("svg").cloneNode(true));
  const input = document.createElement("input");
  input.type = "search";
  input.maxLength = 100;
  input.autocomplete = "off";
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-expanded", "true");
  input.setAttribute("aria-controls", "palette-lines");
  input.setAttribute("aria-label", form.querySelector("label").textContent);
  const escape = document.createElement("kbd");
  escape.textContent = "Esc";
  top.append(input, escape);
  const lines = document.createElement("div");
  lines.id = "palette-lines";
  lines.setAttribute("role", "listbox");
  const foot = document.createElement("p");
  foot.className = "pal-foot";
  foot.append(...form.querySelector("template").content.cloneNode(true).childNodes);
  dialog.append(top, lines, foot);
  document.body.append(dialog);
  return { dialog, input, lines };
}

let parts = null;
let timer = 0;
let asked = 0;
let chosen = 0;

const links = () => [...parts.lines.querySelectorAll("a")];

function choose(index) {
  const all = links();
  if (!all.length) return;
  chosen = (index + all.length) % all.length;
  all.forEach((link, at) => {
    link.setAttribute("aria-selected", String(at === chosen));
    if (at === chosen) {
      parts.input.setAttribute("aria-activedescendant", link.id);
      link.scrollIntoView({ block: "nearest" });
    }
  });
}

async function look() {
  const mine = ++asked;
  const query = new URLSearchParams(new FormData(form));
  query.set("q", parts.input.value);
  parts.lines.setAttribute("aria-busy", "true");
  let text = "";
  try {
    const answer = await fetch(`${form.dataset.palette}?${query}`, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    text = await answer.text();
  } catch {
    form.submit();
    return;
  }
  if (mine !== asked) return;
  const found = new DOMParser().parseFromString(text, "text/html").querySelector("[data-found]");
  parts.lines.replaceChildren(...(found ? found.childNodes : []));
  parts.lines.removeAttribute("aria-busy");
  links().forEach((link, at) => {
    link.id = `found-${at}`;
    link.setAttribute("role", "option");
    link.tabIndex = -1;
  });
  choose(0);
}

function open(text) {
  parts ??= listen(build());
  parts.input.value = text;
  if (!parts.dialog.open) parts.dialog.showModal();
  parts.input.focus();
  look();
}

function listen(made) {
  made.input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, WAIT);
  });
  made.input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const link = links()[chosen];
      if (link) {
        made.dialog.close();
        link.click();
      }
    }
  });
  made.lines.addEventListener("click", (event) => event.target.closest("a") && made.dialog.close());
  made.dialog.addEventListener("click", (event) => event.target === made.dialog && made.dialog.close());
  return made;
}

if (form && "showModal" in HTMLDialogElement.prototype) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open("");
    }
  });
  form.querySelector("input[type=search]").addEventListener("click", (event) => open(event.target.value));
}
