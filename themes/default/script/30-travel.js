// What was searched and read travels with a ticket.

export function searched(query) {
  if (recall("sessionStorage", "query", "") !== query) keep("sessionStorage", "viewed", null);
  keep("sessionStorage", "query", query);
  const recent = recall("localStorage", "recent", []).filter((other) => other !== query);
  keep("localStorage", "recent", [query, ...recent].slice(0, 6));
  addQuery();
}

// Counted on the server for those who write the articles; it says what was searched, not who searched.
function tell(path, value) {
  navigator.sendBeacon?.(base + path, new Blob([JSON.stringify(value)], { type: "application/json" }));
}

export function viewed(path) {
  const list = recall("sessionStorage", "viewed", []).filter((other) => other !== path);
  keep("sessionStorage", "viewed", [...list, path].slice(-20));
}

export function ticketUrl(query) {
  const url = new URL((home || "") + "/tickets/new", location.href);
  const path = $("[data-document]")?.dataset.document;
  if (query) url.searchParams.set("q", query);
  if (path) url.searchParams.set("from", path);
  return url.pathname + url.search;
}

function addQuery() {
  const query = recall("sessionStorage", "query", "");
  for (const link of $$("a[data-ticket]")) link.href = ticketUrl(query);
}

const here = $("[data-document]")?.dataset.document;
if (here) viewed(here);
addQuery();
