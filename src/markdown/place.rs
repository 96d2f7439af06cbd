//! Byte offsets of the body to lines and columns of the file.

/// Counts forward from the last answer: events come in the order of the text.
#[derive(Debug)]
pub(super) struct Places<'a> {
    source: &'a str,
    first_line: u32,
    offset: usize,
    line: u32,
    column: u32,
}

impl<'a> Places<'a> {
    pub(super) fn new(source: &'a str, first_line: u32) -> Self {
        let first_line = first_line.max(1);
        Self { source, first_line, offset: 0, line: first_line, column: 1 }
    }

    /// The 1-based line and column, in characters.
    pub(super) fn of(&mut self, offset: usize) -> (u32, u32) {
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
        let mut places = Places::new("中文x\n\nb中c\n", 5);
        assert_eq!(places.of(6), (5, 3));
        assert_eq!(places.of(9), (7, 1));
        assert_eq!(places.of(13), (7, 3));
        assert_eq!(places.of(0), (5, 1));
        assert_eq!(places.of(999), (8, 1));
    }
}
