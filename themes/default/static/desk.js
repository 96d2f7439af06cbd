// The desk: keys, a queue that stays up to date, and a ticket that says when it changed. Without this script every page
// and every form works as it is.

import { $, $$, fill, keep, later, recall, watchComposition } from "./main.js";

const desk = $("[data-desk]");
const news = $("[data-news]");
const head = $("[data-ticket-id]");
const list = $("[data-list]");

// On a phone the chosen view may lie outside its strip.
$(".desk-views [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// ---- What was typed is never lost --------------------------------------------------------------------------------

// A control that is not as the server sent it.
function touched(control) {
  if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
  if (control.tagName === "SELECT") return [...control.options].some((option) => option.selected !== option.defaultSelected) && control.value !== "";
  return control.value !== control.defaultValue;
}
const controls = (within) => $$("input:not([type=hidden]), textarea, select", within);
const busy = () => $$("[data-keep], [data-list]").some((part) => controls(part).some(touched) || part.contains(document.activeElement));

// A draft survives a reload, and a session that ended meanwhile. It lives as long as the tab, and no longer than the step
// it was for, nor the session.
const DRAFTS = "desk-drafts";
const drafts = () => recall("sessionStorage", DRAFTS, {});
const said = new URLSearchParams(location.search).has("said");
// A form that came back stands at the address it was sent to.
const where = location.pathname.replace(/\/actions$/, "");
const place = (control) => where + "#" + control.id;
if (said) keep("sessionStorage", DRAFTS, null);
document.addEventListener("input", (event) => {
  if (event.target.matches("[data-keep] textarea")) keep("sessionStorage", DRAFTS, { ...drafts(), [place(event.target)]: event.target.value });
});
addEventListener("submit", (event) => event.target.matches?.("[data-sign-out]") && keep("sessionStorage", DRAFTS, null));
for (const control of $$("[data-keep] textarea")) {
  const draft = drafts()[place(control)];
  if (!draft || control.value.trim() || control.defaultValue.trim()) continue;
  control.value = draft;
  control.closest("details")?.setAttribute("open", "");
}
// Words for a form that the ticket's new state does not offer any more.
const lost = $("[data-lost]");
for (const [key, words] of Object.entries(drafts())) {
  const [path, id] = key.split("#");
  if (!lost || $("[data-trouble]") || path !== where || !words.trim() || document.getElementById(id)) continue;
  const area = document.createElement("textarea");
  area.readOnly = true;
  area.rows = 4;
  area.value = words;
  area.setAttribute("aria-labelledby", "lost");
  lost.append(area);
  lost.hidden = false;
}

let sending = false;
addEventListener("submit", (event) => event.target.method !== "dialog" && (sending = true));
// Back on a page that the browser kept; the first showing may come after somebody has sent already.
addEventListener("pageshow", (event) => event.persisted && (sending = false));
addEventListener("beforeunload", (event) => {
  if (!sending && $$("[data-keep] :is(textarea, [type=file])").some(touched)) event.preventDefault();
});

// ---- Live --------------------------------------------------------------------------------------------------------

let stale = false;

// Puts the parts of a fresh page in the place of the old ones; what somebody is working on stays, with a word.
async function refresh() {
  // A form is on its way: the page that answers it comes next.
  if (sending) return;
  let fresh;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error" });
    if (!answer.ok) return say();
    fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    // The stream reconnects by itself; then this is tried again.
    return;
  }
  if (sending) return;
  const there = (document_) => $$("[data-part]", document_).map((part) => part.dataset.part).join();
  if (busy() || there(document) !== there(fresh)) {
    // What is only read may change under the hands of who writes; the forms may not.
    for (const name of ["head", "tops", "thread", "side", "views", "figures"]) replace(name, fresh);
    tick();
    return say();
  }
  for (const part of $$("[data-part]", fresh)) replace(part.dataset.part, fresh);
  // Forms that nobody touched are made anew too, with the new fingerprint.
  const forms = $$("[data-keep]", fresh);
  $$("[data-keep]").forEach((old, at) => forms[at] && old.replaceWith(document.adoptNode(forms[at])));
  stale = false;
  news.hidden = true;
  // What was said of the step before is said of a page that is gone.
  $(".desk-said")?.remove();
  begin();
}

function replace(name, fresh) {
  const [old, next] = [$("[data-part=" + name + "]"), $("[data-part=" + name + "]", fresh)];
  if (old && next && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(next));
}

function say() {
  stale = true;
  news.hidden = false;
}

const soon = later(300, refresh);

if (desk.dataset.live && (head || list)) {
  const source = new EventSource(desk.dataset.live + (head ? "?ticket=" + head.dataset.ticketId + "&etag=" + head.dataset.etag : ""));
  let before = false;
  // After a break something may have been missed.
  source.addEventListener("open", () => (before ? soon() : (before = true)));
  source.addEventListener("ticket", () => soon());
  source.addEventListener("viewers", (event) => {
    const names = JSON.parse(event.data);
    const line = $("[data-viewers]");
    if (!line) return;
    line.hidden = !names.length;
    $("span", line).textContent = fill(line.dataset.words, { names: names.join(document.documentElement.lang.startsWith("zh") ? "、" : ", ") });
  });
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}
$("[data-reload]")?.addEventListener("click", (event) => {
  event.preventDefault();
  if (where === location.pathname) location.reload();
  else location.assign(where);
});
// What was said once is not said again by a reload.
const here = new URL(location.href);
if (here.searchParams.has("said")) {
  here.searchParams.delete("said");
  history.replaceState(null, "", here);
}

// ---- The running clock of an urgent ticket -------------------------------------------------------------------------

function tick() {
  const clock = $("[data-clock]");
  if (!clock) return;
  const left = Math.round((Date.parse(clock.dateTime) - Date.now()) / 1000);
  const [hours, minutes, seconds] = [Math.floor(Math.abs(left) / 3600), Math.floor(Math.abs(left) / 60) % 60, Math.abs(left) % 60];
  const two = (number) => String(number).padStart(2, "0");
  const text = (hours ? hours + ":" : "") + two(minutes) + ":" + two(seconds);
  clock.textContent = left < 0 ? clock.dataset.late + " " + text : text;
}
setInterval(tick, 1000);

// ---- The queue -----------------------------------------------------------------------------------------------------

const rows = () => $$("[data-row]");
let at = -1;

function mark(next) {
  const all = rows();
  all[at]?.removeAttribute("data-at");
  at = Math.max(0, Math.min(next, all.length - 1));
  const row = all[at];
  if (!row) return;
  row.setAttribute("data-at", "");
  $("[data-open]", row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function count() {
  const boxes = $$("[name=ticket]");
  const chosen = boxes.filter((box) => box.checked).length;
  const label = $("[data-chosen]");
  if (label) label.textContent = fill(label.dataset.words, { count: chosen });
  const all = $("[data-all]");
  if (!all) return;
  all.checked = chosen > 0 && chosen === boxes.length;
  all.indeterminate = chosen > 0 && chosen < boxes.length;
}

// ---- What has to be done again after parts were replaced ---------------------------------------------------------

function begin() {
  tick();
  count();
  at = -1;
  const composer = $("[data-composer]");
  if (composer && !composer.dataset.ready) {
    composer.dataset.ready = "yes";
    const show = () => {
      const voice = $("[name=action]:checked", composer);
      if (!voice) return;
      $("textarea", composer).placeholder = voice.dataset.placeholder;
      $("button", composer).textContent = voice.dataset.submit;
    };
    composer.addEventListener("change", show);
    show();
  }
}
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) for (const box of $$("[name=ticket]")) box.checked = event.target.checked;
  if (event.target.closest("[data-list]")) count();
  if (event.target.matches("[data-filter] select")) event.target.form.requestSubmit();
});
// The first control of a form that was just opened.
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("[data-act]") && event.target.open) controls(event.target)[0]?.focus();
}, true);
$("[data-trouble]")?.focus();
begin();

// ---- Keys ----------------------------------------------------------------------------------------------------------

const help = $("#desk-keys");
const onSwitch = $("[data-keys]", help);
onSwitch.checked = recall("localStorage", "desk-keys", true) !== false;
onSwitch.addEventListener("change", () => keep("localStorage", "desk-keys", onSwitch.checked));
for (const button of $$("[data-show-keys]")) button.addEventListener("click", () => help.showModal());

const composing = watchComposition(document);

const keys = {
  j: () => mark(at + 1),
  k: () => mark(at < 0 ? 0 : at - 1),
  o: () => $("[data-open]", rows()[at] ?? rows()[0])?.click(),
  x: () => rows()[at] && $("[name=ticket]", rows()[at])?.click(),
  a: () => {
    const step = $("[data-act] summary");
    if (step) return step.click();
    const team = $("[data-bulk] select");
    if (!$("[name=ticket]:checked") && rows()[at]) $("[name=ticket]", rows()[at]).click();
    team?.focus();
  },
  r: () => {
    const reply = $("[data-composer] [value=reply]");
    if (reply && !reply.checked) reply.click();
    $("[data-composer] textarea")?.focus();
  },
  "/": () => $("#desk-q")?.focus(),
  "?": () => help.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || composing(event) || event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  const writes = event.target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  if (writes) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const known = keys[event.key];
  if (!known || (!onSwitch.checked && event.key !== "?")) return;
  event.preventDefault();
  known();
});
