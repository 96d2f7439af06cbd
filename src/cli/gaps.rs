//! `helpmark report gaps`: what people searched for and did not find.

use clap::Args;
use jiff::civil::Date;

use super::{Failure, print};
use crate::config::Config;
use crate::insight::gaps::{self, Gap, Gaps};
use crate::insight::searches::SearchLog;

#[derive(Args)]
pub(super) struct Span {
    /// The first day [default: 30 days before the last]
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// The last day [default: today]
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Rows of each list
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(config: &Config, span: &Span) -> Result<(), Failure> {
    let gaps = read(config, span.from, span.to)?;
    if span.json {
        return print(&serde_json::to_string_pretty(&gaps)?);
    }
    print(&text(&gaps, span.limit))
}

/// The gaps of a span of days, by default of the last 30.
pub(super) fn read(config: &Config, from: Option<Date>, to: Option<Date>) -> Result<Gaps, Failure> {
    let to = to.unwrap_or_else(|| jiff::Timestamp::now().to_zoned(config.time_zone.clone()).date());
    let from = from.unwrap_or_else(|| to.saturating_sub(jiff::Span::new().days(30)));
    if from > to {
        return Err(Failure::Wrong(format!("{from} is after {to}\n    hint: name the first day with --from")));
    }
    let lines = SearchLog::new(&config.state_dir()).lines(from, to)?;
    Ok(gaps::gaps(&lines, from, to))
}

fn text(gaps: &Gaps, limit: usize) -> String {
    let figures = gaps.self_service;
    let mut text = format!(
        "{} – {}: {} searches, {} answered, {} results opened, {} became tickets\n",
        gaps.from, gaps.to, figures.searches, figures.answered, figures.opened, figures.became_tickets
    );
    for (title, list) in [
        ("Found nothing good enough", &gaps.found_nothing),
        ("Found something that nobody opened", &gaps.not_opened),
        ("Became tickets", &gaps.became_tickets),
    ] {
        text.push_str(&format!("\n{title} ({})\n", list.len()));
        for gap in list.iter().take(limit) {
            text.push_str(&row(gap));
        }
        if list.len() > limit {
            text.push_str(&format!("  … {} more (--limit, --json)\n", list.len() - limit));
        }
    }
    if let Some(gap) = gaps.found_nothing.first() {
        text.push_str(&format!("\nDraft an answer: helpmark new article --from-search \"{}\"\n", gap.query));
    }
    text.truncate(text.trim_end().len());
    text
}

fn row(gap: &Gap) -> String {
    let also = if gap.also.is_empty() { String::new() } else { format!("  (also: {})", gap.also.join(" · ")) };
    let tickets = if gap.tickets > 0 { format!(", {} tickets", gap.tickets) } else { String::new() };
    format!("  {:>4} ×  {}{also}  [{} opened{tickets}, last {}]\n", gap.searches, gap.query, gap.opened, gap.last)
}
