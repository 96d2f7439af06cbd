// Search questions: to the API, and to the offline index when there is no API.

let downUntil = 0;
let index;

export async function ask(path, parameters, signal) {
  if (Date.now() < downUntil) throw new Error("down");
  try {
    const response = await fetch(base + path + "?" + new URLSearchParams(parameters), { signal, headers: { accept: "application/json" } });
    if (!response.ok) throw new Error(response.status);
    return await response.json();
  } catch (error) {
    // While it is down, typing does not knock at every key.
    if (error.name !== "AbortError") downUntil = Date.now() + 10000;
    throw error;
  }
}

const plain = (words) => (words || "").normalize("NFKC").toLowerCase();

function marked(raw, terms) {
  const pattern = terms.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  return raw.split(new RegExp("(" + pattern + ")", "i")).map((part, at) => (at % 2 ? "<mark>" + escape(part) + "</mark>" : escape(part))).join("");
}

// Substring match over titles, keywords, headings and summaries; the page's language first.
export async function askOffline(query, limit) {
  index ??= fetch(base + "/search-index.json").then((response) => (response.ok ? response.json() : { documents: [] }));
  let documents;
  try {
    documents = (await index).documents;
  } catch {
    index = undefined;
    return [];
  }
  const terms = plain(query).split(/\s+/).filter(Boolean);
  const found = [];
  for (const entry of documents) {
    const parts = [entry.title, (entry.keywords || []).join(" "), (entry.headings || []).join(" "), entry.summary].map(plain);
    let score = entry.lang === text.lang ? 1 : 0;
    const all = terms.every((term) => {
      const place = parts.findIndex((part) => part.includes(term));
      score += [8, 5, 3, 1][place] || 0;
      return place >= 0;
    });
    if (all && terms.length) found.push({ ...entry, score, title_html: marked(entry.title, terms), snippet_html: marked(entry.summary || "", terms) });
  }
  return found.sort((a, b) => b.score - a.score).slice(0, limit);
}
