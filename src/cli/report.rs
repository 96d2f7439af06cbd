//! `helpmark report`: the figures of the service desk.

use std::sync::Arc;

use clap::{Args, Subcommand};

use super::{Failure, gaps, knowledge, print, say};
use crate::auth::Accounts;
use crate::config::Config;
use crate::insight::report::{self, Lines, Names, Range};
use crate::ticket::Store;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Report {
    #[command(subcommand)]
    part: Option<Part>,
    /// The first day, such as 2026-11-01 [default: the first of the month five months ago]
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The last day [default: today]
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// The language of the tables [default: the site's]
    #[arg(long, value_name = "CODE")]
    lang: Option<String>,
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// One line per type, team, owner and month, for a spreadsheet
    #[arg(long)]
    csv: bool,
}

#[derive(Subcommand)]
enum Part {
    /// What people searched for and did not find: an author's list of what to write
    Gaps(gaps::Span),
    /// What the authors should look at: due for review, not validated, never opened, unhelpful, without an owner
    Knowledge(knowledge::Knowledge),
}

pub(super) fn run(config: Config, command: &Report) -> Result<(), Failure> {
    match &command.part {
        Some(Part::Gaps(span)) => return gaps::run(&config, span),
        Some(Part::Knowledge(command)) => return knowledge::run(&config, command),
        None => {}
    }
    let now = jiff::Timestamp::now();
    let range = Range::parse(command.from.as_deref(), command.to.as_deref(), &now.to_zoned(config.time_zone.clone()))
        .map_err(|error| Failure::Wrong(error.to_string()))?;
    let lang = command.lang.clone().unwrap_or_else(|| config.default_language().to_owned());
    if config.language(&lang).is_none() {
        return Err(Failure::Wrong(format!("the site has no language `{lang}`")));
    }
    let config = Arc::new(config);
    let store = Store::open(&config.root);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let lines = runtime.block_on(Lines::default().read(&store, &config, range.to, now))?;
    for (path, why) in runtime.block_on(store.broken())? {
        let path = path.strip_prefix(&config.root).unwrap_or(&path);
        say(&format!("warning: not counted: {}: {why}", path.display()));
    }
    let mut names = Names::of(&config, &lang);
    let accounts = Accounts::open(&config.state_dir()).list();
    names.agents = accounts.into_iter().map(|account| (account.login, account.name)).collect();
    let searched = match config.search.log {
        true => Some(gaps::read(&config, Some(range.from), Some(range.to))?.for_report()),
        false => None,
    };
    let report = report::figures(lines, range, now, &names, searched);
    match (command.json, command.csv) {
        (true, _) => print(&serde_json::to_string_pretty(&report)?),
        (_, true) => print(report::csv(&report).trim_end()),
        _ => print(&report::text(&report, &lang)),
    }
}
