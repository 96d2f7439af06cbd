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
        let diagnostic = diagnostic.at(self.places.of(offset));
        let length = self.length_at(offset);
        self.diagnostics.push(if length == 0 { diagnostic } else { diagnostic.over(length) });
        &mut self.diagnostics[at]
    }

    /// The characters on its line of the markup that begins at `offset`: the last that began, or a tag. 0 for other.
    pub(super) fn length_at(&self, offset: usize) -> usize {
        let markup = match self.source.get(offset..) {
            _ if self.span.start == offset => self.source.get(self.span.clone()),
            Some(rest) if rest.starts_with('<') => {
                let near = &rest[..rest.floor_char_boundary(2_000)];
                near.get(..near.find('>').map_or(1, |end| end + 1))
            }
            _ => None,
        };
        markup.and_then(|markup| markup.lines().next()).map_or(0, |line| line.chars().count())
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
