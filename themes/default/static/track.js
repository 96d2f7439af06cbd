// The requester's page keeps up with the ticket, and takes pasted screenshots. Without this script it is reloaded by hand.

import { $, $$, text } from "./main.js";

const page = $("[data-track]");
const fresh = $("[data-fresh]");
const SOON = 5000;
const LATE = 60000;
let state = page.dataset.state;
let wait = SOON;
let timer;

async function look() {
  timer = undefined;
  try {
    const response = await fetch(page.dataset.stateUrl, { headers: { accept: "application/json" } });
    // Signed out, or the link has ended: there is nothing more to learn.
    if (response.status === 401 || response.status === 404) return;
    if (!response.ok) throw new Error(response.status);
    const now = (await response.json()).state;
    if (now !== state) await renew(now);
    wait = SOON;
  } catch {
    wait = Math.min(2 * wait, LATE);
  }
  next();
}

// A page that nobody looks at asks nothing.
function next() {
  if (!document.hidden) timer ??= setTimeout(look, wait);
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  clearTimeout(timer);
  timer = setTimeout(look, 0);
});

const written = (part) => $$("textarea, input:not([type=hidden])", part).some((one) => (one.type === "radio" ? one.checked : one.value));

async function renew(now) {
  const response = await fetch(page.dataset.url, { headers: { accept: "text/html" } });
  if (!response.ok) throw new Error(response.status);
  const other = new DOMParser().parseFromString(await response.text(), "text/html");
  let kept = false;
  for (const part of $$("[data-part]")) {
    const newer = $('[data-part="' + part.dataset.part + '"]', other);
    if (!newer || newer.innerHTML === part.innerHTML) continue;
    if (written(part)) kept = true;
    else part.replaceWith(document.adoptNode(newer));
  }
  state = now;
  $("span", fresh).textContent = kept ? text.fresh_typing : text.fresh;
  fresh.hidden = false;
}

document.addEventListener("paste", (event) => {
  const input = $("#f-files");
  const pasted = [...(event.clipboardData?.files || [])];
  if (!input || !pasted.length) return;
  event.preventDefault();
  const all = new DataTransfer();
  for (const file of [...input.files, ...pasted]) all.items.add(file);
  input.files = all.files;
});

$("[data-focus]")?.focus();
next();
