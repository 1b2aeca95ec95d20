/* Drawings of hundreds of MB in parts, three at a time, each announced by its SHA-256. The number of an upload is kept
   under the file's name, size and day, so a page that was closed goes on where it was once the file is chosen again.
   Without this the same form sends the file whole. */

const AT_ONCE = 3;
const TRIES = 6;
const form = document.querySelector("form[data-upload]");

class Refused extends Error {
  constructor(said, status) {
    super(said);
    this.status = status;
  }
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

async function ask(address, options = {}) {
  const headers = { Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value, ...options.headers };
  const answer = await fetch(address, { ...options, headers });
  if (answer.ok) return answer.json();
  let said = "";
  try {
    said = (await answer.json()).told;
  } catch {
    said = ""; // the answer was a page of a server in between
  }
  throw new Refused(said, answer.status);
}

class Row {
  constructor(name) {
    const section = document.querySelector("[data-uploads]");
    section.hidden = false;
    this.item = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
    section.querySelector("ul").append(this.item);
    this.item.querySelector("[data-name]").textContent = name;
    this.words = this.item.querySelector("[data-words]");
    this.actions = this.item.querySelector(".acts");
  }

  tell(state, words, done = null) {
    this.item.className = state;
    if (this.words.textContent !== words) this.words.textContent = words;
    if (done !== null) {
      this.item.querySelector("progress").value = done * 100;
      this.item.querySelector("[data-part]").textContent = `${Math.floor(done * 100)} %`;
    }
  }

  offer(...buttons) {
    this.actions.replaceChildren(
      ...buttons.map(([words, act]) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "btn q sm";
        button.textContent = words;
        button.addEventListener("click", act);
        return button;
      }),
    );
  }

  leave() {
    this.item.remove();
  }
}

function start() {
  const words = JSON.parse(form.dataset.words);
  const begin = form.dataset.upload;
  const chosen = form.querySelector("input[type=file]");
  const keyOf = (file) => `upload ${begin} ${file.name} ${file.size} ${file.lastModified}`;
  const say = (text, facts) => text.replace(/\{(\w+)\}/g, (all, name) => facts[name] ?? all);
  let busy = false;

  async function known(file) {
    const kept = localStorage.getItem(keyOf(file));
    if (!kept) return null;
    try {
      return await ask(`${begin}/${kept}`);
    } catch (refusal) {
      if (refusal.status === 404) localStorage.removeItem(keyOf(file));
      else if (refusal instanceof Refused) throw refusal;
      return null;
    }
  }

  async function sendPart(file, upload, number) {
    const slice = file.slice((number - 1) * upload.part_bytes, number * upload.part_bytes);
    const bytes = await slice.arrayBuffer();
    const digest = hex(await crypto.subtle.digest("SHA-256", bytes));
    await ask(`${upload.address}/${number}`, {
      method: "PUT",
      body: bytes,
      headers: { "Content-Type": "application/octet-stream", "X-Part-SHA256": digest },
    });
    return bytes.byteLength;
  }

  async function send(file) {
    const row = new Row(file.name);
    busy = true;
    try {
      row.tell("waiting", words.waiting, 0);
      let upload = await known(file);
      if (!upload) {
        const body = new FormData();
        body.set("name", file.name);
        body.set("size", String(file.size));
        upload = await ask(begin, { method: "POST", body });
        localStorage.setItem(keyOf(file), upload.id);
      }
      const arrived = new Set(upload.arrived);
      const missing = [];
      for (let number = 1; number <= upload.parts; number += 1) if (!arrived.has(number)) missing.push(number);
      let done = Math.min(file.size, arrived.size * upload.part_bytes);
      const show = () =>
        row.tell("going", say(words.going, { done: megabytes(done), all: megabytes(file.size) }), done / file.size);
      show();
      await Promise.all(Array.from({ length: AT_ONCE }, () => worker()));
      row.tell("checking", words.checking, 1);
      const last = new FormData(form);
      last.delete("cad");
      const finished = await ask(`${upload.address}/finish`, { method: "POST", body: last });
      localStorage.removeItem(keyOf(file));
      form.dispatchEvent(new Event("accepted", { bubbles: true })); // unit and words were for this file
      row.tell("checked", words.checked, 1);
      window.removeEventListener("beforeunload", warn);
      location.assign(finished.next);
      if (new URL(finished.next, location).pathname === location.pathname) location.reload();

      async function worker() {
        for (let number = missing.shift(); number !== undefined; number = missing.shift()) {
          for (let turn = 1; ; turn += 1) {
            try {
              done += await sendPart(file, upload, number);
              show();
              break;
            } catch (fault) {
              const passing = !(fault instanceof Refused) || [400, 422, 500, 502, 503, 504].includes(fault.status);
              if (fault.name === "NotReadableError" || !passing || (fault instanceof Refused && turn >= TRIES)) throw fault;
              if (!(fault instanceof Refused)) row.tell("waiting", words.offline);
              await pause(Math.min(30_000, 500 * 2 ** turn));
            }
          }
        }
      }
    } catch (fault) {
      const signed = fault.status === 401 || fault.status === 403;
      row.tell("failed", fault.message && fault instanceof Refused ? fault.message : signed ? words.signin : words.failed);
      row.offer([words.retry, () => (row.leave(), send(file))], [words.forget, () => forget(keyOf(file), row)]);
    } finally {
      busy = false;
    }
  }

  function forget(key, row) {
    localStorage.removeItem(key);
    row.leave();
  }

  function warn(event) {
    if (busy) event.preventDefault();
  }

  form.addEventListener("submit", (event) => {
    const file = chosen.files[0];
    if (!file) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (busy) return;
    if (file.size > Number(form.dataset.limit)) {
      const row = new Row(file.name);
      row.tell("failed", form.querySelector("label.pick .xs").textContent);
      return;
    }
    send(file);
  });
  window.addEventListener("beforeunload", warn);
  for (const kind of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.toggle("over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) {
        chosen.files = event.dataTransfer.files;
        chosen.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }
  offerUnfinished();

  async function offerUnfinished() {
    for (const key of Object.keys(localStorage).filter((one) => one.startsWith(`upload ${begin} `))) {
      try {
        const upload = await ask(`${begin}/${localStorage.getItem(key)}`);
        const part = Math.floor((100 * upload.arrived.length) / upload.parts);
        const row = new Row(upload.name);
        row.tell("waiting", say(words.again, { name: upload.name, part }), part / 100);
        row.offer([words.goon, () => (row.leave(), chosen.click())], [words.forget, () => forget(key, row)]);
        form.addEventListener("submit", () => row.leave(), { once: true });
      } catch (refusal) {
        if (refusal.status === 404) localStorage.removeItem(key);
      }
    }
  }
}

// digests need a connection that cannot be listened to, or this machine itself
if (form && crypto.subtle) start();
