//! Ids of headings, as GitHub makes them.

use std::collections::HashMap;

/// The ids in use on one page.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    /// With how often the id was asked for again, so that a thousand equal headings cost no more than others.
    seen: HashMap<String, usize>,
}

impl Ids {
    /// Takes the id for a heading's text: the slug, then `slug-1`, `slug-2`, …
    pub(crate) fn of_heading(&mut self, text: &str) -> String {
        let slug = slug(text);
        let Some(count) = self.seen.get(&slug) else {
            self.seen.insert(slug.clone(), 0);
            return slug;
        };
        let mut count = count + 1;
        let mut id = format!("{slug}-{count}");
        while self.seen.contains_key(&id) {
            count += 1;
            id = format!("{slug}-{count}");
        }
        self.seen.insert(id.clone(), 0);
        self.seen.insert(slug, count);
        id
    }

    /// Takes an id that the author wrote; `false` when it is in use or cannot be one.
    pub(crate) fn take(&mut self, id: &str) -> bool {
        !id.is_empty() && !self.seen.contains_key(id) && self.seen.insert(id.to_owned(), 0).is_none()
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.seen.contains_key(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.seen.keys().map(String::as_str)
    }
}

/// Lower case; letters, digits, `-` and `_` stay, white space becomes `-`, the rest goes. Never empty.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.trim().chars() {
        if c.is_alphanumeric() || c == '-' || c == '_' {
            slug.extend(c.to_lowercase());
        } else if c.is_whitespace() {
            slug.push('-');
        }
    }
    if slug.is_empty() {
        slug.push_str("section");
    }
    slug
}

/// A link's fragment in the form of our ids: decoded, lower case.
pub(super) fn fragment(raw: &str) -> String {
    super::escape::percent_decode(raw).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_keep_letters_of_every_script() {
        assert_eq!(slug("Reset the VPN client (v2.1)"), "reset-the-vpn-client-v21");
        assert_eq!(slug("一、打印机：无法连接？"), "一打印机无法连接");
        assert_eq!(slug("snake_case & more"), "snake_case--more");
        assert_eq!(slug("？！"), "section");
    }

    #[test]
    fn ids_never_repeat() {
        let mut ids = Ids::default();
        let taken: Vec<_> = ["a", "a", "a-1", "a", "!", "?"].map(|text| ids.of_heading(text)).into();
        assert_eq!(taken, ["a", "a-1", "a-1-1", "a-2", "section", "section-1"]);
        assert!(!ids.take("a") && !ids.take("") && ids.take("b"));
    }

    #[test]
    fn fragments_meet_ids() {
        assert_eq!(fragment("%E7%8E%B0%E8%B1%A1"), slug("现象"));
        assert_eq!(fragment("Reset-It"), slug("Reset it"));
    }
}
