//! Emphasis next to Chinese punctuation.
//!
//! CommonMark decides by spaces and punctuation whether `**` opens or closes, so `**注意：**请保存` stays plain text
//! (pulldown-cmark's fix, its pull request 1059, is unreleased). Here a paragraph in which Chinese changes the answer
//! is matched again, by CommonMark's own procedure with the flanking rules of the markdown-cjk-friendly
//! specification: CJK characters, their punctuation included, count as letters.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use super::flanking::Sides;

/// More runs than this in one block are no prose: they stay as the parser left them.
const MAX_RUNS: usize = 1000;

pub(super) type Spanned<'a> = (Event<'a>, Range<usize>);

/// Matches again the emphasis of every block in which a run of `*` or `~~` stands next to CJK punctuation.
pub(super) fn repair<'a>(source: &'a str, events: Vec<Spanned<'a>>) -> Vec<Spanned<'a>> {
    let disputed = disputed_runs(source);
    if disputed.is_empty() {
        return events;
    }
    let mut repaired = Vec::with_capacity(events.len() + 16);
    let mut inline: Vec<Spanned<'a>> = Vec::new();
    let mut in_code = false;
    for (event, range) in events {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            _ => {}
        }
        if !in_code && is_inline(&event) {
            inline.push((event, range));
        } else {
            flush(source, &disputed, &mut inline, &mut repaired);
            repaired.push((event, range));
        }
    }
    flush(source, &disputed, &mut inline, &mut repaired);
    repaired
}

fn is_inline(event: &Event<'_>) -> bool {
    match event {
        Event::Start(tag) => is_span(&tag.to_end()),
        Event::End(end) => is_span(end),
        Event::Html(_) | Event::Rule => false,
        _ => true,
    }
}

fn is_span(end: &TagEnd) -> bool {
    matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image)
}

fn flush<'a>(source: &'a str, disputed: &[usize], inline: &mut Vec<Spanned<'a>>, out: &mut Vec<Spanned<'a>>) {
    if let (Some((_, first)), Some((_, last))) = (inline.first(), inline.last()) {
        let next = disputed[disputed.partition_point(|at| *at < first.start)..].first();
        if next.is_some_and(|at| *at < last.end) {
            rematch(source, std::mem::take(inline), out);
        } else {
            out.append(inline);
        }
    }
}

/// Where the runs begin whose meaning depends on CJK characters beside them.
fn disputed_runs(source: &str) -> Vec<usize> {
    let mut disputed = Vec::new();
    let mut at = 0;
    while let Some(found) = source[at..].find(['*', '~']) {
        let start = at + found;
        let byte = source.as_bytes()[start];
        let length = run_length(source, start, byte);
        at = start + length;
        let sides = Sides::of(source, start, at);
        if (byte == b'*' || length == 2)
            && (sides.opens(false), sides.closes(false)) != (sides.opens(true), sides.closes(true))
        {
            disputed.push(start);
        }
    }
    disputed
}

fn run_length(text: &str, start: usize, byte: u8) -> usize {
    text.as_bytes()[start..].iter().take_while(|other| **other == byte).count()
}

/// A run of delimiters. `closed` and `opened` list the widths of its matches, innermost first.
struct Run {
    byte: u8,
    start: usize,
    length: usize,
    left: usize,
    /// Not matched yet.
    active: bool,
    opens: bool,
    closes: bool,
    closed: Vec<usize>,
    opened: Vec<usize>,
}

enum Node<'a> {
    Event(Spanned<'a>),
    Run(Run),
}

fn rematch<'a>(source: &'a str, inline: Vec<Spanned<'a>>, out: &mut Vec<Spanned<'a>>) {
    let mut nodes: Vec<Node<'a>> = Vec::with_capacity(inline.len() + 8);
    let mut brackets: Vec<usize> = Vec::new();
    for (event, range) in &inline {
        if let Some(Range { start, end }) = delimiter(source, event, range) {
            push_run(source, &mut nodes, start, end - start);
            continue;
        }
        match event {
            Event::Text(text) if source.get(range.clone()) == Some(&**text) => split_text(source, range, &mut nodes),
            Event::Start(_) => {
                nodes.push(Node::Event((event.clone(), range.clone())));
                brackets.push(nodes.len());
            }
            Event::End(_) => {
                // Emphasis does not cross the borders of links.
                match_runs(&mut nodes[brackets.pop().unwrap_or(0)..], source);
                nodes.push(Node::Event((event.clone(), range.clone())));
            }
            _ => nodes.push(Node::Event((event.clone(), range.clone()))),
        }
    }
    if nodes.iter().filter(|node| matches!(node, Node::Run(_))).count() > MAX_RUNS {
        out.extend(inline);
        return;
    }
    match_runs(&mut nodes, source);
    for node in nodes {
        match node {
            Node::Event(event) => out.push(event),
            Node::Run(run) => write_run(source, &run, out),
        }
    }
}

/// The delimiter of an emphasis that the parser has matched, when it is one of those matched again here.
fn delimiter(source: &str, event: &Event<'_>, range: &Range<usize>) -> Option<Range<usize>> {
    let (width, byte, at_start) = match event {
        Event::Start(Tag::Strong) => (2, b'*', true),
        Event::End(TagEnd::Strong) => (2, b'*', false),
        Event::Start(Tag::Emphasis) => (1, b'*', true),
        Event::End(TagEnd::Emphasis) => (1, b'*', false),
        Event::Start(Tag::Strikethrough) => (2, b'~', true),
        Event::End(TagEnd::Strikethrough) => (2, b'~', false),
        _ => return None,
    };
    let at = if at_start { range.start..range.start + width } else { range.end.checked_sub(width)?..range.end };
    source.as_bytes().get(at.clone())?.iter().all(|other| *other == byte).then_some(at)
}

fn push_run(source: &str, nodes: &mut Vec<Node<'_>>, start: usize, length: usize) {
    let byte = source.as_bytes()[start];
    if let Some(Node::Run(last)) = nodes.last_mut()
        && last.byte == byte
        && last.start + last.length == start
    {
        last.length += length;
        last.left = last.length;
    } else {
        nodes.push(Node::Run(Run {
            byte,
            start,
            length,
            left: length,
            active: true,
            opens: false,
            closes: false,
            closed: Vec::new(),
            opened: Vec::new(),
        }));
    }
}

/// Text with its leftover delimiters as runs of their own.
fn split_text<'a>(source: &'a str, range: &Range<usize>, nodes: &mut Vec<Node<'a>>) {
    let text = |from: usize, to: usize| Node::Event((Event::Text(CowStr::Borrowed(&source[from..to])), from..to));
    let backslashes = source.as_bytes()[..range.start].iter().rev().take_while(|byte| **byte == b'\\').count();
    let mut written = range.start;
    // An escaped character begins an event of its own, right after its backslash.
    let mut at = range.start + backslashes % 2;
    while at < range.end
        && let Some(found) = source[at..range.end].find(['*', '~'])
    {
        let start = at + found;
        let byte = source.as_bytes()[start];
        let length = run_length(&source[..range.end], start, byte);
        at = start + length;
        if written < start {
            nodes.push(text(written, start));
        }
        push_run(source, nodes, start, length);
        written = at;
    }
    if written < range.end {
        nodes.push(text(written, range.end));
    }
}

/// CommonMark's "process emphasis" over the runs of `nodes`, which take no part in any later matching.
fn match_runs(nodes: &mut [Node<'_>], source: &str) {
    let mut openers: Vec<usize> = Vec::new();
    for at in 0..nodes.len() {
        let (before, rest) = nodes.split_at_mut(at);
        let Some(Node::Run(closer)) = rest.first_mut() else { continue };
        if !closer.active {
            continue;
        }
        closer.active = false;
        let sides = Sides::of(source, closer.start, closer.start + closer.length);
        if closer.byte == b'*' || closer.length == 2 {
            (closer.opens, closer.closes) = (sides.opens(true), sides.closes(true));
        }
        while closer.closes && closer.left > 0 {
            let found = openers.iter().rposition(|opener| match &before[*opener] {
                Node::Run(opener) => fits(opener, closer),
                Node::Event(_) => false,
            });
            let Some(found) = found else { break };
            if let Node::Run(opener) = &mut before[openers[found]] {
                let width = if opener.left >= 2 && closer.left >= 2 { 2 } else { 1 };
                opener.left -= width;
                opener.opened.push(width);
                closer.left -= width;
                closer.closed.push(width);
                openers.truncate(found + usize::from(opener.left > 0));
            }
        }
        if closer.opens && closer.left > 0 {
            openers.push(at);
        }
    }
}

fn fits(opener: &Run, closer: &Run) -> bool {
    if opener.byte != closer.byte {
        return false;
    }
    if opener.byte == b'~' {
        return opener.left == 2 && closer.left == 2;
    }
    // The specification's rule of three.
    let either_way = opener.closes || closer.opens;
    !(either_way
        && (opener.length + closer.length).is_multiple_of(3)
        && !(opener.length.is_multiple_of(3) && closer.length.is_multiple_of(3)))
}

fn write_run<'a>(source: &'a str, run: &Run, out: &mut Vec<Spanned<'a>>) {
    let mut at = run.start;
    for width in &run.closed {
        out.push((Event::End(tag(run.byte, *width).to_end()), at..at + width));
        at += width;
    }
    if run.left > 0 {
        out.push((Event::Text(CowStr::Borrowed(&source[at..at + run.left])), at..at + run.left));
        at += run.left;
    }
    for width in run.opened.iter().rev() {
        out.push((Event::Start(tag(run.byte, *width)), at..at + width));
        at += width;
    }
}

fn tag(byte: u8, width: usize) -> Tag<'static> {
    match (byte, width) {
        (b'~', _) => Tag::Strikethrough,
        (_, 2) => Tag::Strong,
        _ => Tag::Emphasis,
    }
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Options, Parser, html};

    use super::*;

    fn run(source: &str) -> String {
        let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
        let events = Parser::new_ext(source, options).into_offset_iter().collect();
        let mut out = String::new();
        html::push_html(&mut out, repair(source, events).into_iter().map(|(event, _)| event));
        out.trim().trim_start_matches("<p>").trim_end_matches("</p>").to_owned()
    }

    #[test]
    fn chinese_punctuation_no_longer_stops_emphasis() {
        for (source, expected) in [
            ("**注意：**请先保存", "<strong>注意：</strong>请先保存"),
            ("**中文。**中文", "<strong>中文。</strong>中文"),
            ("*强调。*后", "<em>强调。</em>后"),
            ("~~删除。~~后", "<del>删除。</del>后"),
            ("他说**“你好”**然后走", "他说<strong>“你好”</strong>然后走"),
            ("点**“确定”**OK", "点<strong>“确定”</strong>OK"),
            ("打开**（可选）**设置", "打开<strong>（可选）</strong>设置"),
            ("按**[Ctrl]**键", "按<strong>[Ctrl]</strong>键"),
            ("选**`code`**项", "选<strong><code>code</code></strong>项"),
            ("***很重要。***请看", "<em><strong>很重要。</strong></em>请看"),
            ("**一：**甲，**二：**乙", "<strong>一：</strong>甲，<strong>二：</strong>乙"),
            ("选择**设置：**然后**确定**即可", "选择<strong>设置：</strong>然后<strong>确定</strong>即可"),
            ("**A：**B**C**", "<strong>A：</strong>B<strong>C</strong>"),
            ("**[链接](/x)。**后", "<strong><a href=\"/x\">链接</a>。</strong>后"),
            ("[**中。**文](/x)", "<a href=\"/x\"><strong>中。</strong>文</a>"),
            ("**中\n文。**后", "<strong>中\n文。</strong>后"),
        ] {
            assert_eq!(run(source), expected, "{source}");
        }
        assert_eq!(run("- **注意：**甲\n- 乙"), "<ul>\n<li><strong>注意：</strong>甲</li>\n<li>乙</li>\n</ul>");
        assert!(run("| 列 |\n|---|\n| **甲：**乙 |").contains("<td><strong>甲：</strong>乙</td>"));
    }

    #[test]
    fn what_is_no_emphasis_stays() {
        for (source, expected) in [
            ("a * b * c。", "a * b * c。"),
            ("\\*\\*注意：\\*\\*请", "**注意：**请"),
            ("`**注意：**请`", "<code>**注意：**请</code>"),
            ("**注意：** **", "<strong>注意：</strong> **"),
            ("**注意：请", "**注意：请"),
            ("乘号 2 * 3，4 * 5。", "乘号 2 * 3，4 * 5。"),
            ("&#42;*注意：**请", "**注意：**请"),
            ("5~10。3~4", "5~10。3~4"),
            ("[**中。](/x)**文", "<a href=\"/x\">**中。</a>**文"),
        ] {
            assert_eq!(run(source), expected, "{source}");
        }
        assert_eq!(run("    **中。**文"), "<pre><code>**中。**文\n</code></pre>".replace("\n<", "<"), "code");
    }

    #[test]
    fn matching_again_agrees_with_the_parser_where_nothing_is_disputed() {
        let force = |source: &str| {
            let events: Vec<_> = Parser::new_ext(source, Options::ENABLE_STRIKETHROUGH).into_offset_iter().collect();
            let inner = events[1..events.len() - 1].to_vec();
            let mut out = Vec::new();
            rematch(source, inner.clone(), &mut out);
            let html = |events: Vec<Spanned<'_>>| {
                let mut out = String::new();
                html::push_html(&mut out, events.into_iter().map(|(event, _)| event));
                out
            };
            (html(inner), html(out))
        };
        for source in [
            "*a **b** c*",
            "***a** b*",
            "***a* b**",
            "**a *b***",
            "*a **b*",
            "foo***bar***baz",
            "*foo**bar*",
            "**foo*bar**",
            "_a **b** c_",
            "~~a **b** c~~ d",
            "a**b**c*d*e",
            "****a****",
            "*(**foo**)*",
            "**Gomphocarpus (*Gomphocarpus physocarpus*, syn. *Asclepias physocarpa*)**",
        ] {
            let (before, after) = force(source);
            assert_eq!(after, before, "{source}");
        }
    }
}
