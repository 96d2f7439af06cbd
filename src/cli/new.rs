//! `helpmark new`: an article from a template or from solved tickets, a resolution record from one.

use clap::{Args, Subcommand};

use super::publish::{self, Options};
use super::{Failure, print, say, stub};
use crate::archive::{self, NewArticle, RecordDraft};
use crate::auth::Accounts;
use crate::config::Config;
use crate::content;
use crate::diagnostic::nearest;
use crate::ticket::{Store, TicketId};

#[derive(Args)]
pub(super) struct New {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Start an article: a draft (`confidence: wip`) whose path is printed
    Article(Article),
    /// Write the resolution record of a solved ticket, as `ticket publish` does
    Resolution(Resolution),
}

#[derive(Args)]
struct Article {
    /// The title [default: that of the first ticket]
    #[arg(required_unless_present_any = ["from", "frequent", "from_search"])]
    title: Option<String>,
    /// The key of a category, which is also its folder
    #[arg(long, value_name = "KEY", default_value = "", hide_default_value = true)]
    category: String,
    /// The language [default: the site's]
    #[arg(long)]
    lang: Option<String>,
    /// Who writes it; somebody else reviews it [default: whoever runs this]
    #[arg(long, value_name = "LOGIN")]
    author: Option<String>,
    /// Draft it from these solved tickets
    #[arg(long, value_name = "ID", num_args = 1.., value_parser = super::ticket::number)]
    from: Vec<TicketId>,
    /// Draft it from a question of the search log that nothing answers
    #[arg(long, value_name = "QUERY", conflicts_with_all = ["from", "title"])]
    from_search: Option<String>,
    /// Write nothing: show the groups of records that deserve an article
    #[arg(long, conflicts_with = "from")]
    frequent: bool,
}

#[derive(Args)]
struct Resolution {
    /// The number of a solved ticket
    #[arg(long, value_name = "ID", value_parser = super::ticket::number)]
    from: TicketId,
    #[command(flatten)]
    options: Options,
}

pub(super) fn run(config: Config, command: &New) -> Result<(), Failure> {
    let store = Store::open(&config.root);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    match &command.what {
        What::Article(Article { from_search: Some(query), category, lang, .. }) => {
            stub::from_search(&config, query, category, lang.as_deref())
        }
        What::Article(command) if command.frequent => frequent(&config),
        What::Article(command) => runtime.block_on(article(&config, &store, command)),
        What::Resolution(command) => runtime.block_on(publish::run(&config, &store, command.from, &command.options)),
    }
}

async fn article(config: &Config, store: &Store, command: &Article) -> Result<(), Failure> {
    let lang = publish::language(config, command.lang.as_deref(), "")?;
    let accounts = Accounts::open(&config.state_dir());
    let new = NewArticle {
        title: command.title.clone().unwrap_or_default(),
        category: command.category.clone(),
        author: author(&accounts, command.author.as_deref())?,
        lang,
        ..NewArticle::default()
    };
    let today = jiff::Timestamp::now().to_zoned(config.time_zone.clone()).date();
    let (new, text) = match command.from.is_empty() {
        true => {
            let text = archive::new_article(config, &new, today);
            (new, text)
        }
        false => {
            let records = records(config, store, &accounts, command, &new.lang).await?;
            archive::gathered(&records, new, today)
        }
    };
    warn_of_category(config, &new.category);
    let path = archive::create_article(config, &new, &text).map_err(publish::failure)?;
    print(&format!("content/{path}"))
}

/// Who writes: nobody, rather than a stand-in that passes for somebody else than the reviewer.
fn author(accounts: &Accounts, login: Option<&str>) -> Result<String, Failure> {
    let unknown = login.is_none() && std::env::var_os("USER").is_none_or(|name| name.is_empty());
    if unknown { Ok(String::new()) } else { Ok(publish::who(accounts, login)?.account) }
}

/// The records of the tickets; of a ticket without one, what would become one, with a placeholder for all that the
/// gate finds.
async fn records(
    config: &Config,
    store: &Store,
    accounts: &Accounts,
    command: &Article,
    lang: &str,
) -> Result<Vec<RecordDraft>, Failure> {
    let mut records = Vec::new();
    for id in &command.from {
        if let Some(record) = archive::record_of(config, *id, lang).map_err(publish::failure)? {
            records.push(record);
            continue;
        }
        let loaded = publish::load(store, *id).await?;
        let staff = publish::staff(accounts);
        let (record, found) = archive::redacted(config, &loaded.ticket, &staff, lang).map_err(publish::failure)?;
        for one in &found {
            say(&format!(
                "{id}: {} at {}:{}:{} was redacted",
                one.finding.kind.name("en"),
                one.field,
                one.line,
                one.column
            ));
        }
        records.push(record);
    }
    Ok(records)
}

fn warn_of_category(config: &Config, key: &str) {
    let folder = config.content_dir().join("articles").join(content::address::slug(key));
    if key.is_empty() || config.categories.iter().any(|category| category.key == key) || folder.is_dir() {
        return;
    }
    let near = nearest(key, config.categories.iter().map(|category| category.key.as_str()));
    let hint = near.map_or_else(
        || "name it under [[categories]] in site.toml".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    say(&format!("warning: there is no category `{key}` yet\n    hint: {hint}"));
}

fn frequent(config: &Config) -> Result<(), Failure> {
    let groups = archive::deserving(config);
    for group in &groups {
        let category = if group.category.is_empty() { "no category" } else { &group.category };
        print(&format!("{} records, {category}: {}", group.records.len(), group.title))?;
        match group.articles.first() {
            Some(article) => print(&format!("    answered by content/{article}"))?,
            None => print(&format!("    helpmark new article --from {}", group.records.join(" ")))?,
        }
    }
    print(&format!("{} groups of three or more records with similar titles in one category", groups.len()))
}
