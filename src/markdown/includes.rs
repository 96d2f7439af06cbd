//! `[!INCLUDE [name](path)]` of Microsoft Learn: the text of another document in place of the marker.
//!
//! Only documents that readers see may be included, for what is included is published. Where that cannot be, a link
//! stands in the marker's place, and says whether it leads anywhere.

use std::borrow::Cow;

use super::dialect;
use super::origin::{Origin, Rewriting};

/// Documents within documents are followed this far.
const DEEPEST: usize = 8;
/// A document does not grow beyond this many bytes by what it includes.
const LARGEST: usize = 1 << 20;

/// A text with what it includes.
#[derive(Debug, Default)]
pub(super) struct Expanded<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) origin: Origin,
    /// From here on the text is that of the document at this path; `None`: of the page's own.
    owners: Vec<(usize, Option<String>)>,
    /// The documents that were put in, and the links that stand for others: path, and where the marker was.
    pub(super) included: Vec<(String, usize)>,
}

impl Expanded<'_> {
    /// The included document that the text at an offset is from.
    pub(super) fn owner(&self, offset: usize) -> Option<&str> {
        let after = self.owners.partition_point(|(at, _)| *at <= offset);
        self.owners.get(after.checked_sub(1)?)?.1.as_deref()
    }
}

/// Where included documents come from. The first argument is the including document's path, `None` for the page's own.
pub(super) struct Shelf<'a> {
    /// The path that a link leads to, if readers see a document there.
    pub(super) find: &'a dyn Fn(Option<&str>, &str) -> Option<String>,
    /// Its text, without front matter.
    pub(super) read: &'a dyn Fn(&str) -> Option<String>,
}

/// Puts the included texts in their places.
pub(super) fn expand<'a>(text: &'a str, shelf: &Shelf<'_>) -> Expanded<'a> {
    let marked = memchr::memmem::find_iter(text.as_bytes(), "[!").any(|at| dialect::include(&text[at..]).is_some());
    if !marked {
        return Expanded { text: text.into(), ..Expanded::default() };
    }
    let mut expansion =
        Expansion { shelf, out: Rewriting::new(text), owners: Vec::new(), included: Vec::new(), left: LARGEST };
    expansion.put(text, "", None, &mut Vec::new());
    let (new, origin) = expansion.out.finish();
    Expanded { text: new.into(), origin, owners: expansion.owners, included: expansion.included }
}

struct Expansion<'s, 'a> {
    shelf: &'s Shelf<'s>,
    out: Rewriting<'a>,
    owners: Vec<(usize, Option<String>)>,
    included: Vec<(String, usize)>,
    left: usize,
}

impl Expansion<'_, '_> {
    /// Writes a text, every line but the first after `prefix`. `from` is where the outermost marker stands; without it
    /// the text is the page's own. `open` are the documents around it.
    fn put(&mut self, text: &str, prefix: &str, from: Option<usize>, open: &mut Vec<String>) {
        let mut fence: Option<(char, usize)> = None;
        let mut start = 0;
        let mut in_list = false;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            if number > 0 {
                self.words(prefix, start, from);
            }
            let content = line.trim_start_matches([' ', '\t', '>']);
            let run = |mark: char| content.chars().take_while(|c| *c == mark).count();
            match fence {
                Some((mark, width)) if run(mark) >= width && content.trim_end().len() == run(mark) => fence = None,
                Some(_) => {}
                None => fence = dialect::fence_mark(content).map(|mark| (mark, run(mark))),
            }
            let (columns, blank) = dialect::indent(line);
            if !blank && (columns == 0 || dialect::is_item(content)) {
                in_list = dialect::is_item(content);
            }
            // A comment is not shown, whatever it includes.
            let is_code = fence.is_some() || (columns >= 4 && !in_list);
            let plain = is_code || !line.contains("[!") || line.contains("<!--");
            if plain {
                self.piece(text, start..start + line.len(), from);
            } else {
                self.line(text, start..start + line.len(), prefix, from, open);
            }
            start += line.len();
        }
    }

    fn line(
        &mut self,
        text: &str,
        range: std::ops::Range<usize>,
        prefix: &str,
        from: Option<usize>,
        open: &mut Vec<String>,
    ) {
        let mut at = range.start;
        let line = &text[range.clone()];
        let mut ticks = 0;
        for found in memchr::memmem::find_iter(line.as_bytes(), "[!") {
            let marker = range.start + found;
            if marker < at {
                continue;
            }
            ticks += text[at..marker].matches('`').count();
            let Some((label, path, length)) = dialect::include(&text[marker..range.end]).filter(|_| ticks % 2 == 0)
            else {
                continue;
            };
            self.piece(text, at..marker, from);
            at = marker + length;
            let place = from.unwrap_or(marker);
            let before = &text[range.start..marker];
            let alone = before.chars().all(|c| c.is_ascii_digit() || " \t>-*+.)".contains(c));
            let is_block = alone && text[at..range.end].trim().is_empty();
            let path = path.strip_prefix('~').unwrap_or(path);
            let owner = open.last().cloned();
            match self.text_of(owner.as_deref(), path, is_block, open) {
                Some((found, inner)) => {
                    self.left -= inner.len();
                    self.included.push((found.clone(), place));
                    self.owners.push((self.out.new.len(), Some(found.clone())));
                    open.push(found);
                    let spaces: String = before.chars().map(|c| if c == '>' { '>' } else { ' ' }).collect();
                    self.put(&inner, &format!("{prefix}{spaces}"), Some(place), open);
                    open.pop();
                    self.owners.push((self.out.new.len(), owner));
                }
                None => self.link(label, path, place),
            }
        }
        self.piece(text, at..range.end, from);
    }

    /// The document that a marker asks for, and its text; within a line only what is one paragraph.
    fn text_of(&self, owner: Option<&str>, path: &str, is_block: bool, open: &[String]) -> Option<(String, String)> {
        if open.len() >= DEEPEST {
            return None;
        }
        let found = (self.shelf.find)(owner, path).filter(|found| !open.contains(found))?;
        let text = (self.shelf.read)(&found)?;
        let inner = text.trim_matches(['\n', '\r']).trim_end();
        let inner = match (is_block, inner.contains("\n\n")) {
            (true, _) => inner.to_owned(),
            (false, false) => inner.replace('\n', " "),
            (false, true) => return None,
        };
        (inner.len() <= self.left).then_some((found, inner))
    }

    /// What stands for a document that cannot be put in.
    fn link(&mut self, label: &str, path: &str, place: usize) {
        let name = path.rsplit('/').next().unwrap_or(path);
        let label = if label.is_empty() { name.strip_suffix(".md").unwrap_or(name) } else { label };
        let path = path.replace(['<', '>'], "");
        self.out.put(&format!("[{label}](<{path}>)"), place);
    }

    fn piece(&mut self, text: &str, range: std::ops::Range<usize>, from: Option<usize>) {
        match from {
            None => self.out.copy(range),
            Some(from) => self.out.put(&text[range], from),
        }
    }

    fn words(&mut self, prefix: &str, start: usize, from: Option<usize>) {
        self.out.put(prefix, from.unwrap_or(start));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(text: &str) -> (String, Vec<String>) {
        let find = |owner: Option<&str>, path: &str| {
            let folder = owner.map_or("", |owner| &owner[..owner.rfind('/').map_or(0, |slash| slash + 1)]);
            Some(format!("{folder}{path}")).filter(|path| path != "gone.md")
        };
        let read = |path: &str| {
            Some(match path {
                "i/one.md" => "甲[b](b.md)\n\n乙\n".to_owned(),
                "i/word.md" => "Entra\n".to_owned(),
                "i/outer.md" => "外\n[!INCLUDE [x](word.md)]\n".to_owned(),
                "i/loop.md" => "圈\n\n[!INCLUDE [x](loop.md)]\n".to_owned(),
                _ => return None,
            })
        };
        let it = expand(text, &Shelf { find: &find, read: &read });
        let paths = it.included.iter().map(|(path, _)| path.clone()).collect();
        (it.text.into_owned(), paths)
    }

    #[test]
    fn texts_stand_in_the_place_of_their_markers() {
        for (from, to) in [
            ("a\n\n[!INCLUDE [x](i/one.md)]\n\nb\n", "a\n\n甲[b](b.md)\n\n乙\n\nb\n"),
            ("> [!INCLUDE[x](i/one.md)]\n", "> 甲[b](b.md)\n> \n> 乙\n"),
            ("1. [!INCLUDE [x](i/one.md)]", "1. 甲[b](b.md)\n   \n   乙"),
            ("在 [!INCLUDE [x](i/word.md)] 里", "在 Entra 里"),
            ("[!INCLUDE [x](i/outer.md)]", "外\nEntra"),
            ("[!INCLUDE [x](i/loop.md)]", "圈\n\n[x](<loop.md>)"),
            ("[!INCLUDE [](~gone.md)]!", "[gone](<gone.md>)!"),
            ("在 [!INCLUDE [x](i/one.md)] 里", "在 [x](<i/one.md>) 里"),
            ("```\n[!INCLUDE [x](i/one.md)]\n```", "```\n[!INCLUDE [x](i/one.md)]\n```"),
            ("<!-- [!INCLUDE [x](i/one.md)] -->", "<!-- [!INCLUDE [x](i/one.md)] -->"),
            ("`[!INCLUDE [x](i/one.md)]`", "`[!INCLUDE [x](i/one.md)]`"),
        ] {
            assert_eq!(done(from).0, to, "{from}");
        }
        assert_eq!(done("[!INCLUDE [x](i/outer.md)]").1, ["i/outer.md", "i/word.md"]);
    }

    #[test]
    fn owners_and_places_are_known() {
        let text = "a\n[!INCLUDE [x](i/one.md)]\nb";
        let find = |_: Option<&str>, path: &str| Some(path.to_owned());
        let read = |_: &str| Some("甲\n乙".to_owned());
        let it = expand(text, &Shelf { find: &find, read: &read });
        let at = |word: &str| it.text.find(word).unwrap();
        assert_eq!([it.owner(at("a")), it.owner(at("乙")), it.owner(at("b"))], [None, Some("i/one.md"), None]);
        assert_eq!([at("a"), at("乙"), at("b")].map(|at| it.origin.of(at)), [0, 2, 27]);
    }
}
