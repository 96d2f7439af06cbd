//! Byte offsets of the text that is parsed to lines and columns of the file.

use super::origin::Origin;

/// Counts forward from the last answer: events come in the order of the text.
#[derive(Debug)]
pub(super) struct Places<'a> {
    /// The body as it stands in the file.
    source: &'a str,
    /// From the text that is parsed to the body.
    origins: [&'a Origin; 2],
    first_line: u32,
    offset: usize,
    line: u32,
    column: u32,
}

impl<'a> Places<'a> {
    pub(super) fn new(source: &'a str, origins: [&'a Origin; 2], first_line: u32) -> Self {
        let first_line = first_line.max(1);
        Self { source, origins, first_line, offset: 0, line: first_line, column: 1 }
    }

    /// The 1-based line and column, in characters, of a place in the text that is parsed.
    pub(super) fn of(&mut self, offset: usize) -> (u32, u32) {
        let offset = self.origins.iter().fold(offset, |offset, origin| origin.of(offset));
        self.in_body(offset)
    }

    /// The same of a place in the body as it stands in the file.
    pub(super) fn in_body(&mut self, offset: usize) -> (u32, u32) {
        let offset = offset.min(self.source.len());
        if offset < self.offset {
            (self.offset, self.line, self.column) = (0, self.first_line, 1);
        }
        for byte in &self.source.as_bytes()[self.offset..offset] {
            if *byte == b'\n' {
                self.line = self.line.saturating_add(1);
                self.column = 1;
            } else if (byte & 0xC0) != 0x80 {
                // Every character has one byte that continues none.
                self.column = self.column.saturating_add(1);
            }
        }
        self.offset = offset;
        (self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_in_any_order() {
        let none = Origin::default();
        let mut places = Places::new("中文x\n\nb中c\n", [&none, &none], 5);
        assert_eq!(places.of(6), (5, 3));
        assert_eq!(places.of(9), (7, 1));
        assert_eq!(places.of(13), (7, 3));
        assert_eq!(places.of(0), (5, 1));
        assert_eq!(places.of(999), (8, 1));
    }
}
