// main.js, the script of every public page, is the files of this folder joined in the order of their names: one module,
// one request, no framework. What the ticket form needs too is exported.

export const text = __STRINGS__;
const root = document.documentElement;
export const base = root.dataset.base;
export const home = root.dataset.home;
const sprite = new URL("./icons.svg", import.meta.url).pathname;

export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

// `one|many` is chosen by `count`; `{name}` is filled in.
export function fill(pattern, values) {
  const [one, many] = pattern.split("|");
  const chosen = many && values.count !== 1 ? many : one;
  return chosen.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

// An element. `html` is only ever markup the server made safe, or ours; everything else goes in as text.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "html") element.innerHTML = value;
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

export function icon(name) {
  const holder = make("span");
  holder.innerHTML = '<svg class="icon" aria-hidden="true"><use href="' + sprite + "#" + name + '"/></svg>';
  return holder.firstChild;
}

export const escape = (raw) => raw.replace(/[&<>"]/g, (c) => "&#" + c.charCodeAt(0) + ";");

// Storage may be full or switched off; then nothing is remembered.
export function recall(store, key, fallback) {
  try {
    return JSON.parse(window[store].getItem(key)) ?? fallback;
  } catch {
    return fallback;
  }
}
export function keep(store, key, value) {
  try {
    if (value === null) window[store].removeItem(key);
    else window[store].setItem(key, JSON.stringify(value));
  } catch {
    // Nothing depends on it.
  }
}

// Input methods: Enter that confirms a word is not meant for us, nor is the tick after the word is finished.
export function watchComposition(input) {
  let busy = false;
  input.addEventListener("compositionstart", () => (busy = true));
  input.addEventListener("compositionend", () => setTimeout(() => (busy = false)));
  return (event) => busy || event?.isComposing || event?.keyCode === 229;
}

export function later(wait, action) {
  let timer;
  const run = (...given) => {
    clearTimeout(timer);
    timer = setTimeout(action, wait, ...given);
  };
  run.cancel = () => clearTimeout(timer);
  return run;
}
