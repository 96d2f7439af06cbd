//! Paths with `/`, and the languages in them.

use crate::config::Config;

/// `path` seen from the folder `from`, with `.` and `..` taken away. `None` when it leaves the tree.
pub(super) fn join(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folder of a file.
pub(super) fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..slash])
}

/// The name of a file.
pub(super) fn name(path: &str) -> &str {
    &path[path.rfind('/').map_or(0, |slash| slash + 1)..]
}

pub(super) fn is_markdown(path: &str) -> bool {
    let extension = name(path).rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| matches!(extension.as_str(), "md" | "mdx" | "markdown" | "mdown" | "mkd"))
}

/// A path without its last extension.
pub(super) fn stem(path: &str) -> &str {
    let name = name(path);
    path.strip_suffix(&name[name.rfind('.').filter(|at| *at > 0).unwrap_or(name.len())..]).unwrap_or(path)
}

/// `01-intro` and `2. Setup`: the number that orders files, and the name without it.
pub(super) fn number_prefix(name: &str) -> (Option<i32>, &str) {
    let digits = name.len() - name.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = name[digits..].trim_start_matches([' ', '-', '_', '.']);
    // `2024-05-01-news` is a date, `7.0-beta` a version.
    let version = rest.starts_with(|c: char| c.is_ascii_digit());
    match name[..digits].parse() {
        Ok(number) if digits <= 4 && !version && !rest.is_empty() && rest.len() < name.len() - digits => {
            (Some(number), rest)
        }
        _ => (None, name),
    }
}

/// The site's language that a code such as `zh-Hans` or `en_US` means.
pub(super) fn language<'a>(config: &'a Config, code: &str) -> Option<&'a str> {
    let primary = |code: &str| code.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let exact = config.languages.iter().find(|language| language.code.eq_ignore_ascii_case(code));
    let near = || config.languages.iter().find(|language| primary(&language.code) == primary(code));
    exact.or_else(near).map(|language| language.code.as_str())
}

/// Whether a name has the form of a language's code: `en`, `zh-CN`, `pt_BR`, `zh-Hans`.
pub(super) fn is_language_code(name: &str) -> bool {
    let mut parts = name.split(['-', '_']);
    let first = parts.next().unwrap_or_default();
    let known = [
        "ar", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "ms",
        "nb", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sv", "th", "tr", "uk", "vi", "zh",
    ];
    known.contains(&first.to_ascii_lowercase().as_str())
        && parts
            .next()
            .is_none_or(|part| matches!(part.len(), 2..=4) && part.chars().all(|c| c.is_ascii_alphanumeric()))
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        assert_eq!(join("a/b", "../c/./d.md"), Some("a/c/d.md".to_owned()));
        assert_eq!(join("a", "../../x"), None);
        assert_eq!((stem("a.b/c.en.md"), stem("a/.hidden"), stem("x")), ("a.b/c.en", "a/.hidden", "x"));
    }

    #[test]
    fn numbers_order_and_dates_do_not() {
        assert_eq!(number_prefix("01-intro"), (Some(1), "intro"));
        assert_eq!(number_prefix("2. Setup"), (Some(2), "Setup"));
        for name in ["2024-05-01-news", "7.0-beta", "404", "3d", "intro"] {
            assert_eq!(number_prefix(name), (None, name));
        }
    }

    #[test]
    fn codes_of_languages() {
        let config = Config::parse(std::path::Path::new("/"), "title = 'x'").unwrap();
        assert_eq!(
            (language(&config, "zh-Hans"), language(&config, "EN_us"), language(&config, "fr")),
            (Some("zh"), Some("en"), None)
        );
        assert!(
            is_language_code("zh-CN")
                && is_language_code("fr")
                && !is_language_code("vpn")
                && !is_language_code("it-support")
        );
    }
}
