//! Helpmark: a company's help site, compiled from Markdown, with search and tickets.
//!
//! # The pipeline
//! One article: bytes → [`source`] (front matter, body) → [`content`] (`Article`, `Resolution`) → [`markdown`] (one
//! parse: HTML, contents, sections, links) → [`site`] (files of `public/`) and [`search`] (the index) →
//! [`snapshot`] (one state of all of it) → [`web`] (answers from the current snapshot). [`watch`] turns events of the
//! file system into hints, and [`snapshot::Compilation::apply`] renders again only what they touch.
//!
//! One ticket: form or JSON → [`ticket::NewTicket`] (every mistake at once) → [`ticket::Store`] (durable files through
//! [`disk`]) → number and tracking link → the requester's page. From then on every change, whoever makes it, goes through
//! [`process::Office::perform`]: [`ticket::apply`] (rights, states, clock; pure) → notices laid down in [`outbound`] → the
//! file edited in place, compare and swap → the audit → acknowledged. A solved ticket becomes knowledge by [`archive`] alone,
//! behind the gate of [`redaction`]. [`auth`] says who somebody is, [`insight`] counts.
//!
//! What is wrong is told with its place ([`diagnostic`]): by the room that reads a file, by [`lint`] where only the whole
//! tree shows it, and [`mend`] proposes what can be mended in one way only. [`import`] brings the Markdown of another
//! generator into the tree.
//!
//! # Invariants
//! 1. `site` and `search` accept only [`markdown::Page`]s, and a page is made only from an article or a resolution
//!    record ([`content::Document`]). A ticket has no way to become a page.
//!    Test: `privacy::no_word_of_a_ticket_is_public`. The one bridge is [`archive::publish`]: named fields only, and
//!    nothing personal without somebody's decision. Test:
//!    `story_archive::a_solved_ticket_becomes_a_record_without_its_people`.
//! 2. Unknown or missing visibility means internal. `audience: agents` never reaches `public/`, the index, sitemap,
//!    feed, counts, tags, related lists, redirects or error texts. Test: `privacy::no_word_for_agents_is_public`.
//! 3. Nothing is acknowledged before it is durable. Tests:
//!    `story_ticket::a_ticket_survives_kill_9`, `endurance::crashes_lose_and_double_nothing`,
//!    `endurance::power_cuts_lose_nothing_that_was_acknowledged`.
//! 4. Readers see the old snapshot or the new one, never half of each; a broken file keeps its last good page and shows
//!    a diagnostic. Test: `story_edit::a_broken_edit_keeps_the_last_good_page`.
//! 5. Incremental equals clean: after any sequence of edits `public/` is byte-identical to a clean build.
//!    Test: `incremental::random_edits_end_in_the_bytes_of_a_clean_build`.
//! 6. Any byte in `.helpmark/index` may be lost or flipped: the index is rebuilt and answers stay right.
//!    Test: `story_search::a_damaged_index_is_rebuilt`.
//! 7. Time, randomness and the outside world are arguments: tests never sleep or guess.
//!    Test: `house::no_clock_below_the_command_line`.
//!
//! Arrows point down only: cli → watch, web → snapshot → site, search → markdown → content → source → diagnostic;
//! web → ticket → disk; archive → ticket, content. `ticket` and `content` never import each other. Test: `house::arrows_point_down`.

pub mod archive;
pub mod auth;
pub mod cli;
pub mod config;
pub mod content;
pub mod diagnostic;
pub mod disk;
pub mod import;
pub mod insight;
pub mod lint;
pub mod markdown;
pub mod markup;
pub mod mend;
pub mod outbound;
pub mod process;
pub mod redaction;
pub mod search;
pub mod site;
pub mod snapshot;
pub mod source;
pub mod ticket;
pub mod watch;
pub mod web;
mod yaml;
