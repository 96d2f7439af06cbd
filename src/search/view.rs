//! Placeholder: the search engineer's file.
use super::{Answer, Query, Suggestions};

#[derive(Debug, Clone, Default)]
pub struct View {
    pub answer: Answer,
}

impl View {
    pub fn search(&self, query: &Query) -> Answer {
        Answer { query: query.text.clone(), ..self.answer.clone() }
    }

    pub fn suggest(&self, text: &str, _limit: usize, _lang: Option<&str>) -> Suggestions {
        Suggestions { query: text.to_owned(), suggestions: Vec::new() }
    }

    pub fn documents(&self) -> usize {
        self.answer.total
    }
}
