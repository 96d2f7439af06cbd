//! Pages and theme to files in `public/`.

pub mod common;
pub mod context;
pub mod output;
pub mod theme;
