//! What solved tickets taught, gathered for an article: by the command line and by the desk alike.

use jiff::civil::Date;

use super::{
    ArchiveError, Choice, Decision, Found, Group, NewArticle, RecordDraft, decide, draft_article, draft_record,
    frequent, gate, names_of,
};
use crate::config::Config;
use crate::content::{self, Document};
use crate::redaction::Rules;
use crate::ticket::Ticket;

/// Records about the same thing that deserve an article: from so many on.
const ENOUGH: usize = 3;

/// The groups of three or more records among the site's documents with similar titles in one category.
pub fn deserving(config: &Config) -> Vec<Group> {
    let records = content::load(config).found.into_iter().filter_map(|found| match found.document {
        Document::Resolution(record) => Some(record),
        Document::Article(_) => None,
    });
    frequent(&records.collect::<Vec<_>>(), ENOUGH)
}

/// What would become the record of a solved ticket that has none, with a placeholder for all that the gate finds, and
/// what that was. `staff` are the names and logins of everybody with an account.
///
/// # Errors
/// [`ArchiveError::NotSolved`].
pub fn redacted(
    config: &Config,
    ticket: &Ticket,
    staff: &[String],
    lang: &str,
) -> Result<(RecordDraft, Vec<Found>), ArchiveError> {
    let draft = draft_record(config, ticket, lang)?;
    let found = gate(&draft, &names_of(ticket, staff), &Rules::new(config));
    let redact = found.iter().map(|one| Decision { finding: one.id.clone(), choice: Choice::Redact });
    match decide(&draft, &found, &redact.collect::<Vec<_>>()) {
        Ok((record, _)) => Ok((record, found)),
        Err(undecided) => Err(ArchiveError::Undecided(undecided)),
    }
}

/// Drafts an article out of what `records` taught: its title and category are those of `new`, else those of the first
/// record that has any. Gives what the article begins with, and its text.
pub fn gathered(records: &[RecordDraft], mut new: NewArticle, today: Date) -> (NewArticle, String) {
    if let Some(first) = records.first().filter(|_| new.title.is_empty()) {
        new.title.clone_from(&first.title);
    }
    if let Some(known) = records.iter().find(|record| new.category.is_empty() && !record.category.is_empty()) {
        new.category.clone_from(&known.category);
    }
    let text = draft_article(records, new.clone(), today);
    (new, text)
}

#[cfg(test)]
mod tests {
    use super::super::draft::tests::solved;
    use super::*;

    #[test]
    fn what_the_gate_finds_never_reaches_an_article() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::parse(dir.path(), "title = '台'").unwrap();
        let mut ticket = solved();
        ticket.body = ticket.body.replace("## 解决方案\n", "## 解决方案\n\n打 13812345678 找李明\n");
        let (record, found) = redacted(&config, &ticket, &["李明".to_owned()], "zh").unwrap();
        assert!(found.len() >= 2, "{found:?}");
        let new = NewArticle { author: "li".into(), lang: "zh".into(), ..NewArticle::default() };
        let (new, text) = gathered(&[record], new, jiff::civil::date(2026, 11, 23));
        assert!(!new.title.is_empty() && text.contains(&ticket.id.to_string()), "{text}");
        assert!(!text.contains("13812345678") && !text.contains("李明"), "{text}");
    }
}
