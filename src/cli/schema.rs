//! `helpmark schema`: JSON Schema for editors.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::{Failure, load, print};
use crate::config::{self, Config};
use crate::content::{self, Kind};
use crate::ticket;

#[derive(Args)]
pub(super) struct Schema {
    /// What to describe
    #[arg(value_enum, required_unless_present = "out")]
    of: Option<Of>,
    /// Write all of them to this folder, as article.json and so on
    #[arg(long, value_name = "DIR", conflicts_with = "of")]
    out: Option<PathBuf>,
    /// Refuse keys that Helpmark does not know; it keeps them, and `check` notes them
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Of {
    /// The front matter of an article
    Article,
    /// The front matter of a resolution record
    Resolution,
    /// The front matter of a ticket
    Ticket,
    /// site.toml
    Site,
}

/// The files of all of them, beside the site they belong to.
const FILES: [(&str, Of); 4] = [
    ("article.json", Of::Article),
    ("resolution.json", Of::Resolution),
    ("ticket.json", Of::Ticket),
    ("site.json", Of::Site),
];

/// Works without a site as well; inside one the schema proposes its categories, types, urgencies and teams.
pub(super) fn run(root: Option<&Path>, command: &Schema) -> Result<(), Failure> {
    let site = match load(root) {
        Ok(config) => Some(config),
        Err(Failure::Wrong(_)) if root.is_none() => None,
        Err(failure) => return Err(failure),
    };
    if let Some(of) = command.of {
        return print(text(of, site.as_ref(), command.strict)?.trim_end());
    }
    let Some(folder) = &command.out else { return Ok(()) };
    write(folder, site.as_ref(), command.strict)?;
    FILES.iter().try_for_each(|(name, _)| print(&folder.join(name).display().to_string()))
}

/// Writes all schemas to a folder.
pub(super) fn write(folder: &Path, site: Option<&Config>, strict: bool) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (name, of) in FILES {
        let path = folder.join(name);
        std::fs::write(&path, text(of, site, strict)?).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn text(of: Of, site: Option<&Config>, strict: bool) -> Result<String, Failure> {
    let schema = match of {
        Of::Article => content::schema(Kind::Article, site, strict),
        Of::Resolution => content::schema(Kind::Resolution, site, strict),
        Of::Ticket => ticket::schema(site, strict),
        Of::Site => config::schema(),
    };
    Ok(serde_json::to_string_pretty(&schema)? + "\n")
}
