//! `helpmark search`.

use std::sync::Arc;

use clap::Args;

use super::{Failure, compile, print};
use crate::config::Config;
use crate::insight::feedback::Feedback;
use crate::insight::standing::Standing;
use crate::search::Query;

#[derive(Args)]
pub(super) struct Search {
    /// What to look for
    #[arg(required = true)]
    query: Vec<String>,
    #[arg(long, default_value_t = 10)]
    limit: usize,
    /// Print the API's answer
    #[arg(long)]
    json: bool,
}

pub(super) fn run(config: Config, command: &Search) -> Result<(), Failure> {
    let mut options = compile::looking();
    options.drafts = false;
    let standing = Standing::new(&Feedback::new(&config.state_dir()).votes()?);
    let (_, snapshot) = compile::compile(config, options)?;
    let query = Query {
        text: command.query.join(" "),
        limit: command.limit,
        standing: Some(Arc::new(standing.factors())),
        ..Query::default()
    };
    let answer = snapshot.view.search(&query);
    if command.json {
        return print(&serde_json::to_string_pretty(&answer)?);
    }
    if let Some(corrected) = &answer.corrected {
        print(&format!("Showing results for “{corrected}”"))?;
    }
    for (number, hit) in (1..).zip(&answer.hits) {
        let section = if hit.section.is_empty() { String::new() } else { format!(" › {}", hit.section) };
        print(&format!(
            "{number:>2}. {}{section}\n    content/{}\n    {}",
            hit.title,
            hit.path,
            plain(&hit.snippet_html)
        ))?;
    }
    print(&format!("{} found in {:.1} ms", answer.total, answer.took_ms))?;
    if answer.weak {
        print("Nothing answers this well: file a ticket with `helpmark ticket file`")?;
    }
    Ok(())
}

/// A snippet without its marks, for a terminal.
fn plain(html: &str) -> String {
    let text = html.replace("<mark>", "").replace("</mark>", "").replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&quot;", "\"").replace("&#39;", "'").replace("&#x27;", "'").replace("&amp;", "&")
}
