// The preview of authors, on their own machine only: reloads when the content changed, and shows what is wrong with it.

const KEPT = "live";

export function start(base, text) {
  restore();
  const shown = document.querySelector("[data-document]")?.dataset.document || "";
  const source = new EventSource(base + "/-/live?document=" + encodeURIComponent(shown));
  let first;
  // 204: this server does not offer it. Then it is not asked again.
  source.addEventListener("error", () => source.readyState === EventSource.CLOSED || first !== undefined || source.close());
  source.addEventListener("revision", (event) => {
    const { revision, diagnostics } = JSON.parse(event.data);
    const found = diagnostics || [];
    const errors = found.filter((one) => one.severity === "error");
    const warnings = found.filter((one) => one.severity === "warning" && one.path === "content/" + shown);
    // Not only newer: a restarted server counts afresh.
    if (first !== undefined && revision !== first) {
      sessionStorage.setItem(KEPT, JSON.stringify({ path: location.pathname, y: scrollY }));
      return location.reload();
    }
    first ??= revision;
    document.querySelectorAll(".live").forEach((old) => old.remove());
    if (errors.length) overlay(errors, text);
    else if (warnings.length) notice(warnings, text);
  });
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  sessionStorage.removeItem(KEPT);
  if (kept?.path === location.pathname) scrollTo({ top: kept.y, behavior: "instant" });
}

function add(parent, tag, words) {
  const element = document.createElement(tag);
  element.textContent = words || "";
  parent.append(element);
  return element;
}

// The site cannot be brought up to date: in the way until it is mended or closed.
function overlay(errors, text) {
  const panel = add(document.body, "section");
  panel.className = "live";
  panel.setAttribute("role", "alert");
  add(panel, "h2", text.live_title);
  const button = add(panel, "button", text.live_close);
  button.type = "button";
  button.addEventListener("click", () => panel.remove());
  list(panel, errors);
}

// The page is up to date, and something in it wants a look: a line at the edge that opens.
function notice(warnings, text) {
  const panel = add(document.body, "aside");
  panel.className = "live warnings";
  panel.setAttribute("aria-label", text.live_warnings);
  const fold = add(panel, "details");
  add(fold, "summary", text.live_warnings + " (" + warnings.length + ")");
  list(fold, warnings);
}

function list(panel, findings) {
  const items = add(panel, "ul");
  for (const one of findings) {
    const item = add(items, "li");
    add(item, "b", [one.path, one.line || undefined, one.column || undefined].filter(Boolean).join(":"));
    item.append(" " + one.message);
    if (one.hint) add(item, "i", one.hint);
  }
}
