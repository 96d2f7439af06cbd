//! The site in a browser: Debian's Chromium, driven through its own chromedriver.
//!
//! Without a browser these tests say that they were skipped; in CI they fail instead.

mod access;
mod accounts;
mod desk;
mod driver;
mod offline;
mod stories;
