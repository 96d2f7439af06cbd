//! URLs and e-mail addresses in the text as links, by GitHub's rules for extended autolinks; they also end before
//! Chinese characters and their punctuation: `请打开https://a.cn/b，然后`.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

use super::cjk::{is_cjk, is_shared_punctuation};
use super::emphasis::Spanned;

/// Makes links of the addresses in text outside links, images and code.
pub(super) fn find<'a>(source: &'a str, events: Vec<Spanned<'a>>) -> Vec<Spanned<'a>> {
    let candidates = candidates(source.as_bytes());
    if candidates.is_empty() {
        return events;
    }
    let mut out = Vec::with_capacity(events.len() + 3 * candidates.len());
    let mut run: Vec<Spanned<'a>> = Vec::new();
    let mut within = 0_usize;
    for (event, range) in events {
        match &event {
            Event::Text(_) if within == 0 => {
                // A backslash may stand between two pieces of text.
                let goes_on =
                    run.last().is_none_or(|(_, last)| matches!(range.start.checked_sub(last.end), Some(0 | 1)));
                if !goes_on {
                    flush(&candidates, &mut run, &mut out);
                }
                run.push((event, range));
                continue;
            }
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => within += 1,
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => within = within.saturating_sub(1),
            _ => {}
        }
        flush(&candidates, &mut run, &mut out);
        out.push((event, range));
    }
    flush(&candidates, &mut run, &mut out);
    out
}

/// Where an address may be: at `://`, `www.` and `@`, but not where the markup before it says that it is a destination.
fn candidates(source: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    for at in memchr::memmem::find_iter(source, "://") {
        let scheme = source[..at].iter().rev().take(6).take_while(|byte| byte.is_ascii_alphabetic()).count();
        if !source[..at - scheme].ends_with(b"](") && scheme >= 3 {
            found.push(at);
        }
    }
    found.extend(memchr::memmem::find_iter(source, "www."));
    found.extend(memchr::memchr_iter(b'@', source));
    found.sort_unstable();
    found
}

/// Writes a run of text events, with the links in them.
fn flush<'a>(candidates: &[usize], run: &mut Vec<Spanned<'a>>, out: &mut Vec<Spanned<'a>>) {
    let (Some((_, first)), Some((_, last))) = (run.first(), run.last()) else { return };
    let next = candidates.get(candidates.partition_point(|at| *at < first.start));
    if next.is_none_or(|at| *at >= last.end) {
        out.append(run);
        return;
    }
    let text: String = run.iter().map(|(event, _)| words(event)).collect();
    let links = links(&text);
    if links.is_empty() {
        out.append(run);
        return;
    }
    let mut writer = Writer { run: std::mem::take(run), event: 0, start: 0 };
    let mut written = 0;
    for (range, url) in links {
        writer.copy(written..range.start, out);
        let place = writer.place(range.start)..writer.place(range.end);
        let link_type = if url.starts_with("mailto:") { LinkType::Email } else { LinkType::Autolink };
        let dest_url = if link_type == LinkType::Email { url["mailto:".len()..].to_owned() } else { url };
        let tag = Tag::Link { link_type, dest_url: dest_url.into(), title: "".into(), id: "".into() };
        out.push((Event::Start(tag), place.clone()));
        writer.copy(range.clone(), out);
        out.push((Event::End(TagEnd::Link), place));
        written = range.end;
    }
    writer.copy(written..text.len(), out);
}

fn words<'e>(event: &'e Event<'_>) -> &'e str {
    match event {
        Event::Text(text) => text,
        _ => "",
    }
}

/// Cuts a run of text events where links begin and end, from front to back.
struct Writer<'a> {
    run: Vec<Spanned<'a>>,
    /// The event that is being read, and where it begins in the run's text.
    event: usize,
    start: usize,
}

impl<'a> Writer<'a> {
    /// Goes to the event that holds a byte of the run's text.
    fn seek(&mut self, at: usize) {
        while let Some((event, _)) = self.run.get(self.event) {
            let length = words(event).len();
            if at < self.start + length || self.event + 1 == self.run.len() {
                break;
            }
            self.start += length;
            self.event += 1;
        }
    }

    /// The place in the source of a byte of the run's text, at or after the last one written.
    fn place(&self, at: usize) -> usize {
        let (mut start, mut end) = (self.start, 0);
        for (event, range) in &self.run[self.event..] {
            let length = words(event).len();
            if at < start + length {
                return if length == range.len() { range.start + (at - start) } else { range.start };
            }
            (start, end) = (start + length, range.end);
        }
        end
    }

    fn copy(&mut self, piece: Range<usize>, out: &mut Vec<Spanned<'a>>) {
        let mut at = piece.start;
        while at < piece.end {
            self.seek(at);
            let Some((event, range)) = self.run.get(self.event) else { return };
            let text = words(event);
            let (from, to) = (at - self.start, (piece.end - self.start).min(text.len()));
            if to <= from {
                return;
            }
            let place = match text.len() == range.len() {
                true => range.start + from..range.start + to,
                false => range.clone(),
            };
            let whole = from == 0 && to == text.len();
            let event = if whole { event.clone() } else { Event::Text(CowStr::from(text[from..to].to_owned())) };
            out.push((event, place));
            at = self.start + to;
        }
    }
}

/// The addresses in a text, in order, and where each leads.
fn links(text: &str) -> Vec<(Range<usize>, String)> {
    let bytes = text.as_bytes();
    let mut starts: Vec<usize> = memchr::memmem::find_iter(bytes, "://").collect();
    starts.extend(memchr::memmem::find_iter(bytes, "www."));
    starts.extend(memchr::memchr_iter(b'@', bytes));
    starts.sort_unstable();
    let mut found: Vec<(Range<usize>, String)> = Vec::new();
    for at in starts {
        let free = found.last().map_or(0, |(last, _)| last.end);
        if at < free {
            continue;
        }
        let link = match bytes[at] {
            b':' => with_scheme(text, free, at),
            b'w' => www(text, at),
            _ => email(text, free, at),
        };
        found.extend(link);
    }
    found
}

fn with_scheme(text: &str, free: usize, at: usize) -> Option<(Range<usize>, String)> {
    let before = &text[free..at];
    let scheme = ["https", "http", "ftp"].into_iter().find(|scheme| {
        before.len() >= scheme.len()
            && before.as_bytes()[before.len() - scheme.len()..].eq_ignore_ascii_case(scheme.as_bytes())
    })?;
    let start = at - scheme.len();
    if text[..start].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let host = &text[at + 3..];
    // A host of one word is one of the company's own.
    domain(host, 1)?;
    let range = start..trimmed(text, start, at + 3);
    (range.end > at + 3).then(|| (range.clone(), text[range].to_owned()))
}

fn www(text: &str, at: usize) -> Option<(Range<usize>, String)> {
    if text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || "_-./@\\:".contains(c)) {
        return None;
    }
    domain(&text[at..], 2)?;
    let range = at..trimmed(text, at, at + 4);
    (range.end > at + 4).then(|| (range.clone(), format!("http://{}", &text[range])))
}

fn email(text: &str, free: usize, at: usize) -> Option<(Range<usize>, String)> {
    let local = |byte: &u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(byte);
    let length = text.as_bytes()[free..at].iter().rev().take_while(|byte| local(byte)).count();
    let start = at - length;
    let length = domain(&text[at + 1..], 2)?;
    let end = at + 1 + length;
    // `git@host.example:path` is no mailbox, nor is `scheme://user@host`.
    let is_address = start < at
        && !text[..start].ends_with(['/', '@'])
        && !text[end..].starts_with(['/', '@'])
        && !text[end..].strip_prefix(':').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
        && !text[..end].ends_with(['-', '_']);
    is_address.then(|| (start..end, format!("mailto:{}", &text[start..end])))
}

/// How long the domain at the start is, when it has at least so many parts.
fn domain(text: &str, parts: usize) -> Option<usize> {
    let length = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(byte)).count();
    let name = text[..length].trim_end_matches(['.', '-', '_']);
    let words: Vec<&str> = name.split('.').collect();
    let fine = words.len() >= parts
        && words.iter().all(|word| !word.is_empty())
        && words.iter().rev().take(2).all(|word| !word.contains('_'));
    fine.then_some(name.len())
}

/// Where the address ends: without the punctuation of the sentence around it.
fn trimmed(text: &str, start: usize, least: usize) -> usize {
    let ends = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '<' | '>' | '"' | '`')
            || is_cjk(c)
            || is_shared_punctuation(c)
    };
    let mut end = text[least..].find(ends).map_or(text.len(), |length| least + length);
    let count = |byte: u8| memchr::memchr_iter(byte, &text.as_bytes()[start..end]).count();
    let mut surplus =
        [(b')', b'('), (b']', b'['), (b'}', b'{')].map(|(close, open)| (close, count(close), count(open)));
    while end > least {
        let last = text.as_bytes()[end - 1];
        if let Some((_, closing, opening)) = surplus.iter_mut().find(|(close, ..)| *close == last) {
            if closing <= opening {
                break;
            }
            *closing -= 1;
        } else if !b"?!.,:*_~'|\\".contains(&last) && last != b';' {
            break;
        } else if last == b';' {
            // `&copy;` at the end belongs to the text as a whole.
            let name =
                text.as_bytes()[start..end - 1].iter().rev().take(10).take_while(|byte| byte.is_ascii_alphanumeric());
            let name = name.count();
            if name > 0 && text.as_bytes()[..end - 1 - name].ends_with(b"&") && end - 2 - name > least {
                end -= name + 1;
            }
        }
        end -= 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::Parser;

    use super::*;

    fn done(source: &str) -> String {
        let options = super::super::options();
        let events = find(source, Parser::new_ext(source, options).into_offset_iter().collect());
        for (event, range) in &events {
            assert!(source.get(range.clone()).is_some(), "{event:?} {range:?}");
        }
        let mut out = String::new();
        pulldown_cmark::html::push_html(&mut out, events.into_iter().map(|(event, _)| event));
        out.trim().trim_start_matches("<p>").trim_end_matches("</p>").to_owned()
    }

    fn link(url: &str) -> String {
        format!("<a href=\"{url}\">{url}</a>")
    }

    #[test]
    fn addresses_become_links() {
        for (source, expected) in [
            ("请打开https://a.cn/b，然后", format!("请打开{}，然后", link("https://a.cn/b"))),
            ("见https://a.cn/b然后", format!("见{}然后", link("https://a.cn/b"))),
            ("(https://a.cn/x_(y)).", format!("({}).", link("https://a.cn/x_(y)"))),
            ("http://oa/login_x_y?a=1*2。", format!("{}。", link("http://oa/login_x_y?a=1*2"))),
            ("www.corp.cn, 好", "<a href=\"http://www.corp.cn\">www.corp.cn</a>, 好".to_owned()),
            ("写信给it_a@corp.cn。", "写信给<a href=\"mailto:it_a@corp.cn\">it_a@corp.cn</a>。".to_owned()),
            ("**https://a.cn**", format!("<strong>{}</strong>", link("https://a.cn"))),
            ("https://a.cn/?x=1&y=2", "<a href=\"https://a.cn/?x=1&amp;y=2\">https://a.cn/?x=1&amp;y=2</a>".to_owned()),
            ("https://a.cn/a\\_b 后", format!("{} 后", link("https://a.cn/a_b"))),
            ("“https://a.cn”", format!("“{}”", link("https://a.cn"))),
            ("https://a.cn!?;", format!("{}!?;", link("https://a.cn"))),
        ] {
            assert_eq!(done(source), expected, "{source}");
        }
    }

    #[test]
    fn what_is_none_stays_text() {
        for source in [
            "xhttps://a.cn",
            "https://",
            "www.",
            "www.x_y",
            "a@b",
            "@corp.cn",
            "git@host.cn:x",
            "xwww.a.cn",
            "a@b.cn@c.cn",
        ] {
            assert_eq!(done(source), source, "{source}");
        }
        for source in ["`https://a.cn`", "[https://a.cn](x)", "![https://a.cn](x)", "<https://a.cn>"] {
            assert!(done(source).matches("<a").count() <= 1, "{source}");
        }
        assert_eq!(done("    https://a.cn"), "<pre><code>https://a.cn</code></pre>");
    }
}
