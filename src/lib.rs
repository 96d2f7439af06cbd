//! Helpmark: a company's help site, compiled from Markdown, with search and tickets.
pub mod cli;
pub mod config;
pub mod content;
pub mod diagnostic;
pub mod disk;
pub mod insight;
pub mod markdown;
pub mod search;
pub mod site;
pub mod snapshot;
pub mod source;
pub mod ticket;
pub mod watch;
pub mod web;
