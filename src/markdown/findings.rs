//! What the pass tells, and whose text it is about.

use crate::diagnostic::Diagnostic;

use super::containers::Unbalanced;
use super::walk::{MAX_DEPTH, Walk};

impl<'a> Walk<'a> {
    pub(super) fn warn(&mut self, code: &'static str, offset: usize, message: String) -> &mut Diagnostic {
        self.report(Diagnostic::warning(code, &self.file, message), offset)
    }

    pub(super) fn note(&mut self, code: &'static str, offset: usize, message: String) -> &mut Diagnostic {
        self.report(Diagnostic::note(code, &self.file, message), offset)
    }

    fn report(&mut self, diagnostic: Diagnostic, offset: usize) -> &mut Diagnostic {
        if self.is_included(offset) {
            return self.unsaid.insert(diagnostic);
        }
        let at = self.diagnostics.len();
        let span = if self.span.start == offset { self.source.get(self.span.clone()) } else { None };
        let line = span.and_then(|span| span.lines().next()).unwrap_or_default();
        let diagnostic = diagnostic.at(self.places.of(offset));
        self.diagnostics.push(if line.is_empty() { diagnostic } else { diagnostic.over(line.chars().count()) });
        &mut self.diagnostics[at]
    }

    /// Names the `:::` containers that do not pair up.
    pub(super) fn report_containers(&mut self, unbalanced: &[Unbalanced]) {
        for found in unbalanced.iter().filter(|found| self.expanded.owner(found.offset).is_none()) {
            let place = self.places.in_body(self.expanded.origin.of(found.offset));
            let diagnostic = Diagnostic::warning("HM039", &self.file, found.message.clone()).at(place);
            self.diagnostics.push(diagnostic.over(found.length).hint(found.hint.clone()));
        }
    }

    /// Names the destinations with spaces.
    pub(super) fn report_spaces(&mut self) {
        for (offset, path) in &self.translated.spaced {
            let length = path.chars().count();
            let found =
                self.note("HM049", *offset, format!("the destination `{path}` holds spaces, and is taken as meant"));
            *found = found.clone().over(length).instead(path, format!("<{path}>"));
            found.hint = Some(format!("write it in angle brackets: `](<{path}>)`"));
        }
    }

    /// Whether the text at an offset is that of another document.
    pub(super) fn is_included(&self, offset: usize) -> bool {
        self.owner(offset).is_some()
    }

    /// The document whose text stands at an offset, where it is another one.
    pub(super) fn owner(&self, offset: usize) -> Option<&'a str> {
        self.expanded.owner(self.translated.origin.of(offset))
    }

    pub(super) fn report_depth(&mut self, offset: usize) {
        if !std::mem::replace(&mut self.too_deep, true) {
            self.warn(
                "HM029",
                offset,
                format!("nested more than {MAX_DEPTH} levels deep: the markup within is left out"),
            )
            .hint = Some("flatten the list or the quotation".into());
        }
    }
}
