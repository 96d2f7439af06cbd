//! Blocks: headings, code, quotations with GitHub's alerts, lists and tables.

use std::fmt::Write as _;
use std::ops::Range;

use pulldown_cmark::{Alignment, BlockQuoteKind, CodeBlockKind};

use super::walk::Walk;
use super::{Heading, Section, boxes, escape, headings, highlight};

/// A heading between its start and its end.
pub(super) struct HeadingState {
    level: u8,
    /// Where its markup begins in the page's HTML.
    html_start: usize,
    pub(super) text: String,
    /// `{#id}`.
    id: Option<String>,
    /// Ids that raw `<a name>` within it asks for.
    pub(super) aliases: Vec<String>,
}

/// A block of code between its start and its end.
pub(super) struct Code {
    language: String,
    pub(super) text: String,
}

/// The table that is open: tables do not nest.
pub(super) struct Table {
    alignments: Vec<Alignment>,
    column: usize,
    in_head: bool,
}

impl Table {
    pub(super) fn end_head(&mut self) {
        (self.in_head, self.column) = (false, 0);
    }

    pub(super) fn end_row(&mut self) {
        self.column = 0;
    }
}

pub(super) fn list_start(html: &mut String, first: Option<u64>) {
    match first {
        None => html.push_str("<ul>\n"),
        Some(1) => html.push_str("<ol>\n"),
        Some(first) => {
            // Writing to a string cannot fail.
            let _ = writeln!(html, "<ol start=\"{first}\">");
        }
    }
}

impl Walk<'_> {
    pub(super) fn heading_start(&mut self, level: u8, id: Option<&str>, range: Range<usize>) {
        let html_start = self.html.len();
        if level > self.last_level + 1 {
            let last = self.last_level;
            self.note("HM027", range.start, format!("a heading of level {level} follows one of level {last}")).hint =
                Some(format!("make it level {}: screen readers announce the levels", last + 1));
        }
        self.last_level = level;
        let id = id.map(str::to_lowercase);
        self.heading = Some(HeadingState { level, html_start, text: String::new(), id, aliases: Vec::new() });
    }

    pub(super) fn heading_end(&mut self) {
        let Some(heading) = self.heading.take() else { return };
        let inner = self.html.split_off(heading.html_start);
        let text = heading.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let id = match heading.id {
            Some(id) if self.ids.take(&id) => id,
            _ => self.ids.of_heading(&text),
        };
        let aliases: Vec<_> = heading.aliases.into_iter().filter(|alias| self.ids.take(alias)).collect();
        let is_title = heading.level == 1 && !self.title_dropped && same_words(&text, &self.meta.title);
        if is_title {
            // The template prints the title.
            self.title_dropped = true;
            return;
        }
        // One h1 a page: any other is a chapter.
        let level = heading.level.max(2);
        for alias in &aliases {
            self.html.push_str("<a id=\"");
            escape::attribute(&mut self.html, alias);
            self.html.push_str("\"></a>");
        }
        let _ = write!(self.html, "<h{level} id=\"");
        escape::attribute(&mut self.html, &id);
        self.html.push_str("\">");
        self.html.push_str(inner.trim());
        self.html.push_str(" <a class=\"anchor\" href=\"#");
        escape::href(&mut self.html, &id);
        let _ = writeln!(self.html, "\" aria-hidden=\"true\" tabindex=\"-1\">#</a></h{level}>");
        self.reading.add(&text);
        if level <= 3 {
            self.sections.push(Section { anchor: id.clone(), heading: text.clone(), text: String::new() });
        } else if let Some(section) = self.sections.last_mut() {
            if !section.text.is_empty() && !section.text.ends_with('\n') {
                section.text.push('\n');
            }
            section.text.push_str(&text);
        }
        self.toc.push(Heading { level, id, text });
    }

    pub(super) fn code_start(&mut self, kind: &CodeBlockKind<'_>, range: Range<usize>) {
        self.break_block();
        let language = match kind {
            CodeBlockKind::Indented => String::new(),
            CodeBlockKind::Fenced(info) => {
                if is_unclosed(&self.source[range.clone()]) {
                    self.warn("HM028", range.start, "this block of code is never closed".into()).hint =
                        Some("end it with a line that holds only the fence, ```".into());
                }
                let end = info.find(|c: char| !(c.is_alphanumeric() || "+#-_.".contains(c))).unwrap_or(info.len());
                info[..end].to_lowercase()
            }
        };
        self.code = Some(Code { language, text: String::new() });
    }

    pub(super) fn code_text(&mut self, text: &str, range: Range<usize>) {
        let text = self.unmarked(text, range);
        if let Some(code) = &mut self.code {
            code.text.push_str(&text);
        }
    }

    pub(super) fn code_end(&mut self) {
        let Some(Code { language, text }) = self.code.take() else { return };
        self.plain(text.trim_end());
        self.html.push_str("<div class=\"code\"");
        if !language.is_empty() {
            self.html.push_str(" data-lang=\"");
            escape::attribute(&mut self.html, &language);
            self.html.push('"');
        }
        self.html.push_str("><pre tabindex=\"0\"><code");
        if !language.is_empty() {
            self.html.push_str(" class=\"language-");
            escape::attribute(&mut self.html, &language);
            self.html.push('"');
        }
        self.html.push('>');
        highlight::code(&mut self.html, &language, &text);
        self.html.push_str("</code></pre></div>\n");
    }

    pub(super) fn quote_start(&mut self, kind: Option<BlockQuoteKind>, range: Range<usize>) {
        self.break_block();
        let mut own_title = None;
        let kind = kind.or_else(|| {
            let quote = &self.source[range.clone()];
            let (kind, length) = alert_on_the_line(quote)?;
            own_title = title_on_the_line(quote, length);
            self.skip_until = range.start + own_title.map_or(length, |(_, end)| end);
            Some(kind)
        });
        let Some(kind) = kind else {
            self.html.push_str("<blockquote>\n");
            self.quotes.push("</blockquote>\n");
            return;
        };
        let (class, word) = boxes::words(kind, self.meta.lang.starts_with("zh"));
        let _ = write!(self.html, "<div class=\"alert alert-{class}\" role=\"note\"><p class=\"alert-title\">");
        let title = own_title.map_or(word, |(title, _)| title);
        escape::text(&mut self.html, title);
        self.html.push_str("</p>\n");
        if own_title.is_some() {
            self.plain(title);
            self.break_block();
        }
        self.quotes.push("</div>\n");
    }

    pub(super) fn table_start(&mut self, alignments: Vec<Alignment>) {
        self.break_block();
        self.table = Some(Table { alignments, column: 0, in_head: true });
        self.html.push_str("<div class=\"table\" tabindex=\"0\"><table>");
    }

    pub(super) fn cell_start(&mut self) {
        if let Some(section) = self.sections.last_mut()
            && !section.text.is_empty()
            && !section.text.ends_with(char::is_whitespace)
        {
            section.text.push(' ');
        }
        let Some(table) = &mut self.table else { return };
        let class = match table.alignments.get(table.column) {
            Some(Alignment::Center) => " class=\"align-center\"",
            Some(Alignment::Right) => " class=\"align-right\"",
            _ => "",
        };
        table.column += 1;
        let tag = if table.in_head { "<th scope=\"col\"" } else { "<td" };
        self.html.push_str(tag);
        self.html.push_str(class);
        self.html.push('>');
    }

    pub(super) fn cell_end(&mut self) {
        let in_head = self.table.as_ref().is_some_and(|table| table.in_head);
        self.html.push_str(if in_head { "</th>" } else { "</td>" });
    }

    /// A box as a picture with a name: a disabled checkbox would be a form field without a label.
    pub(super) fn task_marker(&mut self, done: bool) {
        let zh = self.meta.lang.starts_with("zh");
        let (class, name, glyph) = match (done, zh) {
            (true, true) => ("task task-done", "已完成", "☑"),
            (true, false) => ("task task-done", "done", "☑"),
            (false, true) => ("task", "未完成", "☐"),
            (false, false) => ("task", "to do", "☐"),
        };
        let _ = write!(self.html, "<span class=\"{class}\" role=\"img\" aria-label=\"{name}\">{glyph}</span> ");
    }
}

/// The title may have come from the heading with its markup (`**VPN**`): letters decide.
fn same_words(heading: &str, title: &str) -> bool {
    heading.split_whitespace().eq(title.split_whitespace()) || headings::slug(heading) == headings::slug(title)
}

/// `> [!NOTE] text`, as Microsoft writes it; the alert's kind and how long its marker is.
fn alert_on_the_line(quote: &str) -> Option<(BlockQuoteKind, usize)> {
    const KINDS: [(&str, BlockQuoteKind); 12] = [
        ("[!note]", BlockQuoteKind::Note),
        ("[!tip]", BlockQuoteKind::Tip),
        ("[!important]", BlockQuoteKind::Important),
        ("[!warning]", BlockQuoteKind::Warning),
        ("[!caution]", BlockQuoteKind::Caution),
        // Translation machines translate markers too.
        ("[!注意]", BlockQuoteKind::Note),
        ("[!注释]", BlockQuoteKind::Note),
        ("[!提示]", BlockQuoteKind::Tip),
        ("[!重要]", BlockQuoteKind::Important),
        ("[!重要信息]", BlockQuoteKind::Important),
        ("[!警告]", BlockQuoteKind::Warning),
        ("[!小心]", BlockQuoteKind::Caution),
    ];
    let text = quote.trim_start_matches([' ', '\t', '>']);
    KINDS.into_iter().find_map(|(marker, kind)| {
        let head = text.get(..marker.len())?;
        head.eq_ignore_ascii_case(marker).then_some((kind, quote.len() - text.len() + marker.len()))
    })
}

/// The title of `> [!NOTE] 标题`, and where the text after it begins. A sentence that only begins on the marker's line
/// is no title.
fn title_on_the_line(quote: &str, marker: usize) -> Option<(&str, usize)> {
    const LONGEST: usize = 40;
    let line = quote.get(marker..)?.split_once('\n')?.0;
    let (title, end) = (line.trim(), marker + line.len() + 1);
    let after = quote.get(end..)?;
    let content = after.trim_start_matches([' ', '\t', '>', '\n', '\r']);
    let next = after.trim_start_matches([' ', '\t', '>']);
    let is_title = !title.is_empty()
        && title.chars().count() <= LONGEST
        && !title.contains(['[', ']', '*', '_', '`', '<', '&', '\\', '!', '~', ':', '@'])
        && !title.ends_with(['。', '.', '；', ';', '，', ',', '：', '、', '！', '？', '?'])
        && !content.is_empty()
        && !next.starts_with(|c: char| c.is_lowercase());
    is_title.then_some((title, quote.len() - next.len()))
}

/// Whether a fenced block's text lacks its last line, the fence.
fn is_unclosed(block: &str) -> bool {
    let mut lines = block.trim_end().lines();
    let Some(first) = lines.next() else { return false };
    let fence = first.trim_start();
    let Some(mark) = fence.chars().next() else { return false };
    let width = fence.chars().take_while(|c| *c == mark).count();
    let last = lines.next_back().unwrap_or_default().trim_start_matches([' ', '\t', '>']).trim_end();
    last.chars().any(|c| c != mark) || last.chars().count() < width
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_known_by_its_letters() {
        assert!(same_words("VPN 连不上", "VPN  连不上"));
        assert!(same_words("VPN 连不上", "**VPN** 连不上"));
        assert!(!same_words("VPN 连不上", "VPN"));
    }

    #[test]
    fn fences_without_an_end() {
        assert!(!is_unclosed("```ps\nx\n```"));
        assert!(!is_unclosed("````\n```\n`````  \n"));
        assert!(!is_unclosed("~~~\nx\n> ~~~"));
        assert!(is_unclosed("```ps\nx\n"));
        assert!(is_unclosed("```"));
        assert!(is_unclosed("````\nx\n```"));
    }

    #[test]
    fn alerts_with_text_on_the_line() {
        assert!(matches!(alert_on_the_line("> [!Note] x"), Some((BlockQuoteKind::Note, 9))));
        assert!(matches!(alert_on_the_line(">[!TIP]\n> x"), Some((BlockQuoteKind::Tip, 7))));
        assert!(alert_on_the_line("> 中文字符[!NOTE]").is_none());
        assert!(matches!(alert_on_the_line("> [!重要信息] x"), Some((BlockQuoteKind::Important, 17))));
        assert!(alert_on_the_line("> [!中文]").is_none());
    }

    #[test]
    fn titles_of_alerts_are_no_sentences() {
        let title =
            |quote: &str| title_on_the_line(quote, quote.find(']').unwrap() + 1).map(|(title, _)| title.to_owned());
        assert_eq!(title("> [!NOTE] 标题行\n> 正文").as_deref(), Some("标题行"));
        assert_eq!(title("> [!NOTE] Before you start\n>\n> Save.").as_deref(), Some("Before you start"));
        for quote in
            ["> [!NOTE] 先保存。\n> 再关", "> [!NOTE] This goes\n> on here", "> [!NOTE] 只有这", "> [!NOTE] a `b`\n> C"]
        {
            assert_eq!(title(quote), None, "{quote}");
        }
    }
}
