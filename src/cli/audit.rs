//! `helpmark audit`: who did what when, and whether the record is whole.

use clap::{Args, Subcommand};

use super::{Failure, print};
use crate::config::Config;
use crate::process::{Audit, AuditError};
use crate::ticket::TicketId;

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
            print(&format!("{} lines, whole; the end is {}:{}", head.n, head.n, head.sum))
        }
        Action::Show { id, json } => {
            let records = audit.of_ticket(*id).map_err(broken)?;
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

fn broken(error: AuditError) -> Failure {
    match error {
        AuditError::Disk(error) => Failure::from(error),
        error => Failure::Wrong(error.to_string()),
    }
}
