// What somebody types is kept on this device until the house has taken it: through a reload, a crash, a refusal.
// Every form that is posted is kept; `data-keep="no"` leaves one out, `data-keep="all"` keeps ticks and choices too.
// A module that sends a form itself says so with an `accepted` event on it. Signing out forgets everything.

const PREFIX = "keep:";
const DAYS = 30;
const NEVER = new Set(["hidden", "password", "file", "submit", "button", "image", "reset", "range"]);
const CHOSEN = new Set(["checkbox", "radio"]);
const who = document.body.dataset.who || "";
const waiting = new Map();

const word = (name) => document.querySelector(`meta[name="word:${name}"]`)?.content ?? "";
const keyOf = (form) => `${PREFIX}${who}:${new URL(form.action, location.href).pathname}`;

function stored(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function store(key, entry) {
  try {
    if (entry && Object.keys(entry.fields).length) localStorage.setItem(key, JSON.stringify(entry));
    else localStorage.removeItem(key);
  } catch {
    // a full or closed store: what is typed is still on the page
  }
}

function kept(form, field) {
  if (!field.name || NEVER.has(field.type) || field.readOnly || field.disabled) return false;
  if (/password|one-time-code|cc-/.test(field.autocomplete)) return false;
  return !CHOSEN.has(field.type) || form.dataset.keep === "all";
}

const nameOf = (field) => (CHOSEN.has(field.type) ? `${field.name}=${field.value}` : field.name);
const now = (field) => (CHOSEN.has(field.type) ? String(field.checked) : field.value);

function given(field) {
  if (CHOSEN.has(field.type)) return String(field.defaultChecked);
  if (field.tagName === "SELECT") return ([...field.options].find((one) => one.defaultSelected) ?? field.options[0])?.value ?? "";
  return field.defaultValue;
}

function put(field, value) {
  if (CHOSEN.has(field.type)) field.checked = value === "true";
  else field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function keepNow(form) {
  waiting.delete(form);
  const fields = {};
  for (const field of form.elements) {
    if (kept(form, field) && now(field) !== given(field)) fields[nameOf(field)] = [now(field), given(field)];
  }
  store(keyOf(form), { at: Date.now(), fields });
}

function forget(form) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
  store(keyOf(form), null);
}

function offer(field, text) {
  const note = document.createElement("p");
  note.className = "xs m3";
  const back = document.createElement("button");
  back.type = "button";
  back.className = "copy";
  back.textContent = word("put-back");
  back.addEventListener("click", () => {
    put(field, text);
    note.remove();
    field.focus();
  });
  note.append(`${word("typed-before")} “${text.length > 200 ? `${text.slice(0, 200)}…` : text}” `, back);
  field.after(note);
}

function restore(form) {
  const entry = stored(keyOf(form));
  if (!entry) return 0;
  let count = 0;
  for (const field of form.elements) {
    const [text, before] = entry.fields[nameOf(field)] ?? [];
    if (text === undefined || !kept(form, field) || now(field) === text) continue;
    if (given(field) === before) {
      put(field, text);
      field.closest("details")?.setAttribute("open", "");
      count += 1;
    } else if (!CHOSEN.has(field.type) && text) {
      offer(field, text); // somebody else changed it since: both are shown, nothing is overwritten
    }
  }
  return count;
}

function settle() {
  // a form that was taken is answered with a redirect; one that was refused is not
  const sent = sessionStorage.getItem(`${PREFIX}sent`);
  sessionStorage.removeItem(`${PREFIX}sent`);
  if (sent && performance.getEntriesByType("navigation")[0]?.redirectCount) store(sent, null);
}

function forgetAll(of) {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(PREFIX) && of(stored(key))) localStorage.removeItem(key);
  }
}

const ours = (form) => form instanceof HTMLFormElement && form.method === "post" && form.dataset.keep !== "no";

settle();
forgetAll((entry) => !entry || Date.now() - entry.at > DAYS * 864e5);
let count = 0;
for (const form of document.forms) if (ours(form)) count += restore(form);
if (count) document.getElementById("live").textContent = word("restored");

document.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (!ours(form)) return;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(keepNow, 250, form));
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.forget !== undefined) forgetAll(() => true);
  else if (ours(form)) {
    keepNow(form);
    if (!event.defaultPrevented) sessionStorage.setItem(`${PREFIX}sent`, keyOf(form));
  }
});
document.addEventListener("accepted", ({ target }) => forget(target));
window.addEventListener("pagehide", () => {
  for (const form of waiting.keys()) keepNow(form);
});
