//! `helpmark audit`: who did what when, and whether the record is whole.

use clap::{Args, Subcommand};

use super::{Failure, print, say};
use crate::config::Config;
use crate::process::{Audit, AuditError};
use crate::ticket::{Store, Summary, TicketId};

#[derive(Args)]
pub(super) struct AuditCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Go through the chain from the first line to the last; exit 1 where it was broken
    Verify {
        /// The end that an earlier run printed, `N:SUM`: finds lines that were cut off since
        #[arg(long, value_name = "N:SUM")]
        from: Option<String>,
    },
    /// Show what was done with one ticket
    Show {
        #[arg(value_name = "ID")]
        id: TicketId,
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(config: Config, command: &AuditCommand) -> Result<(), Failure> {
    let audit = Audit::open(&config.state_dir());
    match &command.action {
        Action::Verify { from } => {
            let head = audit.verify().map_err(broken)?;
            if let Some(from) = from {
                let known = from.split_once(':').and_then(|(n, sum)| Some((n.parse::<u64>().ok()?, sum)));
                let Some((n, sum)) = known else {
                    return Err(Failure::Wrong("write --from as N:SUM, as an earlier run printed it".to_owned()));
                };
                if audit.sum_of(n).map_err(broken)?.as_deref() != Some(sum) {
                    return Err(Failure::Wrong(format!(
                        "line {n} is not the one of the earlier run: the audit was cut or replaced"
                    )));
                }
            }
            print(&format!("{} lines, whole; the end is {}:{}", head.n, head.n, head.sum))?;
            beside_the_tickets(&config, &audit)
        }
        Action::Show { id, json } => {
            let records = audit.of_ticket(*id).map_err(broken)?;
            if records.is_empty() {
                return Err(Failure::Wrong(format!("the audit knows no ticket {id}")));
            }
            if *json {
                return print(&serde_json::to_string_pretty(&records)?);
            }
            for record in &records {
                let at = record.at.in_zone(&config.time_zone).strftime("%Y-%m-%d %H:%M:%S").to_string();
                print(&format!("{at}  {:<16} {:<9} {:<12} {}", record.by, record.role, record.action, record.status))?;
            }
            print(&format!("{} lines", records.len()))
        }
    }
}

/// Tickets named in one message.
const NAMED: usize = 5;

/// Holds the audit against the tickets: a ticket whose history is longer than the audit knows tells of lines that were
/// lost, or of edits that no server has taken up.
fn beside_the_tickets(config: &Config, audit: &Audit) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let tickets = runtime.block_on(Store::open(&config.root).list())?;
    let known = audit.with_cursors(|known| known.clone()).map_err(broken)?;
    let lacks = |it: &&Summary| known.get(&it.id).is_none_or(|cursor| cursor.steps < it.history);
    let edited = |it: &&Summary| known.get(&it.id).is_some_and(|cursor| cursor.file != it.file) && !lacks(it);
    let names = |tickets: &[&Summary]| {
        let more = if tickets.len() > NAMED { ", …" } else { "" };
        let names: Vec<_> = tickets.iter().take(NAMED).map(|it| it.id.to_string()).collect();
        format!("{}{more}", names.join(", "))
    };
    let edited: Vec<_> = tickets.iter().filter(edited).collect();
    if !edited.is_empty() {
        say(&format!("warning: {} tickets were edited since their last line: {}", edited.len(), names(&edited)));
    }
    let lacking: Vec<_> = tickets.iter().filter(lacks).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    Err(Failure::Wrong(format!(
        "the audit lacks steps of {} tickets: {}\n    hint: `helpmark serve` takes up what was edited without it; if that was done, lines of the audit were lost",
        lacking.len(),
        names(&lacking)
    )))
}

fn broken(error: AuditError) -> Failure {
    match error {
        AuditError::Disk(error) => Failure::from(error),
        error => Failure::Wrong(error.to_string()),
    }
}
