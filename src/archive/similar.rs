//! What is known already, and what comes up again and again.

use std::collections::BTreeMap;

use serde::Serialize;

use super::draft::RecordDraft;
use crate::content::Resolution;
use crate::search::{Hit, Query, View};

/// How many similar documents are worth a look.
const OFFERED: usize = 5;

/// Records and articles like this draft, the best first: knowledge is linked rather than written again.
pub fn similar(view: &View, draft: &RecordDraft) -> Vec<Hit> {
    let mut text = draft.title.clone();
    for keyword in draft.keywords.iter().filter(|keyword| !draft.title.contains(keyword.as_str())) {
        text.push(' ');
        text.push_str(keyword);
    }
    let query = Query { text, limit: OFFERED + 1, lang: Some(draft.lang.clone()), ..Query::default() };
    let own = draft.path();
    view.search(&query).hits.into_iter().filter(|hit| hit.path != own).take(OFFERED).collect()
}

/// Records about the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    pub category: String,
    /// The title that is most like the others.
    pub title: String,
    /// The records' numbers, oldest first.
    pub records: Vec<String>,
    /// The articles that some of them are linked to already, relative to `content/`.
    pub articles: Vec<String>,
}

/// Titles are alike when they share this part of their words.
const ALIKE: f64 = 0.34;

/// Groups of at least `least` records in one category whose titles are alike: what deserves an article. The largest
/// come first.
///
/// Two titles are alike by the share of common words among all their words (Jaccard), where a word of Chinese is every
/// pair of neighbouring characters; a record joins a group when it is like any of its members.
pub fn frequent(records: &[Resolution], least: usize) -> Vec<Group> {
    let mut categories: BTreeMap<&str, Vec<&Resolution>> = BTreeMap::new();
    for record in records {
        categories.entry(&record.meta.category).or_default().push(record);
    }
    let mut groups: Vec<Group> =
        categories.into_iter().flat_map(|(category, records)| groups(category, &records, least)).collect();
    groups.sort_by(|a, b| b.records.len().cmp(&a.records.len()).then_with(|| a.title.cmp(&b.title)));
    groups
}

fn groups(category: &str, records: &[&Resolution], least: usize) -> Vec<Group> {
    let words: Vec<Vec<String>> = records.iter().map(|record| words(&record.meta.title)).collect();
    // The group of each record, by its first member.
    let mut group: Vec<usize> = (0..records.len()).collect();
    for a in 0..records.len() {
        for b in 0..a {
            if group[a] != group[b] && alike(&words[a], &words[b]) >= ALIKE {
                let (from, to) = (group[a].max(group[b]), group[a].min(group[b]));
                group.iter_mut().filter(|root| **root == from).for_each(|root| *root = to);
            }
        }
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (record, root) in group.into_iter().enumerate() {
        members.entry(root).or_default().push(record);
    }
    let enough = members.into_values().filter(|members| members.len() >= least.max(2));
    enough
        .map(|members| {
            let closeness = |a: usize| members.iter().map(|b| alike(&words[a], &words[*b])).sum::<f64>();
            let typical = members.iter().copied().max_by(|a, b| closeness(*a).total_cmp(&closeness(*b)).then(b.cmp(a)));
            let mut ids: Vec<_> = members.iter().map(|record| records[*record].id.clone()).collect();
            ids.sort_unstable();
            let mut articles: Vec<_> =
                members.iter().filter_map(|record| records[*record].linked_article.clone()).collect();
            articles.sort_unstable();
            articles.dedup();
            let title = typical.map_or_else(String::new, |record| records[record].meta.title.clone());
            Group { category: category.to_owned(), title, records: ids, articles }
        })
        .collect()
}

/// A title's words, sorted, each once.
fn words(title: &str) -> Vec<String> {
    let lower = title.to_lowercase();
    let mut words = Vec::new();
    for part in lower.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()) {
        let mut latin = String::new();
        let mut before = None;
        for c in part.chars() {
            if c.is_ascii_alphanumeric() {
                latin.push(c);
                before = None;
            } else {
                words.extend(before.map(|before: char| format!("{before}{c}")));
                before = Some(c);
                words.extend((!latin.is_empty()).then(|| std::mem::take(&mut latin)));
            }
        }
        words.extend((!latin.is_empty()).then_some(latin));
    }
    words.sort_unstable();
    words.dedup();
    words
}

fn alike(a: &[String], b: &[String]) -> f64 {
    let common = a.iter().filter(|word| b.binary_search(word).is_ok()).count();
    let all = a.len() + b.len() - common;
    if all == 0 { 0.0 } else { common as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{Body, Meta};

    fn record(id: &str, category: &str, title: &str) -> Resolution {
        Resolution {
            meta: Meta {
                path: format!("resolutions/{id}.md"),
                url: String::new(),
                title: title.into(),
                summary: String::new(),
                category: category.into(),
                tags: Vec::new(),
                keywords: Vec::new(),
                lang: "zh".into(),
                updated: None,
            },
            body: Body::default(),
            id: id.into(),
            environment: String::new(),
            linked_article: None,
        }
    }

    #[test]
    fn what_comes_up_again_is_one_group() {
        let records = [
            record("TS3", "printing", "三楼打印机显示脱机"),
            record("TS1", "printing", "打印机显示脱机，打不出来"),
            record("TS2", "printing", "二楼打印机显示脱机了"),
            record("TS4", "printing", "扫描到邮箱收不到"),
            record("TS5", "network", "打印机显示脱机"),
        ];
        let groups = frequent(&records, 3);
        assert_eq!(groups.len(), 1, "{groups:?}");
        assert_eq!(groups[0].records, ["TS1", "TS2", "TS3"]);
        assert_eq!((groups[0].category.as_str(), groups[0].title.as_str()), ("printing", "三楼打印机显示脱机"));
        assert_eq!(words("VPN连不上"), ["vpn", "不上", "连不"]);
    }
}
