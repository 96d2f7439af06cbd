//! `helpmark review`: somebody else than its author stands for an article.

use clap::Args;

use super::{Failure, print, publish};
use crate::archive;
use crate::auth::Accounts;
use crate::config::Config;

#[derive(Args)]
pub(super) struct Review {
    /// The article's file, such as content/articles/network/vpn.md
    path: String,
    /// Who has read it and stands for it
    #[arg(long = "as", value_name = "LOGIN")]
    reviewer: String,
}

pub(super) fn run(config: &Config, command: &Review) -> Result<(), Failure> {
    let reviewer = publish::who(&Accounts::open(&config.state_dir()), Some(&command.reviewer))?;
    if !reviewer.is_staff() {
        return Err(Failure::Wrong(format!(
            "`{}` is not on the service desk, which reviews articles",
            reviewer.account
        )));
    }
    let today = jiff::Timestamp::now().to_zoned(config.time_zone.clone()).date();
    let linked = archive::review(config, &command.path, &reviewer.account, today).map_err(publish::failure)?;
    publish::warn_of_copy(linked.copy.as_deref());
    print(&format!("content/{} is validated, reviewed by {}", linked.path, reviewer.name))
}
