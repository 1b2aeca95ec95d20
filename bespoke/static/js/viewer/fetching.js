// A file of the house, with how much of it has come; anything but the whole file is a failure.

export async function fetchModel(address, onShare) {
  const answer = await fetch(address, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`the model answered ${answer.status}`);
  const size = Number(answer.headers.get("Content-Length")) || 0;
  const reader = answer.body.getReader();
  const parts = [];
  let come = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    come += value.length;
    if (size) onShare(Math.min(1, come / size));
  }
  if (size && come !== size) throw new Error("the model came only in part");
  return new Blob(parts).arrayBuffer();
}
