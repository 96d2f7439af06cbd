//! Pages and theme to files in `public/`.
//!
//! [`catalog`] knows what may be listed, [`listing`] and [`document`] say what each template gets, [`machine`] makes
//! the files for machines, [`theme`] turns variables into HTML, [`output`] writes what changed.

pub mod assets;
pub mod catalog;
pub mod common;
pub mod context;
pub mod dates;
pub mod document;
pub mod files;
pub mod form;
pub mod listing;
pub mod machine;
pub mod output;
mod promise;
pub mod related;
pub mod routes;
pub mod shards;
pub mod stand_in;
pub mod theme;
