// Tells one of the staff five minutes before this device is signed out: for want of use, or with the working day.
// The page asks how long there is when it could be so soon; another window may have been used meanwhile.

const { left, until } = document.body.dataset;
const BEFORE_MS = 5 * 60 * 1000;
const LONGEST_MS = 90 * 60 * 1000; // asked again at least so often, well within what may pass unused

function next(seconds) {
  const wait = Math.max(10_000, Math.min(LONGEST_MS, seconds * 1000 - BEFORE_MS));
  setTimeout(ask, wait);
}

async function ask() {
  try {
    const answer = await fetch(left, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { seconds, day } = await answer.json();
    if (seconds * 1000 > BEFORE_MS + 5000) next(seconds);
    else warn(seconds, day);
  } catch {
    setTimeout(ask, 60_000); // no network just now
  }
}

function warn(seconds, day) {
  const dialog = document.getElementById("ending").content.firstElementChild.cloneNode(true);
  const words = dialog.querySelector("#ending-words");
  const over = new Date(Date.now() + seconds * 1000).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  words.textContent = (day ? words.dataset.day : words.dataset.idle).replace("{time}", over);
  const stay = dialog.querySelector("[data-stay]");
  stay.hidden = day;
  const form = dialog.querySelector("form");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
      if (!answer.ok) throw new Error(String(answer.status));
      dialog.close();
      next((await answer.json()).seconds);
    } catch {
      location.reload(); // signed out meanwhile: the door says so, and what was typed is kept
    }
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  (day ? dialog.querySelector("[data-close]") : stay).focus();
}

if (left) next(Math.min(LONGEST_MS / 1000, (Date.parse(until) - Date.now()) / 1000));
