// Appearance

const toggle = $("[data-toggle-theme]");
const dark = matchMedia("(prefers-color-scheme: dark)");

function showTheme() {
  const label = text["theme_" + (root.dataset.theme || "auto")];
  toggle.setAttribute("aria-label", label);
  toggle.title = label;
}

toggle?.addEventListener("click", () => {
  // Away from what the system shows first, so that the first click is seen.
  const order = dark.matches ? ["", "light", "dark"] : ["", "dark", "light"];
  const next = order[(order.indexOf(root.dataset.theme || "") + 1) % 3];
  if (next) root.dataset.theme = next;
  else delete root.dataset.theme;
  try {
    if (next) localStorage.setItem("theme", next);
    else localStorage.removeItem("theme");
  } catch {
    // It holds for this page.
  }
  showTheme();
});
if (toggle) showTheme();

// Copying

async function copy(button, words) {
  let said = text.copied;
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    said = text.copy_failed;
  }
  const label = $("span", button);
  const before = label.textContent;
  if (before === said) return;
  label.textContent = said;
  setTimeout(() => (label.textContent = before), 2000);
}

for (const block of $$(".prose .code, .prose > pre")) {
  const button = make("button", { class: "copy", type: "button" }, icon("copy"), make("span", { role: "status" }, text.copy));
  const code = $("code", block) || block;
  const words = code.textContent;
  if (block.tagName === "PRE") block.classList.add("has-copy");
  button.addEventListener("click", () => copy(button, words));
  if (block.tagName === "PRE") block.before(make("div", { class: "code" }, button)), block.previousSibling.prepend(block);
  else block.append(button);
}
for (const button of $$("[data-copy]")) {
  const path = button.dataset.copy === "here" ? location.pathname : button.dataset.copy;
  button.addEventListener("click", () => copy(button, new URL(path, location.href).href));
}

// A site that does not know its address prints the tracking link without one; the browser knows.
for (const link of $$(".keep-row a")) link.textContent = link.href;

// Contents

const links = $$(".rail a");
if (links.length) {
  const headings = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  let waiting = false;
  const follow = () => {
    waiting = false;
    let current = headings.findLastIndex((heading) => heading && heading.getBoundingClientRect().top < 140);
    if (innerHeight + scrollY >= document.body.scrollHeight - 2) current = Math.max(current, 0);
    links.forEach((link, at) => (at === Math.max(current, 0) ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
  };
  addEventListener("scroll", () => waiting || ((waiting = true), requestAnimationFrame(follow)), { passive: true });
  follow();
}
$(".contents-fold")?.addEventListener("click", (event) => {
  if (event.target.closest("a")) event.currentTarget.open = false;
});

// Feedback

const feedback = $("[data-feedback]");
if (feedback) {
  const why = $("[data-why]", feedback);
  const said = $("[data-said]", feedback);
  let pending = false;
  const vote = (helpful) => JSON.stringify({ path: feedback.elements.path.value, helpful, comment: feedback.elements.comment.value.trim() });
  feedback.addEventListener("submit", async (event) => {
    event.preventDefault();
    const helpful = event.submitter?.value === "true";
    if (!helpful && why.hidden) {
      why.hidden = false;
      pending = true;
      $("[data-ask]", feedback).hidden = true;
      return feedback.elements.comment.focus();
    }
    pending = false;
    let done = false;
    try {
      const response = await fetch(feedback.action, { method: "POST", headers: { "content-type": "application/json" }, body: vote(helpful) });
      done = response.ok;
    } catch {
      // Said below.
    }
    said.classList.toggle("failed", !done);
    said.textContent = done ? (helpful ? text.thanks_yes : text.thanks_no) : text.feedback_failed;
    if (done) why.hidden = $("[data-ask]", feedback).hidden = true;
  });
  // A "no" without a reason still counts.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || !pending) return;
    pending = false;
    navigator.sendBeacon(feedback.action, new Blob([vote(false)], { type: "application/json" }));
  });
}

// Just after sending

if ($("[data-sent]")) for (const key of ["query", "viewed"]) keep("sessionStorage", key, null);
