//! `helpmark new article --from-search`: a draft of what people searched for in vain.

use super::{Failure, gaps, print};
use crate::config::Config;
use crate::disk;
use crate::insight::gaps::Gap;
use crate::insight::{stub, words};

/// Drafts an article from a question of the search log.
pub(super) fn from_search(config: &Config, query: &str, category: &str, lang: Option<&str>) -> Result<(), Failure> {
    if query.trim().is_empty() {
        return Err(Failure::Wrong("--from-search is empty\n    hint: see `helpmark report gaps`".to_owned()));
    }
    let lang = lang.unwrap_or(config.default_language());
    if config.language(lang).is_none() {
        let known = config.languages.iter().map(|language| language.code.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Failure::Wrong(format!("`{lang}` is no language of this site\n    hint: it has {known}")));
    }
    let category = Some(category)
        .filter(|category| !category.is_empty())
        .or(config.categories.first().map(|category| category.key.as_str()));
    let category = category.unwrap_or("drafts");
    if !category.split('/').all(is_folder) {
        let hint = "use lower-case Latin letters, digits, `-` and `_`";
        return Err(Failure::Wrong(format!("`{category}` cannot be a folder of articles\n    hint: {hint}")));
    }
    let today = jiff::Timestamp::now().to_zoned(config.time_zone.clone()).date();
    let report = gaps::read(config, Some(today.saturating_sub(jiff::Span::new().years(1))), Some(today))?;
    let wanted = words::normal(query);
    let is_it = |gap: &&Gap| gap.query == wanted || gap.also.contains(&wanted);
    let known = report.found_nothing.iter().chain(&report.not_opened).chain(&report.became_tickets).find(is_it);
    let stub = stub::draft(query, known, lang, lang == config.default_language(), today);
    let folder = config.content_dir().join("articles").join(category);
    disk::make_dirs(&folder)?;
    let path = folder.join(&stub.name);
    match disk::create_new(&path, stub.text.as_bytes(), 0o644) {
        Ok(()) => {}
        Err(disk::DiskError::Exists { .. }) => {
            return Err(Failure::Wrong(format!(
                "{} is there already\n    hint: write it there, or choose another folder with --category",
                path.display()
            )));
        }
        Err(error) => return Err(error.into()),
    }
    print(&format!("content/articles/{category}/{}", stub.name))
}

fn is_folder(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
}
