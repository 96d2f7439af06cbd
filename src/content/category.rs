//! A category that is none of the site's, and the one that was probably meant.

use super::front_matter::FrontMatter;
use crate::config::Config;
use crate::diagnostic::{Diagnostic, nearest};

/// The key that was meant by a category which is none of the configured ones: its name in any language, or a key of
/// almost the same letters. `None` for a category of its own: folders follow without being configured.
pub(crate) fn meant<'a>(config: &'a Config, category: &str) -> Option<&'a str> {
    let keys = || config.categories.iter().map(|it| it.key.as_str());
    if category.is_empty() || keys().any(|key| key == category) {
        return None;
    }
    let wanted = category.to_lowercase();
    let same = |name: &str| name.to_lowercase() == wanted;
    let named = config.categories.iter().find(|it| same(&it.key) || it.name.all().any(same)).map(|it| it.key.as_str());
    // Two letters are near to any other two.
    named.or_else(|| nearest(category, keys()).filter(|_| category.chars().count() > 2))
}

/// Warns of a category that is almost one of the site's, at its key, or at the file's first line where the folder
/// says it.
pub(super) fn check(
    config: &Config,
    file: &str,
    front: &FrontMatter<'_>,
    category: &str,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(key) = meant(config, category) else { return };
    let of = if !front.has("category") { ", after its folder," } else { "" };
    let message = format!("the category{of} is `{category}`, which site.toml does not name");
    let diagnostic = front.at_key("category", Diagnostic::warning("HM044", file, message));
    diagnostics.push(diagnostic.instead(category, key).hint(format!("did you mean `{key}`?")));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn config() -> Config {
        let text = "title = 'x'\n[[categories]]\nkey = 'meeting'\nname = { zh = '会议室', en = 'Meeting rooms' }\n\
                    [[categories]]\nkey = 'oa'\nname = 'OA'\n";
        Config::parse(Path::new("/nowhere"), text).unwrap()
    }

    #[test]
    fn names_and_misspelt_keys_mean_a_category() {
        let config = config();
        for category in ["会议室", "meeting rooms", "Meeting", "meetings", "metting"] {
            assert_eq!(meant(&config, category), Some("meeting"), "{category}");
        }
        for category in ["meeting", "oa", "os", "", "printing", "餐厅"] {
            assert_eq!(meant(&config, category), None, "{category}");
        }
    }

    #[test]
    fn the_finding_is_at_the_key_or_at_the_file() {
        let found = |path: &str, text: &str| {
            let found = super::super::parse(&config(), path, text.as_bytes()).diagnostics;
            found.iter().map(|it| format!("{} {} {:?}", it.place(), it.code, it.hint)).collect::<Vec<_>>()
        };
        let hint = "Some(\"did you mean `meeting`?\")";
        assert_eq!(
            found("articles/x/a.md", "---\ntitle: a\ncategory: 会议室 # x\n---\n"),
            [format!("content/articles/x/a.md:3:11 HM044 {hint}")]
        );
        assert_eq!(
            found("resolutions/a.md", "---\nid: TS1\ntitle: a\ncategory: metting\n---\n"),
            [format!("content/resolutions/a.md:4:11 HM044 {hint}")]
        );
        assert_eq!(
            found("articles/meetings/a.md", "---\ntitle: a\n---\n"),
            [format!("content/articles/meetings/a.md:1:1 HM044 {hint}")]
        );
        assert!(found("articles/meetings/a.md", "---\ntitle: a\ncategory: meeting\n---\n").is_empty());
        assert!(found("articles/canteen/a.md", "---\ntitle: a\n---\n").is_empty());
    }
}
