//! What readers say and search for: bounded files under `.helpmark/`, no personal data.

pub mod feedback;
pub mod gaps;
pub mod health;
mod months;
pub mod report;
pub mod searches;
pub mod standing;
pub mod stub;
pub mod views;
pub mod words;
