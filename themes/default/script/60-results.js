// The results page, where the server has not filled it: on a static host, and when it is opened with ?q= from there.

const results = $("[data-results]");
if (results) resultsPage(results);

async function resultsPage(page) {
  const asked = new URLSearchParams(location.search);
  const query = (asked.get("q") || "").trim();
  const input = $("#q", page);
  if (!query) return void (!input.value && matchMedia("(hover: hover)").matches && input.focus());
  searched(query);
  const at = (name) => $("[data-" + name + "]", page);
  const hits = at("hits");
  const opened = (event) => event.target.closest("a.row-title") && tell("/api/search/opened", { query });
  hits.addEventListener("click", opened);
  // The middle button opens another tab.
  hits.addEventListener("auxclick", (event) => event.button === 1 && opened(event));
  if ("rendered" in page.dataset) return;

  const limit = 10;
  let offset = 0;
  input.value = query;
  document.title = query + " · " + document.title;
  at("count").textContent = text.loading;
  for (const link of $$("a[data-ticket]", page)) link.href = ticketUrl(query);
  $("button", at("more")).addEventListener("click", next);
  await next();

  async function next() {
    let answer;
    try {
      const filters = Object.fromEntries(["kind", "category", "exact"].filter((key) => asked.get(key)).map((key) => [key, asked.get(key)]));
      answer = await ask("/api/search", { q: query, limit, offset, lang: text.lang, ...filters });
    } catch {
      const found = await askOffline(query, 50);
      answer = { hits: found, total: found.length };
      at("offline").hidden = false;
    }
    if (!offset) hits.replaceChildren();
    hits.append(...answer.hits.map(row));
    offset += answer.hits.length;
    const nothing = !answer.total || answer.weak;
    at("count").textContent = answer.total ? fill(text.results, { count: answer.total }) : "";
    at("nothing").hidden = !nothing;
    at("nothing-text").textContent = fill(text.nothing, { query });
    at("ask-it").hidden = nothing;
    at("more").hidden = !answer.hits.length || offset >= answer.total;
    if (answer.corrected) {
      const exact = make("a", { href: link({ exact: 1 }) }, fill(text.exact, { query }));
      at("corrected").replaceChildren(fill(text.corrected, { query: answer.corrected }) + " ", exact);
      at("corrected").hidden = false;
    }
    if (answer.facets && answer.total) facets(answer.facets, answer.total);
  }

  function link(changes) {
    const parameters = new URLSearchParams(asked);
    for (const [key, value] of Object.entries(changes)) value ? parameters.set(key, value) : parameters.delete(key);
    return location.pathname + "?" + parameters;
  }

  function facets(found, total) {
    const names = { kind: text, category: text.categories };
    for (const section of $$("[data-facet]", page)) {
      const key = section.dataset.facet;
      const chosen = asked.get(key);
      const entries = (found[key] || []).filter((entry) => entry.key);
      const choice = (value, name, count) =>
        make("li", {}, make("a", { href: link({ [key]: value }), "aria-current": value === (chosen || "") && "true" }, name + " ", make("span", { class: "quiet" }, String(count))));
      const all = [choice("", text["all_" + key], chosen ? "" : total)];
      $("ul", section).replaceChildren(...all, ...entries.map((entry) => choice(entry.key, names[key][entry.key] || entry.key, entry.count)));
      section.hidden = entries.length < 2 && !chosen;
    }
    at("facets").hidden = !$$("[data-facet]:not([hidden])", page).length;
  }

  function row(hit) {
    const foreign = hit.lang !== text.lang;
    const lang = foreign ? hit.lang : undefined;
    const title = make("a", { class: "row-title", href: hit.url, lang, hreflang: lang, html: hit.title_html || escape(hit.title) });
    if (hit.section) title.append(make("span", { class: "row-section" }, " › " + hit.section));
    const meta = make("p", { class: "row-meta" });
    if (hit.kind === "resolution") meta.append(make("span", { class: "badge success" }, icon("circle-check"), text.resolution));
    if (foreign) meta.append(make("span", { class: "badge" }, icon("languages"), text.languages[hit.lang] || hit.lang));
    if (text.categories[hit.category]) meta.append(make("span", {}, text.categories[hit.category]));
    if (hit.updated) meta.append(make("time", { datetime: hit.updated }, new Date(hit.updated + "T12:00").toLocaleDateString(root.lang, { dateStyle: "long" })));
    const snippet = hit.snippet_html ? [make("p", { class: "row-lead", lang, html: hit.snippet_html })] : [];
    return make("li", { class: "row" }, title, ...snippet, meta);
  }
}
