//! What readers say and search for: bounded files under `.helpmark/`, no personal data.

pub mod feedback;
pub mod report;
