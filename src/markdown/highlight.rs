//! Colours for code, as a few stable classes: `hl-c` comment, `hl-s` string, `hl-n` number, `hl-k` keyword,
//! `hl-b` built-in word or constant, `hl-f` function, `hl-t` type, `hl-v` variable or property, `hl-r` regular
//! expression, `hl-e` escape, `hl-i` inserted, `hl-d` deleted, `hl-h` heading, `hl-x` invalid.
//!
//! giallo knows scopes only through a theme, and reads themes from files alone. Its built-in `dark-plus` gives each
//! role a colour of its own, so the colour tells the role; the theme's style sheet decides what readers see.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

use giallo::{Color, HighlightOptions, Registry, ThemeVariant};

use super::escape;

const THEME: &str = "dark-plus";
/// Longer blocks and lines (logs, dumps, minified files) are not worth the time.
const MAX_BLOCK: usize = 20 * 1024;
const MAX_LINE: usize = 1024;

const ROLES: [(&str, &str); 22] = [
    ("#6A9955", "hl-c"),
    ("#608B4E", "hl-c"),
    ("#CE9178", "hl-s"),
    ("#B5CEA8", "hl-n"),
    ("#C586C0", "hl-k"),
    ("#569CD6", "hl-b"),
    ("#4FC1FF", "hl-b"),
    ("#DCDCAA", "hl-f"),
    ("#4EC9B0", "hl-t"),
    ("#9CDCFE", "hl-v"),
    ("#C8C8C8", "hl-v"),
    ("#D16969", "hl-r"),
    ("#D7BA7D", "hl-e"),
    ("#F44747", "hl-x"),
    ("#000080", "hl-h"),
    ("#6796E6", "hl-b"),
    ("#646695", "hl-b"),
    ("#808080", "hl-c"),
    ("#D4D4D4", ""),
    ("#CD9731", "hl-e"),
    ("#B267E6", "hl-d"),
    ("#FFFFFF", ""),
];

struct Highlighter {
    registry: Registry,
    roles: Vec<(Color, &'static str)>,
}

/// Built at the first block of code that can be coloured; `None` when giallo's own data cannot be read.
fn highlighter() -> Option<&'static Highlighter> {
    static HIGHLIGHTER: OnceLock<Option<Highlighter>> = OnceLock::new();
    HIGHLIGHTER
        .get_or_init(|| {
            let registry = Registry::builtin().ok()?;
            let roles = ROLES.iter().filter_map(|(hex, class)| Some((Color::from_hex(hex).ok()?, *class))).collect();
            Some(Highlighter { registry, roles })
        })
        .as_ref()
}

/// What authors write for languages that giallo calls otherwise. `None`: nothing to colour.
fn grammar(language: &str) -> Option<&str> {
    Some(match language {
        "" | "text" | "txt" | "plain" | "plaintext" | "output" | "log" | "none" | "console-output" | "markdown" => {
            return None;
        }
        "dos" => "bat",
        "azurecli" | "azurecli-interactive" => "bash",
        "azurepowershell" | "azurepowershell-interactive" | "posh" => "powershell",
        "vbnet" | "vbs" | "vbscript" | "vba" => "vb",
        "registry" => "reg",
        "aspx-csharp" => "csharp",
        "aspx" | "xaml" | "config" | "plist" => "xml",
        "mysql" | "tsql" | "pgsql" => "sql",
        "conf" | "cfg" | "inf" => "ini",
        other => other,
    })
}

/// Appends a block of code as escaped HTML, coloured when `language` (lower case) is known.
pub(super) fn code(out: &mut String, language: &str, code: &str) {
    let Some(language) = grammar(language) else { return escape::text(out, code) };
    let key = Remembered::key(language, code);
    if let Some(html) = remembered().get(&key) {
        return out.push_str(&html);
    }
    let start = out.len();
    if !coloured(out, language, code) {
        escape::text(out, code);
    }
    remembered().put(key, &out[start..]);
}

/// Blocks coloured lately: help articles repeat each other's commands, and a saved article repeats its own.
#[derive(Default)]
struct Remembered {
    young: HashMap<[u8; 32], Arc<str>>,
    /// What was young before that grew too large.
    old: HashMap<[u8; 32], Arc<str>>,
    /// Bytes of the young.
    size: usize,
}

/// Bytes of HTML that are remembered, at most twice.
const REMEMBERED: usize = 4 << 20;

fn remembered() -> MutexGuard<'static, Remembered> {
    static REMEMBERED: LazyLock<Mutex<Remembered>> = LazyLock::new(Mutex::default);
    REMEMBERED.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Remembered {
    fn key(language: &str, code: &str) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(language.as_bytes()).update(&[0]).update(code.as_bytes());
        *hasher.finalize().as_bytes()
    }

    fn get(&mut self, key: &[u8; 32]) -> Option<Arc<str>> {
        if let Some(html) = self.young.get(key) {
            return Some(Arc::clone(html));
        }
        let html = self.old.remove(key)?;
        self.keep(*key, Arc::clone(&html));
        Some(html)
    }

    fn put(&mut self, key: [u8; 32], html: &str) {
        self.keep(key, html.into());
    }

    fn keep(&mut self, key: [u8; 32], html: Arc<str>) {
        if self.size > REMEMBERED {
            self.old = std::mem::take(&mut self.young);
            self.size = 0;
        }
        self.size += html.len() + 64;
        self.young.insert(key, html);
    }
}

fn coloured(out: &mut String, language: &str, code: &str) -> bool {
    if code.len() > MAX_BLOCK || code.lines().any(|line| line.len() > MAX_LINE) {
        return false;
    }
    let Some(Highlighter { registry, roles }) = highlighter() else { return false };
    if !registry.contains_grammar(language) {
        return false;
    }
    let Ok(highlighted) = registry.highlight(code, &HighlightOptions::new(language, ThemeVariant::Single(THEME)))
    else {
        return false;
    };
    let start = out.len();
    let mut open = "";
    let mut shown = 0;
    let lines = highlighted.tokens.iter().enumerate();
    let content = code.trim_end_matches('\n');
    for (number, line) in lines.take(content.split('\n').count()) {
        if number > 0 {
            out.push('\n');
            shown += 1;
        }
        for token in line {
            // Where a grammar looks past the line, its last token holds the line's end too.
            let text = token.text.trim_end_matches('\n');
            if text.is_empty() {
                continue;
            }
            let class = match &token.style {
                ThemeVariant::Single(style) => {
                    roles.iter().find(|(color, _)| *color == style.foreground).map_or("", |(_, class)| class)
                }
                ThemeVariant::Dual { .. } => "",
            };
            // giallo splits a string from its quotes: neighbours of one class share a span.
            if class != open {
                if !open.is_empty() {
                    out.push_str("</span>");
                }
                if !class.is_empty() {
                    out.push_str("<span class=\"");
                    out.push_str(class);
                    out.push_str("\">");
                }
                open = class;
            }
            escape::text(out, text);
            shown += text.len();
        }
    }
    if !open.is_empty() {
        out.push_str("</span>");
    }
    // What a reader copies must be what the author wrote.
    if shown != content.len() {
        out.truncate(start);
        return false;
    }
    out.push_str(&code[content.len()..]);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(language: &str, text: &str) -> String {
        let mut out = String::new();
        code(&mut out, language, text);
        out
    }

    /// The text that a reader sees.
    fn plain(html: &str) -> String {
        let mut text = String::new();
        let mut in_tag = false;
        for c in html.chars() {
            match c {
                '<' => in_tag = true,
                '>' => in_tag = false,
                c if !in_tag => text.push(c),
                _ => {}
            }
        }
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    }

    #[test]
    fn known_languages_get_classes_and_keep_their_text() {
        let source = "# 重置\n$x = Get-Service -Name \"Spooler\" # <b>\nif ($x) { Restart-Service 5 }\n";
        let html = run("powershell", source);
        assert!(html.contains("<span class=\"hl-c\"># 重置"), "{html}");
        assert!(html.contains("hl-s") && html.contains("hl-k") && html.contains("hl-f"), "{html}");
        assert!(!html.contains("<b>") && !html.contains("style="), "{html}");
        assert_eq!(plain(&html), source);
    }

    #[test]
    fn every_language_in_use_is_known_and_keeps_its_text() {
        let source = "line one <x> & \"y\"\n\n  two 'z' // 3\n";
        for language in ["console", "sql", "csharp", "cmd", "dos", "vbs", "registry", "aspx", "ini", "bash", "json"] {
            let name = grammar(language).expect("has a grammar");
            assert!(highlighter().expect("loads").registry.contains_grammar(name), "{language}");
            assert_eq!(plain(&run(language, source)), source, "{language}");
        }
    }

    #[test]
    fn unknown_or_huge_code_is_escaped() {
        assert_eq!(run("klingon", "a <b>"), "a &lt;b&gt;");
        assert_eq!(run("", "a <b>"), "a &lt;b&gt;");
        assert!(!run("powershell", &"$x = 1\n".repeat(4000)).contains("span"));
    }

    #[test]
    fn what_was_coloured_lately_is_remembered_within_bounds() {
        let (first, mut memory) = (Remembered::key("bash", "ls"), Remembered::default());
        assert_ne!(first, Remembered::key("cmd", "ls"));
        memory.put(first, "<b>ls</b>");
        for n in 0..300_u32 {
            assert_eq!(memory.get(&first).as_deref(), Some("<b>ls</b>"), "what is asked for stays");
            memory.put(Remembered::key("bash", &n.to_string()), &"x".repeat(100_000));
        }
        let held = memory.young.values().chain(memory.old.values()).map(|html| html.len()).sum::<usize>();
        assert!(held < 2 * REMEMBERED + 300_000, "{held}");
        assert!(memory.get(&Remembered::key("bash", "0")).is_none(), "what nobody asks for goes");
    }
}
