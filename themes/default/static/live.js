// The preview of authors, on their own machine only: reloads when the content changed, and shows what is wrong with it.

const KEPT = "live";

export function start(base, text) {
  restore();
  const source = new EventSource(base + "/-/live");
  let first;
  // 204: this server does not offer it. Then it is not asked again.
  source.addEventListener("error", () => source.readyState === EventSource.CLOSED || first !== undefined || source.close());
  source.addEventListener("revision", (event) => {
    const { revision, diagnostics } = JSON.parse(event.data);
    const errors = (diagnostics || []).filter((one) => one.severity === "error");
    // Not only newer: a restarted server counts afresh.
    if (first !== undefined && revision !== first) {
      sessionStorage.setItem(KEPT, JSON.stringify({ path: location.pathname, y: scrollY }));
      return location.reload();
    }
    first ??= revision;
    overlay(errors, text);
  });
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && location.reload());
}

function restore() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  sessionStorage.removeItem(KEPT);
  if (kept?.path === location.pathname) scrollTo({ top: kept.y, behavior: "instant" });
}

function overlay(errors, text) {
  document.querySelector(".live")?.remove();
  if (!errors.length) return;
  const add = (parent, tag, words) => {
    const element = document.createElement(tag);
    element.textContent = words || "";
    parent.append(element);
    return element;
  };
  const panel = add(document.body, "section");
  panel.className = "live";
  panel.setAttribute("role", "alert");
  add(panel, "h2", text.live_title);
  const button = add(panel, "button", text.live_close);
  button.type = "button";
  button.addEventListener("click", () => panel.remove());
  const list = add(panel, "ul");
  for (const one of errors) {
    const item = add(list, "li");
    add(item, "b", [one.path, one.line || undefined, one.column || undefined].filter(Boolean).join(":"));
    item.append(" " + one.message);
    if (one.hint) add(item, "i", one.hint);
  }
}
