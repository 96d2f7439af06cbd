// The search box: suggestions as one types, by keyboard or pointer. The pattern is ARIA's editable combobox with a list;
// nothing is selected until an arrow key says so, and without this script the form simply submits.

const KINDS = [
  ["article", "articles", "file-text"],
  ["resolution", "resolutions", "circle-check"],
];

const box = $("[data-search]");
if (box) combobox(box);

function combobox(form) {
  const input = $("#q", form);
  const panel = $("#q-panel", form);
  const list = $("#q-list", form);
  const note = $("[data-note]", form);
  const status = $("[data-status]", form);
  const composing = watchComposition(input);
  let options = [];
  let active = -1;
  let asking;
  // What stood in the box for two seconds; told when the reader leaves without sending it.
  let stood = "";
  const stand = later(2000, (query) => (stood = query));

  function option(attributes, mark, ...words) {
    const element = make("a", { role: "option", id: "q-" + options.length, tabindex: "-1", ...attributes }, icon(mark), make("span", {}, ...words));
    options.push(element);
    return element;
  }

  function select(next) {
    options[active]?.removeAttribute("aria-selected");
    active = next;
    const chosen = options[active];
    if (!chosen) return input.removeAttribute("aria-activedescendant");
    chosen.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  }

  function show(groups, { say = "", said = "" } = {}) {
    select(-1);
    list.replaceChildren(...groups);
    note.textContent = say;
    note.hidden = !say;
    status.textContent = said || say;
    panel.hidden = !options.length && !say;
    input.setAttribute("aria-expanded", String(!panel.hidden));
  }

  function close() {
    asking?.abort();
    suggest.cancel();
    options = [];
    show([]);
    status.textContent = "";
  }

  function group(title, members, extra) {
    const head = make("div", { class: "suggest-head", role: "presentation" }, make("span", {}, title), ...(extra ? [extra] : []));
    return make("div", { role: "group", "aria-label": title }, head, ...members);
  }

  function foot(query, nothing) {
    const ask = () => option({ href: ticketUrl(query), class: "ask" }, "ticket", text.ask);
    const url = form.action + "?" + new URLSearchParams({ q: query });
    const all = () => option({ href: url }, "search", fill(text.see_all, { query }));
    // A host without a server files no tickets.
    const tickets = "static" in document.documentElement.dataset ? [] : [ask()];
    const members = nothing ? tickets : [all(), ...tickets];
    return make("div", { role: "group", "aria-label": text.ask, class: nothing ? "" : "suggest-foot" }, ...members);
  }

  function showRecent() {
    options = [];
    const recent = recall("localStorage", "recent", []);
    if (!recent.length) return close();
    const clear = make("button", { type: "button", class: "link-button", tabindex: "-1" }, text.clear_recent);
    clear.addEventListener("click", () => {
      keep("localStorage", "recent", null);
      close();
      input.focus();
    });
    const members = recent.map((query) => option({ href: form.action + "?" + new URLSearchParams({ q: query }) }, "history", query));
    show([group(text.recent, members, clear)]);
  }

  async function find(query) {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    let found;
    let offline = false;
    try {
      found = (await ask("/api/suggest", { q: query, limit: 8, lang: text.lang }, signal)).suggestions;
    } catch (error) {
      if (error.name === "AbortError") return;
      found = await askOffline(query, 8);
      offline = true;
    }
    if (signal.aborted || input.value.trim() !== query) return;
    options = [];
    const groups = [];
    for (const [kind, title, mark] of KINDS) {
      const members = found.filter((one) => one.kind === kind).map((one) => {
        const words = make("span", { html: one.title_html || escape(one.title) });
        const category = text.categories[one.category];
        const link = option({ "data-result": true, href: one.url, lang: one.lang === text.lang ? undefined : one.lang }, mark, words);
        if (category) $("span", link).append(make("small", {}, category));
        return link;
      });
      if (members.length) groups.push(group(text[title], members));
    }
    groups.push(foot(query, !found.length));
    const say = offline ? text.offline : found.length ? "" : fill(text.nothing, { query });
    show(groups, { say, said: found.length ? fill(text.count, { count: found.length }) : say });
  }

  const suggest = later(120, find);
  const typed = () => {
    const query = input.value.trim();
    stood = "";
    stand(query);
    if (query) suggest(query);
    else showRecent();
  };
  const settled = () => {
    stand.cancel();
    stood = "";
  };

  input.addEventListener("input", (event) => event.isComposing || typed());
  input.addEventListener("compositionend", typed);
  input.addEventListener("focus", () => (input.value.trim() ? suggest(input.value.trim()) : showRecent()));
  form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || close());
  // A press on an option keeps the focus, and with it the list, until the click arrives.
  panel.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    const query = input.value.trim();
    if (!chosen || !query) return;
    settled();
    searched(query);
    if ("result" in chosen.dataset) tell("/api/search/opened", { query, suggested: true });
  });

  input.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    const open = !panel.hidden && options.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!open) return typed();
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      // Between the last and the first there is the text itself.
      const next = active + step;
      select(next < -1 ? options.length - 1 : next >= options.length ? -1 : next);
    } else if (event.key === "Enter" && open && options[active]) {
      event.preventDefault();
      options[active].click();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (!panel.hidden) return close();
      input.value = "";
    }
  });

  form.addEventListener("submit", (event) => {
    const query = input.value.trim();
    if (composing() || !query) return event.preventDefault();
    settled();
    searched(query);
  });
  addEventListener("pagehide", () => {
    if (stood) tell("/api/search/stood", { query: stood });
    settled();
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
    const command = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    if (!slash && !command) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
}
