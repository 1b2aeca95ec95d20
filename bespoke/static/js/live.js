// A region that looks again by itself: <section id="…" data-refresh="self" data-every="5" data-said="Measuring">.
// `data-refresh` is an address, or `self` for this page; the answer must hold an element of the same id. It stops
// when that one has no `data-refresh` any more. Typed words and the focus stay; `data-said` is spoken when it changes.

const SLOWEST_S = 60;
const SHOWN_AFTER_MS = 400;

const typedIn = (element) =>
  [...element.querySelectorAll("input, textarea, select")].some((field) =>
    field.type === "file"
      ? field.value
      : field === document.activeElement ||
        (field.tagName === "SELECT"
          ? [...field.options].some((one) => one.selected !== one.defaultSelected) && field.selectedIndex > 0
          : field.value !== field.defaultValue || field.checked !== field.defaultChecked),
  );

function exchange(old, fresh) {
  const opened = new Set([...old.querySelectorAll("details[open][id]")].map((one) => one.id));
  const held = old.contains(document.activeElement) ? document.activeElement : null;
  const place = held && [...old.querySelectorAll(held.tagName)].indexOf(held);
  old.replaceChildren(...fresh.childNodes);
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  if (held) ((held.id && document.getElementById(held.id)) || old.querySelectorAll(held.tagName)[place])?.focus({ preventScroll: true });
}

function bring(region, fresh) {
  if (region.innerHTML !== fresh.innerHTML) {
    if (!typedIn(region)) exchange(region, fresh);
    else {
      // only the parts with a name that nobody types in, however deep; those within one exchanged are gone with it
      for (const part of region.querySelectorAll("[id]:not(input, textarea, select, button, svg *)")) {
        const other = fresh.querySelector(`#${CSS.escape(part.id)}`);
        if (other && part.isConnected && !typedIn(part) && part.innerHTML !== other.innerHTML) exchange(part, other);
      }
    }
    region.dispatchEvent(new Event("refreshed", { bubbles: true }));
  }
  if (fresh.dataset.said && fresh.dataset.said !== region.dataset.said) {
    document.getElementById("live").textContent = fresh.dataset.said;
  }
  for (const name of ["refresh", "every", "said"]) {
    if (fresh.dataset[name] === undefined) delete region.dataset[name];
    else region.dataset[name] = fresh.dataset[name];
  }
}

async function look(region) {
  const wanted = region.dataset.refresh;
  const slow = setTimeout(() => region.setAttribute("aria-busy", "true"), SHOWN_AFTER_MS);
  try {
    const answer = await fetch(wanted === "self" ? location.href : wanted, { headers: { Accept: "text/html" } });
    if ([401, 403, 404].includes(answer.status)) {
      delete region.dataset.refresh;
      return true;
    }
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(region.id);
    if (fresh) bring(region, fresh);
    else delete region.dataset.refresh;
    return true;
  } catch {
    return false; // no network just now
  } finally {
    clearTimeout(slow);
    region.removeAttribute("aria-busy");
  }
}

async function watch(region) {
  let pause = 0;
  while (region.isConnected && region.dataset.refresh !== undefined) {
    const every = Number(region.dataset.every) || 5;
    pause = pause || every;
    await new Promise((done) => setTimeout(done, pause * 1000));
    if (document.hidden) await new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
    pause = (await look(region)) ? every : Math.min(pause * 2, SLOWEST_S);
  }
}

document.querySelectorAll("[data-refresh][id]").forEach(watch);
