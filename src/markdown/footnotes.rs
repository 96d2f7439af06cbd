//! Footnotes: numbered as they are first met, printed at the end.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::walk::Walk;

#[derive(Debug, Default)]
pub(super) struct Footnotes {
    numbers: HashMap<String, usize>,
    /// The first reference has an id to come back to.
    referred: Vec<bool>,
    notes: Vec<(usize, String)>,
    /// The page's HTML and the note's number while a definition is open.
    outer: Vec<(usize, String)>,
}

impl Footnotes {
    fn number(&mut self, label: &str) -> usize {
        let next = self.numbers.len() + 1;
        let number = *self.numbers.entry(label.to_owned()).or_insert(next);
        if number == next {
            self.referred.push(false);
        }
        number
    }
}

impl Walk<'_> {
    pub(super) fn footnote_reference(&mut self, label: &str) {
        let number = self.footnotes.number(label);
        if self.image.is_some() {
            return;
        }
        let first = !std::mem::replace(&mut self.footnotes.referred[number - 1], true);
        let id = if first { format!(" id=\"fnref-{number}\"") } else { String::new() };
        // Writing to a string cannot fail.
        let _ = write!(self.html, "<sup class=\"footnote-ref\"><a href=\"#fn-{number}\"{id}>{number}</a></sup>");
    }

    pub(super) fn footnote_start(&mut self, label: &str) {
        let number = self.footnotes.number(label);
        self.break_block();
        self.footnotes.outer.push((number, std::mem::take(&mut self.html)));
    }

    pub(super) fn footnote_end(&mut self) {
        if let Some((number, outer)) = self.footnotes.outer.pop() {
            let note = std::mem::replace(&mut self.html, outer);
            self.footnotes.notes.push((number, note));
        }
    }

    /// Prints the notes.
    pub(super) fn footnotes_finish(&mut self) {
        if self.footnotes.notes.is_empty() {
            return;
        }
        let mut notes = std::mem::take(&mut self.footnotes.notes);
        notes.sort_by_key(|(number, _)| *number);
        self.html.push_str("<section class=\"footnotes\"><ol>\n");
        for (number, note) in notes {
            let back = if self.footnotes.referred[number - 1] {
                format!(" <a href=\"#fnref-{number}\" aria-label=\"↩ {number}\">↩</a>")
            } else {
                String::new()
            };
            let note = note.trim_end();
            let note =
                note.strip_suffix("</p>").map_or_else(|| format!("{note}{back}"), |text| format!("{text}{back}</p>"));
            let _ = writeln!(self.html, "<li id=\"fn-{number}\" value=\"{number}\">{note}</li>");
        }
        self.html.push_str("</ol></section>\n");
    }
}
