//! A user's text to what is looked for.
//!
//! A question becomes at most [`MAX_CONCEPTS`] concepts; each may be met by any of its alternatives (as typed, in
//! parts, corrected, a synonym). Nothing here fails: what cannot be read is not looked for.

use std::collections::HashSet;

use super::analysis::{Analyzer, Token, TokenKind, Tokens, is_unspaced};
use super::averages::idf;
use super::everyday::is_function_word;
use super::fold::fold;
use super::lexicon::Lexicon;
use super::spelling::{correct_chinese, correct_latin};
use super::synonyms::Synonyms;
use super::weights::WEIGHTS;

/// Characters of a question that are read.
const MAX_CHARS: usize = 256;
const MAX_CONCEPTS: usize = 32;
/// Concepts of a question that is short enough to keep all.
const SHORT: usize = 4;

/// One word, in all forms that the index holds of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Term {
    pub(crate) forms: Vec<String>,
    pub(crate) weight: f32,
    /// Sections that hold it.
    pub(crate) count: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alternative {
    pub(crate) terms: Vec<Term>,
    pub(crate) weight: f32,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Concept {
    pub(crate) alternatives: Vec<Alternative>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) concepts: Vec<Concept>,
    /// The question with its corrected words, when there are any.
    pub(crate) corrected: Option<String>,
}

/// What reading a question needs.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) analyzer: &'a Analyzer,
    pub(crate) synonyms: &'a Synonyms,
    pub(crate) lexicon: Lexicon<'a>,
    /// Whether misspelt words, homophones and pinyin are looked for as what was meant.
    pub(crate) correct: bool,
}

/// A replaced part of the question.
struct Correction {
    start: usize,
    end: usize,
    text: String,
}

/// The part of a user's text that is searched, folded.
pub(crate) fn normalize(text: &str) -> String {
    let cut = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(at, _)| at);
    fold(&text[..cut])
}

impl Plan {
    /// Reads a [`normalize`]d question.
    pub(crate) fn new(text: &str, reading: Reading<'_>) -> Self {
        let mut tokens = Tokens::default();
        reading.analyzer.analyze(text, &mut tokens);
        let words = word_ranges(text, reading.analyzer);
        let mut corrections = Vec::new();
        let lower = text.to_ascii_lowercase();
        let found = reading.synonyms.find(&lower);
        let mut concepts: Vec<Concept> = Vec::new();
        for synonym in &found {
            let inside = |token: &&Token| token.start >= synonym.start && token.end <= synonym.end;
            let typed = tokens.list.iter().filter(inside).collect::<Vec<_>>();
            let terms = typed.iter().map(|token| reading.term(tokens.term(token), token, &words)).collect();
            let mut concept = Concept { alternatives: vec![Alternative { terms, weight: 1.0 }] };
            for other in synonym.alternatives {
                concept.alternatives.push(Alternative { terms: reading.terms_of(&other.text), weight: other.weight });
            }
            concepts.push(concept);
        }
        let is_free = |token: &Token| !found.iter().any(|s| token.start >= s.start && token.end <= s.end);
        let list = tokens.list.iter().filter(|token| is_free(token)).collect::<Vec<_>>();
        let mut at = 0;
        while let Some(token) = list.get(at) {
            at += 1;
            if !matches!(token.kind, TokenKind::Whole | TokenKind::Part) {
                concepts.push(Concept {
                    alternatives: vec![Alternative {
                        terms: vec![reading.term(tokens.term(token), token, &words)],
                        weight: 1.0,
                    }],
                });
                continue;
            }
            let run_end =
                list[at..].iter().position(|part| part.kind != TokenKind::Part).map_or(list.len(), |n| at + n);
            let parts = if token.kind == TokenKind::Whole { &list[at..run_end] } else { &[][..] };
            at += parts.len();
            let part_terms = parts.iter().map(|part| tokens.term(part)).collect::<Vec<_>>();
            let (concept, corrected) = reading.latin(tokens.term(token), &part_terms);
            if let Some(text) = corrected {
                corrections.push(Correction { start: token.start, end: token.end, text });
            }
            concepts.push(concept);
        }
        if reading.correct {
            for (start, end, word) in correct_chinese(text, reading.lexicon) {
                let terms = reading.terms_of(&word);
                concepts.push(Concept { alternatives: vec![Alternative { terms, weight: WEIGHTS.correction }] });
                corrections.push(Correction { start, end, text: word });
            }
        }
        reading.join_neighbours(&tokens, text, &mut concepts);
        concepts.retain(|concept| concept.alternatives.iter().any(|alternative| !alternative.terms.is_empty()));
        keep_heaviest(&mut concepts, reading.lexicon.sections());
        Self { concepts, corrected: apply(text, corrections) }
    }

    /// The terms to mark where they are shown.
    pub(crate) fn marks(&self) -> HashSet<&str> {
        let alternatives = self.concepts.iter().flat_map(|concept| &concept.alternatives);
        let terms = alternatives.flat_map(|alternative| &alternative.terms).filter(|term| term.weight > WEIGHTS.pair);
        terms.flat_map(|term| &term.forms).map(String::as_str).collect()
    }
}

impl Reading<'_> {
    fn term(&self, text: &str, token: &Token, words: &HashSet<(usize, usize)>) -> Term {
        let weight = match token.kind {
            TokenKind::Pair if text.chars().count() == 1 => WEIGHTS.single,
            TokenKind::Pair if words.contains(&(token.start, token.end)) => 1.0,
            TokenKind::Pair => WEIGHTS.pair,
            TokenKind::Word => WEIGHTS.word,
            TokenKind::Whole => 1.0,
            TokenKind::Part => WEIGHTS.parts,
        };
        let weight = if is_function_word(text) { weight * WEIGHTS.function } else { weight };
        self.weighted(text, weight)
    }

    fn weighted(&self, text: &str, weight: f32) -> Term {
        if text.starts_with(is_unspaced) {
            return Term { forms: vec![text.to_owned()], weight, count: self.lexicon.count(text) };
        }
        let (forms, count) = self.lexicon.forms(text);
        Term { forms, weight, count }
    }

    /// The terms of a text that stands for something typed.
    pub(crate) fn terms_of(&self, text: &str) -> Vec<Term> {
        let mut tokens = Tokens::default();
        self.analyzer.analyze(text, &mut tokens);
        let words = word_ranges(text, self.analyzer);
        let wanted = tokens.list.iter().filter(|token| token.kind != TokenKind::Part);
        wanted.map(|token| self.term(tokens.term(token), token, &words)).collect()
    }

    /// A Latin run: whole, in parts, and as what it was meant to be.
    fn latin(&self, whole: &str, parts: &[&str]) -> (Concept, Option<String>) {
        let typed = self.weighted(whole, if is_function_word(whole) { WEIGHTS.function } else { 1.0 });
        let known = typed.count;
        let mut alternatives = vec![Alternative { terms: vec![typed], weight: 1.0 }];
        if !parts.is_empty() {
            let terms = parts.iter().map(|part| self.weighted(part, 1.0)).collect::<Vec<_>>();
            alternatives.push(Alternative { terms, weight: if known > 0 { WEIGHTS.parts } else { 1.0 } });
        }
        let corrections = if self.correct { correct_latin(whole, parts, known, self.lexicon) } else { Vec::new() };
        for text in &corrections {
            alternatives.push(Alternative { terms: self.terms_of(text), weight: WEIGHTS.correction });
        }
        let corrected = corrections.into_iter().next();
        (Concept { alternatives }, corrected)
    }

    /// `wi fi`, `one drive`: neighbours that the index also knows as one word.
    fn join_neighbours(&self, tokens: &Tokens, text: &str, concepts: &mut Vec<Concept>) {
        let wholes = tokens.list.iter().filter(|token| token.kind == TokenKind::Whole).collect::<Vec<_>>();
        for pair in wholes.windows(2) {
            let &[left, right] = pair else { continue };
            if text.get(left.end..right.start) != Some(" ") {
                continue;
            }
            let joined = format!("{}{}", tokens.term(left), tokens.term(right));
            if joined.len() < 4 || self.lexicon.count(&joined) == 0 {
                continue;
            }
            let is = |concept: &Concept, token: &Token| {
                concept.alternatives[0].terms.first().is_some_and(|term| term.forms[0] == tokens.term(token))
                    && concept.alternatives[0].terms.len() == 1
            };
            let Some(at) = concepts.windows(2).position(|two| is(&two[0], left) && is(&two[1], right)) else {
                continue;
            };
            let mut second = concepts.remove(at + 1);
            let first = &mut concepts[at];
            let mut apart = first.alternatives.swap_remove(0);
            apart.terms.append(&mut second.alternatives[0].terms);
            let one = Alternative { terms: vec![self.weighted(&joined, 1.8)], weight: WEIGHTS.joined };
            first.alternatives = vec![apart, one];
        }
    }
}

/// The dictionary words of a folded text, as byte ranges.
fn word_ranges(text: &str, analyzer: &Analyzer) -> HashSet<(usize, usize)> {
    let mut ranges = HashSet::new();
    let mut at = 0;
    for run in text.split_inclusive(|character| !is_unspaced(character)) {
        let chinese = run.trim_end_matches(|character| !is_unspaced(character));
        if !chinese.is_empty() {
            ranges.extend(analyzer.words(chinese).into_iter().map(|(start, end)| (at + start, at + end)));
        }
        at += run.len();
    }
    ranges
}

/// Keeps the concepts that tell most, at most [`MAX_CONCEPTS`]; of a long question not those that tell next to
/// nothing (the, 的, how).
fn keep_heaviest(concepts: &mut Vec<Concept>, sections: usize) {
    let telling = |concept: &Concept| {
        let of = |alternative: &Alternative| {
            alternative.terms.iter().map(|term| term.weight * idf(sections, term.count as usize)).sum::<f32>()
        };
        concept.alternatives.iter().map(of).fold(0.0, f32::max)
    };
    concepts.sort_by(|a, b| telling(b).total_cmp(&telling(a)));
    concepts.truncate(MAX_CONCEPTS);
    let Some(heaviest) = concepts.first().map(telling) else { return };
    let told = concepts.iter().take_while(|concept| telling(concept) >= heaviest * WEIGHTS.negligible).count();
    concepts.truncate(told.max(SHORT));
}

fn apply(text: &str, mut corrections: Vec<Correction>) -> Option<String> {
    if corrections.is_empty() {
        return None;
    }
    corrections.sort_by_key(|correction| correction.start);
    let mut corrected = String::with_capacity(text.len());
    let mut at = 0;
    for correction in corrections.iter().filter(|correction| correction.start < correction.end) {
        if correction.start < at {
            continue;
        }
        corrected.push_str(&text[at..correction.start]);
        corrected.push_str(&correction.text);
        at = correction.end;
    }
    corrected.push_str(&text[at..]);
    Some(corrected)
}
