//! Stories: what people do with Helpmark, from outside, on the real program.
//!
//! One module per story or promise; [`harness`] makes a site in a temporary folder and runs the program on it.
//! `tests/run` runs everything; `HELPMARK_LONG=1` chooses the long forms.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod browser;
mod codes;
mod corpora;
mod endurance;
mod harness;
mod hostile;
mod house;
mod incremental;
mod oddities;
mod privacy;
mod story_accounts;
mod story_addresses;
mod story_administration;
mod story_archive;
mod story_beside;
mod story_check;
mod story_cli;
mod story_desk;
mod story_edit;
mod story_gaps;
mod story_import;
mod story_knowledge;
mod story_notices;
mod story_process;
mod story_report;
mod story_schema;
mod story_search;
mod story_ticket;
