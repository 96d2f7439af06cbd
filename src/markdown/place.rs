//! Byte offsets of the body to lines and columns of the file.

/// Counts lines forward from the last answer: events come in the order of the text.
#[derive(Debug)]
pub(super) struct Places<'a> {
    source: &'a str,
    first_line: u32,
    line: u32,
    line_start: usize,
}

impl<'a> Places<'a> {
    pub(super) fn new(source: &'a str, first_line: u32) -> Self {
        let first_line = first_line.max(1);
        Self { source, first_line, line: first_line, line_start: 0 }
    }

    /// The 1-based line and column, in characters.
    pub(super) fn of(&mut self, offset: usize) -> (u32, u32) {
        let offset = offset.min(self.source.len());
        if offset < self.line_start {
            (self.line, self.line_start) = (self.first_line, 0);
        }
        let passed = &self.source.as_bytes()[self.line_start..offset];
        if let Some(last) = passed.iter().rposition(|byte| *byte == b'\n') {
            let lines = passed.iter().filter(|byte| **byte == b'\n').count();
            self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            self.line_start += last + 1;
        }
        let bytes = &self.source.as_bytes()[self.line_start..offset];
        // Every character has one byte that continues none.
        let column = bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count() + 1;
        (self.line, u32::try_from(column).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_in_any_order() {
        let mut places = Places::new("中文x\n\nb中c\n", 5);
        assert_eq!(places.of(6), (5, 3));
        assert_eq!(places.of(9), (7, 1));
        assert_eq!(places.of(13), (7, 3));
        assert_eq!(places.of(0), (5, 1));
        assert_eq!(places.of(999), (8, 1));
    }
}
