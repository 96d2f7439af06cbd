//! A file's name from a title: lower-case Latin letters, digits and hyphens, Chinese by its pinyin.

use pinyin::ToPinyin;

/// Longer names are cut between two words.
const LONGEST: usize = 60;

/// `VPN 连不上怎么办` is `vpn-lian-bu-shang-zen-me-ban`; a title without a letter is `article`.
pub(super) fn slug(title: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for c in title.chars() {
        if let Some(syllable) = c.to_pinyin() {
            words.push(syllable.plain().replace('ü', "v"));
            open = false;
        } else if c.is_ascii_alphanumeric() {
            match words.last_mut().filter(|_| open) {
                Some(word) => word.push(c.to_ascii_lowercase()),
                None => words.push(c.to_ascii_lowercase().to_string()),
            }
            open = true;
        } else {
            // An apostrophe does not part a word.
            open = open && matches!(c, '\'' | '’');
        }
    }
    let mut slug = String::new();
    for word in words {
        if slug.len() + word.len() + 1 > LONGEST && !slug.is_empty() {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&word);
    }
    slug.truncate(200);
    if slug.is_empty() { "article".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_plain_names() {
        assert_eq!(slug("VPN 连不上怎么办"), "vpn-lian-bu-shang-zen-me-ban");
        assert_eq!(slug("Can't print: Wi-Fi 2.4 GHz?"), "cant-print-wi-fi-2-4-ghz");
        assert_eq!(slug("../../etc/passwd"), "etc-passwd");
        assert_eq!(slug("？！"), "article");
        assert_eq!(slug("绿"), "lv");
        assert!(slug(&"长".repeat(100)).len() <= LONGEST && slug(&"x".repeat(500)).len() <= 200);
    }
}
