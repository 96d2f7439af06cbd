//! `helpmark report knowledge`: what the authors should look at.

use clap::Args;

use super::{Failure, print};
use crate::config::Config;
use crate::content;
use crate::insight::feedback::Feedback;
use crate::insight::health::{self, Concern, Facts, Health, Row};
use crate::insight::views::Views;
use crate::ticket::Store;

#[derive(Args)]
pub(super) struct Knowledge {
    /// Only the articles of this owner; `-` for those that nobody has
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Only the articles of this category
    #[arg(long, value_name = "KEY")]
    category: Option<String>,
    /// Rows of each list
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(config: &Config, command: &Knowledge) -> Result<(), Failure> {
    let library = content::load(config);
    let mut facts = Facts::of(library.found.iter().map(|found| &found.document));
    let wanted = |article: &&content::Article| {
        let owner = command.owner.as_deref().is_none_or(|owner| article.owner == owner.trim_start_matches('-'));
        owner && command.category.as_ref().is_none_or(|category| article.meta.category == *category)
    };
    facts.articles.retain(wanted);
    facts.votes = Feedback::new(&config.state_dir()).votes()?;
    facts.opened = Views::new(&config.state_dir()).opened()?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let summaries = runtime.block_on(Store::open(&config.root).list())?;
    let archived = summaries.into_iter().filter(|ticket| !ticket.record.is_empty());
    facts.tickets = archived.map(|ticket| (ticket.id.to_string(), ticket.record)).collect();
    let now = jiff::Timestamp::now().to_zoned(config.time_zone.clone());
    let health = health::health(&facts, &now);
    if command.json {
        return print(&serde_json::to_string_pretty(&health)?);
    }
    print(&text(&health, command.limit))
}

fn text(health: &Health, limit: usize) -> String {
    let mut text = format!("{}: {} articles\n", health.on, health.articles.len());
    for concern in Concern::ALL {
        list(&mut text, concern.name("en"), &health.with(concern), limit, &|row| reason(row, concern));
    }
    list(&mut text, "Answers the most tickets", &health.most_linked(), limit, &|row| {
        format!("{} tickets", row.tickets)
    });
    text.push_str(&format!("\nOwners ({})\n", health.owners.len()));
    for owner in health.owners.iter().take(limit) {
        let name = if owner.owner.is_empty() { "nobody" } else { &owner.owner };
        text.push_str(&format!(
            "  {:>5} articles, {} overdue, {} due soon, {} not validated, {} did not help, {} stale  {name}\n",
            owner.articles, owner.overdue, owner.due_soon, owner.not_validated, owner.unhelpful, owner.stale
        ));
    }
    text.push_str(&format!("\n{}", health.about_openings("en")));
    text
}

/// Each row begins with `path:1`, which editors and terminals open.
fn list(text: &mut String, title: &str, rows: &[&Row], limit: usize, reason: &dyn Fn(&Row) -> String) {
    text.push_str(&format!("\n{title} ({})\n", rows.len()));
    for row in rows.iter().take(limit) {
        text.push_str(&format!("  {}:1  {}  [{}]\n", row.path, row.title, reason(row)));
    }
    if rows.len() > limit {
        text.push_str(&format!("  … {} more (--limit, --json)\n", rows.len() - limit));
    }
}

fn reason(row: &Row, concern: Concern) -> String {
    let day = |day: Option<jiff::civil::Date>| day.map_or_else(|| "no date".to_owned(), |day| day.to_string());
    let owner = if row.owner.is_empty() { "nobody" } else { &row.owner };
    match concern {
        Concern::Overdue | Concern::DueSoon => format!("review by {}, {owner}", day(row.review_by)),
        Concern::Unhelpful => {
            let said = row.comments.first().map_or_else(String::new, |comment| format!(": “{}”", comment.text));
            format!("{} no, {} yes{said}", row.no, row.yes)
        }
        _ => format!("updated {}, {owner}", day(row.updated)),
    }
}
