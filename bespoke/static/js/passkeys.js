// Passkeys: asks the house for a question, lets the browser's key answer it, and goes where the house says.
// The digits of an app work without this.

async function send(address, token, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "X-CSRFToken": token, "Content-Type": "application/json", Accept: "application/json" },
    body,
  });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

async function run(part) {
  const { passkey, ask, answer, token } = part.dataset;
  const question = await send(ask, token, "");
  const key = passkey === "make"
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question) });
  const { to } = await send(answer, token, JSON.stringify(key.toJSON()));
  location.assign(to);
}

for (const part of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) continue;
  part.hidden = false;
  const button = part.querySelector("button");
  const told = part.querySelector(".er");
  button.addEventListener("click", async () => {
    button.setAttribute("aria-busy", "true");
    told.hidden = true;
    try {
      await run(part);
    } catch (fault) {
      told.textContent = part.dataset.failed;
      told.hidden = false;
    }
    button.removeAttribute("aria-busy");
  });
}
