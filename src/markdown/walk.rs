//! The one pass over the parser's events.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Tag, TagEnd};

use crate::content::{Document, Meta};
use crate::diagnostic::Diagnostic;

use super::blocks::{self, Code, HeadingState, Table};
use super::cjk::{Reading, is_cjk};
use super::dialect::Translated;
use super::footnotes::Footnotes;
use super::headings::Ids;
use super::includes::Expanded;
use super::place::Places;
use super::raw::RawState;
use super::references::{Anchor, ImageState, Seen};
use super::resolve::Resolver;
use super::{Heading, Links, Lost, Outgoing, Section, SiteLink, escape, sanitize};

/// Deeper nesting is no writing: its tags are left out, its text stays.
pub(super) const MAX_DEPTH: usize = 100;

/// What the pass gives: [`super::Page`] without its document.
pub(super) struct Finished {
    pub(super) html: String,
    pub(super) toc: Vec<Heading>,
    pub(super) sections: Vec<Section>,
    pub(super) links: Vec<Outgoing>,
    pub(super) site_links: Vec<SiteLink>,
    pub(super) lost: Vec<Lost>,
    pub(super) assets: Vec<String>,
    pub(super) anchors: Vec<String>,
    pub(super) minutes: u32,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Everything that grows during the pass.
pub(super) struct Walk<'a> {
    pub(super) source: &'a str,
    pub(super) expanded: &'a Expanded<'a>,
    pub(super) translated: &'a Translated<'a>,
    pub(super) meta: &'a Meta,
    /// The file's path for diagnostics.
    pub(super) file: String,
    pub(super) resolver: Resolver<'a>,
    pub(super) places: Places<'a>,
    pub(super) html: String,
    pub(super) toc: Vec<Heading>,
    pub(super) sections: Vec<Section>,
    pub(super) outgoing: Vec<Outgoing>,
    pub(super) site_links: Vec<SiteLink>,
    pub(super) lost: Vec<Lost>,
    pub(super) assets: Vec<String>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The last finding about the text of another document, which that document's own page tells.
    pub(super) unsaid: Option<Diagnostic>,
    pub(super) ids: Ids,
    pub(super) reading: Reading,
    /// Links to headings of this page, checked at the end.
    pub(super) fragments: Vec<(String, usize, usize)>,
    pub(super) depth: usize,
    pub(super) too_deep: bool,
    pub(super) heading: Option<HeadingState>,
    pub(super) title_dropped: bool,
    pub(super) last_level: u8,
    pub(super) code: Option<Code>,
    pub(super) table: Option<Table>,
    /// End tags of open block quotes, and open links.
    pub(super) quotes: Vec<&'static str>,
    pub(super) anchors: Vec<Anchor>,
    /// The open link to a document, by its place in `outgoing`, and where its words begin in the open text.
    pub(super) naming: Option<(usize, usize)>,
    pub(super) image: Option<ImageState>,
    pub(super) footnotes: Footnotes,
    pub(super) raw: RawState,
    /// Text of an alert's marker, up to this offset, is not shown.
    pub(super) skip_until: usize,
    /// The markup that began last: a finding about its start is about all of it.
    pub(super) span: Range<usize>,
    pub(super) seen: Seen,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        document: &'a Document,
        expanded: &'a Expanded<'a>,
        translated: &'a Translated<'a>,
        links: &'a Links,
    ) -> Self {
        let meta = document.meta();
        let source = &*translated.text;
        let origins = [&translated.origin, &expanded.origin];
        Self {
            source,
            expanded,
            translated,
            meta,
            file: format!("content/{}", meta.path),
            resolver: Resolver::new(meta, links),
            places: Places::new(&document.body().text, origins, document.body().first_line),
            html: String::with_capacity(source.len() + source.len() / 2),
            toc: Vec::new(),
            sections: vec![Section::default()],
            outgoing: Vec::new(),
            site_links: Vec::new(),
            lost: Vec::new(),
            assets: Vec::new(),
            diagnostics: Vec::new(),
            unsaid: None,
            ids: Ids::default(),
            reading: Reading::default(),
            fragments: Vec::new(),
            depth: 0,
            too_deep: false,
            heading: None,
            title_dropped: false,
            last_level: 1,
            code: None,
            table: None,
            quotes: Vec::new(),
            anchors: Vec::new(),
            naming: None,
            image: None,
            footnotes: Footnotes::default(),
            raw: RawState::new(source.len()),
            skip_until: 0,
            span: 0..0,
            seen: Seen::default(),
        }
    }

    pub(super) fn finish(mut self) -> Finished {
        self.record_included();
        self.depth = 0;
        self.close_raw_within();
        self.footnotes_finish();
        self.check_fragments();
        if self.raw.is_complex {
            self.html = sanitize::clean(&self.html);
        }
        for section in &mut self.sections {
            section.text.truncate(section.text.trim_end().len());
        }
        let mut anchors: Vec<_> = self.ids.iter().map(str::to_owned).collect();
        anchors.sort_unstable();
        Finished {
            html: self.html,
            toc: self.toc,
            sections: self.sections,
            links: self.outgoing,
            site_links: self.site_links,
            lost: self.lost,
            assets: self.assets,
            anchors,
            minutes: self.reading.minutes(),
            diagnostics: self.diagnostics,
        }
    }

    pub(super) fn event(&mut self, event: Event<'a>, range: Range<usize>) {
        match event {
            Event::Start(tag) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    self.report_depth(range.start);
                    self.break_block();
                } else {
                    self.start(tag, range);
                }
            }
            Event::End(end) => {
                let shown = self.depth <= MAX_DEPTH;
                if shown {
                    self.close_raw_within();
                }
                self.depth = self.depth.saturating_sub(1);
                if shown {
                    self.end(end, range);
                }
            }
            Event::Html(html) => self.html_event(&html, range),
            Event::InlineHtml(_) if self.is_mark(range.start) => self.show_mark(range.start),
            Event::InlineHtml(html) if self.image.is_none() => self.raw_html(&html, &[(0, range.start)], false),
            Event::InlineHtml(_) => {}
            _ if self.raw.is_dropping() => {}
            Event::Text(text) => self.text(&text, range),
            Event::Code(code) => {
                self.plain(&code);
                self.tag("<code>");
                self.show(&code);
                self.tag("</code>");
            }
            Event::SoftBreak => self.soft_break(range),
            Event::HardBreak => {
                if range.end > self.skip_until {
                    self.plain(" ");
                    self.tag("<br>\n");
                }
            }
            Event::Rule => self.html.push_str("<hr>\n"),
            Event::FootnoteReference(label) => self.footnote_reference(&label),
            Event::TaskListMarker(done) => self.task_marker(done),
            // Mathematics is not switched on; its source is better than nothing.
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text, range),
        }
    }

    fn start(&mut self, tag: Tag<'a>, range: Range<usize>) {
        self.span = range.clone();
        match tag {
            Tag::Paragraph => {
                self.break_block();
                self.html.push_str("<p>");
            }
            Tag::Heading { level, id, .. } => self.heading_start(level as u8, id.as_deref(), range),
            Tag::BlockQuote(kind) => self.quote_start(kind, range),
            Tag::CodeBlock(kind) => self.code_start(&kind, range),
            Tag::HtmlBlock => self.raw.begin_block(),
            Tag::List(first) => {
                self.break_block();
                blocks::list_start(&mut self.html, first);
            }
            Tag::Item => {
                self.break_block();
                self.html.push_str("<li>");
            }
            Tag::FootnoteDefinition(label) => self.footnote_start(&label),
            Tag::Table(alignments) => self.table_start(alignments),
            Tag::TableHead => self.html.push_str("<thead><tr>"),
            Tag::TableRow => {
                self.break_block();
                self.html.push_str("<tr>");
            }
            Tag::TableCell => self.cell_start(),
            Tag::Emphasis => self.tag("<em>"),
            Tag::Strong => self.tag("<strong>"),
            Tag::Strikethrough => self.tag("<del>"),
            Tag::Superscript => self.tag("<sup>"),
            Tag::Subscript => self.tag("<sub>"),
            Tag::Link { link_type: LinkType::Email, .. } if self.is_literal() => self.no_link(),
            Tag::Link { link_type: LinkType::Email, dest_url, title, .. } => {
                self.link_start(&format!("mailto:{dest_url}"), &title, range);
            }
            // A URL as text: where no link may stand it stays text.
            Tag::Link { link_type: LinkType::Autolink, .. } if self.is_literal() => self.no_link(),
            Tag::Link { dest_url, title, .. } => self.link_start(&dest_url, &title, range),
            Tag::Image { dest_url, title, .. } => self.image_start(&dest_url, &title, range),
            Tag::DefinitionList | Tag::DefinitionListTitle | Tag::DefinitionListDefinition | Tag::MetadataBlock(_) => {
                self.break_block()
            }
        }
    }

    fn end(&mut self, end: TagEnd, range: Range<usize>) {
        match end {
            TagEnd::Paragraph => {
                self.raw.end_leaf();
                // An alert's marker alone in its paragraph leaves nothing.
                if self.html.ends_with("<p>") {
                    self.html.truncate(self.html.len() - "<p>".len());
                } else {
                    self.html.push_str("</p>\n");
                }
            }
            TagEnd::Heading(_) => {
                self.raw.end_leaf();
                self.heading_end();
            }
            TagEnd::BlockQuote(_) => {
                let close = self.quotes.pop().unwrap_or_default();
                self.html.push_str(close);
            }
            TagEnd::CodeBlock => self.code_end(),
            TagEnd::HtmlBlock => self.html_block_end(),
            TagEnd::List(ordered) => self.html.push_str(if ordered { "</ol>\n" } else { "</ul>\n" }),
            TagEnd::Item => {
                self.raw.end_leaf();
                self.html.push_str("</li>\n");
            }
            TagEnd::FootnoteDefinition => self.footnote_end(),
            TagEnd::Table => {
                self.table = None;
                self.html.push_str("</tbody></table></div>\n");
            }
            TagEnd::TableHead => {
                self.html.push_str("</tr></thead><tbody>\n");
                if let Some(table) = &mut self.table {
                    table.end_head();
                }
            }
            TagEnd::TableRow => {
                self.html.push_str("</tr>\n");
                if let Some(table) = &mut self.table {
                    table.end_row();
                }
            }
            TagEnd::TableCell => {
                self.raw.end_leaf();
                self.cell_end();
            }
            TagEnd::Emphasis => self.tag("</em>"),
            TagEnd::Strong => self.tag("</strong>"),
            TagEnd::Strikethrough => self.tag("</del>"),
            TagEnd::Superscript => self.tag("</sup>"),
            TagEnd::Subscript => self.tag("</sub>"),
            TagEnd::Link => self.link_end(range.start),
            TagEnd::Image => self.image_end(range.end),
            TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if self.code.is_some() {
            self.code_text(text, range);
            return;
        }
        let mut text = text;
        if range.start < self.skip_until {
            let skip = (self.skip_until - range.start).min(text.len());
            // The marker stands in the source as it is.
            text = text.get(skip..).unwrap_or_default().trim_start();
            if text.is_empty() {
                return;
            }
        } else if self.skip_until > 0 && range.start == self.skip_until {
            text = text.trim_start();
        }
        self.plain(text);
        self.show(text);
    }

    /// A line break within a paragraph is a space, but none between two Chinese characters.
    fn soft_break(&mut self, range: Range<usize>) {
        if range.end <= self.skip_until {
            return;
        }
        let before = self.source[..range.start].trim_end().chars().next_back();
        let after = self.source[range.end..].trim_start_matches([' ', '\t', '>', '\n']).chars().next();
        if before.is_some_and(is_cjk) && after.is_some_and(is_cjk) {
            return;
        }
        self.plain(" ");
        self.tag("\n");
    }

    /// Writes inline markup, unless it stands in an image's alternative text.
    pub(super) fn tag(&mut self, html: &str) {
        if self.image.is_none() {
            self.html.push_str(html);
        }
    }

    pub(super) fn show(&mut self, text: &str) {
        if self.image.is_none() {
            escape::text(&mut self.html, text);
        }
    }

    /// Adds to the plain text of what is open: an image, a heading, or the section.
    pub(super) fn plain(&mut self, text: &str) {
        if let Some(image) = &mut self.image {
            image.alt.push_str(text);
        } else if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
        } else if let Some(section) = self.sections.last_mut() {
            self.reading.add(text);
            section.text.push_str(text);
        }
    }

    /// The plain text that is growing.
    pub(super) fn open_text(&self) -> &str {
        let section = || self.sections.last().map_or("", |section| section.text.as_str());
        self.heading.as_ref().map_or_else(section, |heading| heading.text.as_str())
    }

    /// Starts a new line of plain text.
    pub(super) fn break_block(&mut self) {
        if self.heading.is_none()
            && let Some(section) = self.sections.last_mut()
            && !section.text.is_empty()
            && !section.text.ends_with('\n')
        {
            section.text.push('\n');
        }
    }
}
