//! Where each byte of a rewritten text stood before.

use std::ops::Range;

/// From here on the text is that of `from` on; or all of it stands for what is there, as the text of an included file
/// does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Spot {
    at: usize,
    from: usize,
    still: bool,
}

/// Offsets of the new text to those of the old one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// In the order of the new text.
    spots: Vec<Spot>,
}

impl Origin {
    pub(super) fn of(&self, offset: usize) -> usize {
        let after = self.spots.partition_point(|spot| spot.at <= offset);
        match after.checked_sub(1).and_then(|last| self.spots.get(last)) {
            None => offset,
            Some(spot) if spot.still => spot.from,
            Some(spot) => spot.from + (offset - spot.at),
        }
    }
}

/// Writes the new text of an old one.
#[derive(Debug)]
pub(super) struct Rewriting<'a> {
    old: &'a str,
    pub(super) new: String,
    origin: Origin,
}

impl<'a> Rewriting<'a> {
    pub(super) fn new(old: &'a str) -> Self {
        Self { old, new: String::with_capacity(old.len() + old.len() / 8), origin: Origin::default() }
    }

    /// A piece of the old text, as it is.
    pub(super) fn copy(&mut self, range: Range<usize>) {
        let Some(piece) = self.old.get(range.clone()).filter(|piece| !piece.is_empty()) else { return };
        let at = self.new.len();
        let goes_on = match self.origin.spots.last() {
            None => at == range.start,
            Some(last) => !last.still && last.from + (at - last.at) == range.start,
        };
        if !goes_on {
            self.origin.spots.push(Spot { at, from: range.start, still: false });
        }
        self.new.push_str(piece);
    }

    /// New words, which stand for what was at `from`.
    pub(super) fn put(&mut self, words: &str, from: usize) {
        if words.is_empty() {
            return;
        }
        let stands = self.origin.spots.last().is_some_and(|last| last.still && last.from == from);
        if !stands {
            self.origin.spots.push(Spot { at: self.new.len(), from, still: true });
        }
        self.new.push_str(words);
    }

    pub(super) fn finish(self) -> (String, Origin) {
        (self.new, self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_knows_where_it_stood() {
        let mut text = Rewriting::new("ab[c]def");
        text.copy(0..2);
        text.put("<CCC>", 2);
        text.copy(5..8);
        let (new, origin) = text.finish();
        assert_eq!(new, "ab<CCC>def");
        let from: Vec<_> = (0..new.len()).map(|at| origin.of(at)).collect();
        assert_eq!(from, [0, 1, 2, 2, 2, 2, 2, 5, 6, 7]);
        assert_eq!(Origin::default().of(7), 7);
    }
}
