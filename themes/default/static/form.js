// The ticket form: suggestions from the title, files checked before they are sent, errors beside their fields, and a
// send that never loses a word. Without this script the form posts as it is.

import { $, $$, ask, askOffline, base, fill, icon, keep, later, make, recall, text, viewed, watchComposition } from "./main.js";

const DRAFT = "draft";
const form = $("[data-ticket-form]");
const fields = form.elements;
const summary = $("#errors");
const status = $("[data-form-status]");
const title = document.title;

// ---- The request type shows its own questions ------------------------------------------------------------------

function chosenType() {
  return $("[name=type]:checked", form)?.value;
}

// Questions of other types are disabled, so that they are neither checked nor sent; those shown have the ids that
// error messages link to.
function showType() {
  const type = chosenType();
  for (const group of $$("[data-type]", form)) {
    const own = group.dataset.type === type;
    group.disabled = !own;
    for (const field of $$("[data-field]", group)) {
      const control = $("input, select", field);
      control.name = field.dataset.field;
      const id = (own ? "f-" : "f-" + group.dataset.type + "-") + field.dataset.field;
      for (const part of $$("[id]", field)) part.id = part.id.replace(control.id, id);
      const label = $("label", field);
      label.htmlFor = id;
      control.setAttribute("aria-describedby", id + "-error");
    }
  }
}

// ---- What travels with the ticket ------------------------------------------------------------------------------

const asked = new URLSearchParams(location.search);
const query = asked.get("q") || fields.query.value || "";
fields.query.value ||= query;
if (asked.get("from")?.includes("/")) viewed(asked.get("from"));

function fillViewed() {
  const before = fields.viewed.value.split(",").filter(Boolean);
  fields.viewed.value = [...new Set([...before, ...recall("sessionStorage", "viewed", [])])].join(",");
}
const origin = $("[data-origin]");
if (origin.hidden && query) {
  $("span", origin).textContent = fill(text.from_search, { query });
  origin.hidden = false;
}

// ---- Articles that may help, from the title --------------------------------------------------------------------

const box = $("[data-try]");
const composing = watchComposition(fields.title);
let asking;

function longEnough(words) {
  return (words.match(/\p{Script=Han}/gu) || []).length >= 2 || (words.match(/\p{L}|\p{N}/gu) || []).length >= 3;
}

const tryFirst = later(500, async () => {
  const words = fields.title.value.trim();
  asking?.abort();
  if (!longEnough(words)) return void (box.hidden = true);
  asking = new AbortController();
  let found;
  try {
    const answer = await ask("/api/search", { q: words, limit: 5, lang: text.lang, typing: 1 }, asking.signal);
    found = answer.weak ? [] : answer.hits;
  } catch (error) {
    if (error.name === "AbortError") return;
    found = await askOffline(words, 5);
  }
  const rows = found.map((hit) => {
    const link = make("a", { class: "row-title", href: hit.url, target: "_blank", rel: "noopener", html: hit.title_html });
    link.addEventListener("click", () => hit.path && viewed(hit.path));
    return make("li", { class: "row" }, link, make("small", {}, text.new_tab));
  });
  $("ul", box).replaceChildren(...rows);
  box.hidden = !rows.length;
  status.textContent = rows.length ? fill(text.found, { count: rows.length }) : "";
  // What was shown is kept too: it tells why the search did not help.
  for (const hit of found) if (hit.path) viewed(hit.path);
});
fields.title.addEventListener("input", (event) => composing(event) || tryFirst());
fields.title.addEventListener("compositionend", tryFirst);
fields.title.addEventListener("keydown", (event) => {
  // Enter in a single-line field would send a half-written ticket.
  if (event.key === "Enter" && !composing(event)) event.preventDefault();
});

// ---- Files -----------------------------------------------------------------------------------------------------

const picker = fields.attachments;
const drop = $("[data-drop]");
const fileList = $("[data-files]");
const maxFiles = Number(form.dataset.maxFiles);
const maxSize = Number(form.dataset.maxMb);
let files = [];

function size(bytes) {
  return bytes < 1e6 ? Math.max(1, Math.round(bytes / 1024)) + " KB" : (bytes / 1048576).toFixed(1) + " MB";
}

function addFiles(added) {
  const refused = [];
  for (const file of added) {
    const name = file.name;
    if (!/\.(jpe?g|png|txt|zip)$/i.test(name)) refused.push(fill(text.file_type, { name }));
    else if (!file.size) refused.push(fill(text.file_empty, { name }));
    else if (file.size > maxSize * 1048576) refused.push(fill(text.file_size, { name, size: maxSize }));
    else if (files.length >= maxFiles) refused.push(fill(text.file_count, { count: maxFiles }));
    else files.push(file);
  }
  fieldError("attachments", [...new Set(refused)].join(" "));
  showFiles();
}

function showFiles() {
  const rows = files.map((file, at) => {
    const remove = make("button", { type: "button", "aria-label": fill(text.remove, { name: file.name }) }, icon("x"));
    remove.addEventListener("click", () => {
      files.splice(at, 1);
      fieldError("attachments", "");
      showFiles();
      picker.focus();
    });
    return make("li", {}, icon("paperclip"), make("span", {}, file.name), make("span", { class: "quiet" }, size(file.size)), remove);
  });
  fileList.replaceChildren(...rows);
}

// The whole area is a pointer's way to the file dialog; the keyboard's is the input itself.
drop.addEventListener("click", (event) => event.target === picker || picker.click());
picker.addEventListener("change", () => {
  addFiles(picker.files);
  picker.value = "";
});
for (const [name, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", over);
    if (name === "drop") addFiles(event.dataTransfer.files);
  });
}
document.addEventListener("paste", (event) => {
  const pasted = [...(event.clipboardData?.files || [])];
  if (!pasted.length) return;
  event.preventDefault();
  const stamp = new Date().toTimeString().slice(0, 8).replaceAll(":", "");
  addFiles(pasted.map((file) => (file.name === "image.png" ? new File([file], text.screenshot + "-" + stamp + ".png", { type: file.type }) : file)));
});

// ---- Errors ----------------------------------------------------------------------------------------------------

function fieldError(path, message) {
  const name = path.split(".").pop();
  const field = $$('[data-field="' + CSS.escape(name) + '"]', form).find((one) => !one.closest("fieldset:disabled"));
  if (!field) return false;
  const place = $(".field-error", field);
  place.textContent = message;
  place.hidden = !message;
  field.classList.toggle("invalid", Boolean(message));
  for (const control of $$("input:not([type=radio]), select, textarea", field)) {
    if (message) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
  if (message) field.closest("details")?.setAttribute("open", "");
  return true;
}

function showErrors(errors, heading) {
  for (const field of $$(".invalid", form)) fieldError(field.dataset.field, "");
  if (errors.some((error) => error.field)) reviewing(false);
  const links = errors.map(({ field, message }) => {
    const known = fieldError(field, message);
    return make("li", {}, known ? make("a", { href: "#f-" + field.split(".").pop() }, message) : message);
  });
  $("ul", summary).replaceChildren(...links);
  $("h2", summary).textContent = heading || fill(text.errors, { count: errors.length });
  summary.hidden = false;
  document.title = text.error_prefix + title.replace(text.error_prefix, "");
  summary.focus();
}

summary.addEventListener("click", (event) => {
  const target = event.target.closest("a") && document.getElementById(decodeURIComponent(event.target.hash.slice(1)));
  if (!target) return;
  event.preventDefault();
  target.scrollIntoView({ block: "center" });
  (target.matches("fieldset") ? $("input", target) : target).focus({ preventScroll: true });
});

const nameOf = (field) => $("legend, label", field).firstChild.textContent.trim();

function missing() {
  const seen = new Set();
  const errors = [];
  for (const control of form.elements) {
    if (!control.required || control.disabled || control.closest("fieldset:disabled") || seen.has(control.name)) continue;
    seen.add(control.name);
    const radio = control.type === "radio";
    if (radio ? fields[control.name].value : control.value.trim()) continue;
    const field = control.closest("[data-field]");
    const label = field.dataset.short || nameOf(field);
    errors.push({ field: control.name, message: fill(radio || control.tagName === "SELECT" ? text.choose : text.need, { label }) });
  }
  return errors;
}

// What was complained of is right again: the complaint goes.
form.addEventListener("input", ({ target }) => {
  const field = target.closest(".invalid");
  if (field && target.value.trim()) fieldError(field.dataset.field, "");
});

// ---- Looking at it once more ------------------------------------------------------------------------------------

const check = $("[data-check]");
const review = $("[data-review]");
let target = check;

function answer(field) {
  if (field.dataset.field === "attachments") return files.map((file) => file.name).join("\n");
  const control = $("input:checked, textarea, select, input:not([type=radio])", field);
  // With what the type brings along: its team, and that it needs approval.
  const brought = control?.name === "type" ? $$("[data-type]:not(:disabled) .notice span", form) : [];
  if (control?.type === "radio") return [...$$("strong, .promise", control.closest("label")), ...brought].map((part) => part.textContent).join("\n");
  return (control?.selectedOptions && control.value ? control.selectedOptions[0].text : control?.value || "").trim();
}

function showReview() {
  const rows = [];
  for (const field of $$("[data-field]", form)) {
    const said = !field.closest("fieldset:disabled") && answer(field);
    if (!said) continue;
    const change = make("button", { type: "button", class: "link-button" }, text.change, make("span", { class: "sr-only" }, " " + nameOf(field)));
    change.addEventListener("click", () => back(field));
    rows.push(make("div", {}, make("dt", {}, nameOf(field)), make("dd", { class: "pre" }, said), make("dd", { class: "change" }, change)));
  }
  $("dl", review).replaceChildren(...rows);
  reviewing(true);
  history.pushState("review", "");
  review.focus();
}

function reviewing(on) {
  form.parentNode.classList.toggle("reviewing", on);
  review.hidden = !on;
  scrollTo({ top: 0, behavior: "instant" });
}

// By the browser's own button, or by one of the page's: to the question, as it was left.
function back(field) {
  target = field ? $("input:checked, textarea, select, input", field) : check;
  history.back();
}
addEventListener("popstate", () => {
  if (review.hidden) return;
  reviewing(false);
  target.closest("details")?.setAttribute("open", "");
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "center" });
  target = check;
});
$("[data-back]").addEventListener("click", () => back());

// ---- Sending ---------------------------------------------------------------------------------------------------

const button = $("[data-confirm]");
const sending = $("[data-sending]");
const phone = form.dataset.phone;
const failed = () => (phone ? fill(text.failed, { phone }) : text.failed_no_phone);
// One key per ticket, however often it is tried; crypto.randomUUID is missing on plain http.
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
fields.idempotency_key.value ||= newKey();

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (button.disabled) return;
  const errors = missing();
  if (errors.length) return showErrors(errors);
  if (review.hidden) {
    summary.hidden = true;
    return showReview();
  }
  fillViewed();
  const body = new FormData(form);
  body.delete("attachments");
  for (const file of files) body.append("attachments", file, file.name);
  busy(true);
  const request = new XMLHttpRequest();
  request.open("POST", base + "/api/tickets");
  request.setRequestHeader("Idempotency-Key", fields.idempotency_key.value);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("Accept-Language", document.documentElement.lang);
  request.upload.addEventListener("progress", ({ loaded, total }) => progress(total ? Math.round((100 * loaded) / total) : 0));
  request.addEventListener("loadend", () => finish(request));
  request.send(body);
});

function busy(on) {
  button.disabled = on;
  sending.hidden = !on;
  progress(0);
}

function progress(percent) {
  $("progress", sending).value = percent;
  $("span", sending).textContent = fill(text.sending, { percent });
}

function finish(request) {
  busy(false);
  let answer = {};
  try {
    answer = JSON.parse(request.responseText);
  } catch {
    // Not ours: a static host, or a proxy's page.
  }
  if (request.status === 201 && answer.url) {
    keep("localStorage", DRAFT, null);
    sent = true;
    // Someone who comes back by the back button files another ticket.
    fields.idempotency_key.value = newKey();
    const url = new URL(answer.url, location.href);
    url.searchParams.set("sent", "1");
    location.assign(url);
  } else if (answer.errors?.some(({ field }) => field === "idempotency_key")) {
    // An earlier try with other words did arrive: what stands here now is another ticket.
    fields.idempotency_key.value = newKey();
    showErrors(answer.errors.map(({ message }) => ({ field: "", message })));
  } else if (answer.errors?.length) {
    showErrors(answer.errors);
  } else if ((request.status === 413 || request.status === 415) && answer.detail) {
    showErrors([{ field: "attachments", message: answer.detail }]);
  } else {
    save();
    showErrors(answer.detail && request.status < 500 ? [{ field: "", message: answer.detail }] : [], failed());
  }
}

// ---- The draft -------------------------------------------------------------------------------------------------

const KEPT = /^(?!attachments$|idempotency_key$|query$|viewed$|follows$|step$)/;
// What the page came with is nothing that was typed, unless it came back with mistakes.
const fresh = summary.hidden;
const typed = (one) => one.name && KEPT.test(one.name) && (one.type === "radio" ? one.checked !== one.defaultChecked : one.value && !(fresh && one.value === one.defaultValue));
let sent = false;

function save() {
  if (sent) return;
  const values = {};
  for (const [name, value] of new FormData(form)) if (KEPT.test(name) && typeof value === "string" && value) values[name] = value;
  keep("localStorage", DRAFT, [...form.elements].some(typed) ? { values, at: Date.now() } : null);
}

function restore() {
  const draft = recall("localStorage", DRAFT, null);
  // A page that came back with errors already holds what was typed; a draft older than a week is forgotten.
  if (!draft || !summary.hidden || Date.now() - draft.at > 7 * 864e5) return;
  for (const pass of [["type"], Object.keys(draft.values)]) {
    for (const name of pass) {
      const controls = $$('[name="' + CSS.escape(name) + '"]', form).filter((one) => !one.closest("fieldset:disabled"));
      for (const control of controls) {
        if (control.type === "radio") control.checked = control.value === draft.values[name];
        else if (!control.value) control.value = draft.values[name];
      }
    }
    showType();
  }
  const again = make("button", { type: "button", class: "link-button" }, text.draft_clear);
  again.addEventListener("click", () => {
    keep("localStorage", DRAFT, null);
    sent = true;
    location.assign(location.pathname + location.search);
  });
  form.before(make("p", { class: "notice info", role: "status" }, icon("history"), make("span", {}, text.draft_restored + " ", again)));
  if ($(".more-fields").querySelector("input, textarea").value) $(".more-fields").open = true;
}

form.addEventListener("input", later(400, save));
form.addEventListener("change", (event) => event.target.name === "type" && showType());
addEventListener("pagehide", save);
showType();
restore();
if (!summary.hidden) {
  summary.focus();
  if (!document.title.startsWith(text.error_prefix)) document.title = text.error_prefix + title;
}
