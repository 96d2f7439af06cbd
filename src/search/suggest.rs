//! As you type: titles and headings that hold every word typed so far, the last one perhaps unfinished.

use super::analysis::{TokenKind, Tokens, is_unspaced};
use super::prune::Need;
use super::query::{Alternative, Concept, Plan, Term, normalize};
use super::rank::{Match, rank, segment_of};
use super::sections;
use super::snippet::Marks;
use super::view::Inner;
use super::weights::{BODY, HEADING, WEIGHTS};
use super::{Suggestion, Suggestions};

/// Words that an unfinished one may become.
const COMPLETIONS: usize = 24;
/// Chinese words that a stretch of pinyin may become.
const READINGS: usize = 6;
/// Share of what was typed that a suggestion holds.
const REQUIRED: f32 = 0.85;

pub(crate) fn suggest(inner: &Inner, text: &str, limit: usize, lang: Option<&str>) -> Suggestions {
    let normal = normalize(text);
    let plan = plan(inner, &normal);
    // Titles, keys and headings: the fields before the body.
    let mut matches = rank(&plan, &inner.segments, &inner.averages, BODY, &[Need { share: REQUIRED, enough: 0 }]);
    matches.retain(|found| found.coverage >= REQUIRED);
    for found in &mut matches {
        let own = lang.is_some_and(|lang| inner.meta(found.article).lang == lang);
        found.score *= (0.5 + found.title_coverage) * if own { WEIGHTS.own_language } else { 1.0 };
        found.score *= 1.0 + inner.title_likeness(found);
    }
    matches.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.article.cmp(&b.article)));
    matches.truncate(limit.min(super::view::MAX_LIMIT));
    let articles = matches.iter().map(|found| found.article).collect::<Vec<_>>();
    let best = sections::best(&plan, &inner.segments, &articles, &[HEADING], inner.averages.section);
    let marks = Marks::new(plan.marks());
    let suggestions = matches.iter().zip(best).map(|(found, best)| suggestion(inner, found, best, &marks)).collect();
    Suggestions { query: text.to_owned(), suggestions }
}

fn suggestion(inner: &Inner, found: &Match, best: sections::Best, marks: &Marks<'_>) -> Suggestion {
    let segment = segment_of(&inner.segments, found.article);
    let meta = inner.meta(found.article);
    // The title answers by itself; else the heading that does is shown with it.
    let section = (found.title_coverage < REQUIRED && best.score > 0.0).then(|| segment.table.section(best.doc));
    let (heading, anchor) = section.map_or_else(Default::default, |section| (section.heading, section.anchor));
    let mut title_html = marks.whole(&meta.title);
    if !heading.is_empty() {
        title_html.push_str(" › ");
        title_html.push_str(&marks.whole(&heading));
    }
    let anchor = if anchor.is_empty() { anchor } else { format!("#{anchor}") };
    Suggestion {
        title: meta.title.clone(),
        section: heading,
        url: format!("{}{}{anchor}", inner.base_path, meta.url),
        kind: meta.kind(),
        category: meta.category.clone(),
        title_html,
        lang: meta.lang.clone(),
    }
}

/// Like a question, but without corrections, and the last word may go on.
fn plan(inner: &Inner, text: &str) -> Plan {
    let mut plan = Plan::new(text, inner.reading(false));
    let mut tokens = Tokens::default();
    inner.analyzer.analyze(text, &mut tokens);
    let runs = tokens.list.iter().filter(|token| matches!(token.kind, TokenKind::Whole | TokenKind::Pair));
    let Some(last) = runs.clone().max_by_key(|token| (token.end, token.end - token.start)) else { return plan };
    let typed = tokens.term(last).to_owned();
    let is_last = |concept: &&mut Concept| {
        concept.alternatives.first().and_then(|first| first.terms.first()).is_some_and(|term| term.forms[0] == typed)
    };
    let unfinished = last.end == text.len();
    if let Some(concept) = plan.concepts.iter_mut().find(is_last) {
        if typed.starts_with(is_unspaced) {
            if unfinished && typed.chars().count() == 1 {
                concept.alternatives = vec![completions(inner, &typed)];
            }
        } else if unfinished {
            concept.alternatives.push(completions(inner, &typed));
        }
    }
    for concept in &mut plan.concepts {
        let Some(typed) = concept.alternatives.first().and_then(|first| first.terms.first()) else { continue };
        let key = typed.forms[0].clone();
        if concept.alternatives[0].terms.len() == 1 && key.len() > 1 && key.bytes().all(|b| b.is_ascii_lowercase()) {
            let readings = readings(inner, &key, unfinished && key == tokens.term(last));
            concept.alternatives.extend(readings);
        }
    }
    // Bridges between words must not keep out a title that says it in another order.
    if plan.concepts.len() > 1 {
        let is_bridge = |concept: &Concept| {
            concept
                .alternatives
                .iter()
                .flat_map(|alternative| &alternative.terms)
                .all(|term| term.weight <= WEIGHTS.pair)
        };
        if !plan.concepts.iter().all(is_bridge) {
            plan.concepts.retain(|concept| !is_bridge(concept));
        }
    }
    plan
}

/// The words of titles, keys and headings that begin with `typed`, as one.
fn completions(inner: &Inner, typed: &str) -> Alternative {
    let mut forms = vec![typed.to_owned()];
    for segment in &inner.segments {
        for field in &segment.table.inverted[..BODY] {
            let Ok(mut terms) = field.terms().range().ge(typed).into_stream() else {
                continue;
            };
            while let Some((term, _)) = terms.next() {
                match std::str::from_utf8(term) {
                    Ok(term) if term.starts_with(typed) && forms.len() < COMPLETIONS => {
                        if !forms.iter().any(|known| known == term) {
                            forms.push(term.to_owned());
                        }
                    }
                    _ => break,
                }
            }
        }
    }
    Alternative { terms: vec![Term { forms, weight: 1.0, count: 1 }], weight: 0.9 }
}

/// What a stretch of pinyin, or of first letters, stands for.
fn readings(inner: &Inner, key: &str, unfinished: bool) -> Vec<Alternative> {
    let lexicon = inner.reading(false).lexicon;
    let mut words = if key.len() > 2 { lexicon.pinyin(key, unfinished) } else { Vec::new() };
    if words.is_empty() {
        words = lexicon.initials(key, unfinished);
    }
    words.truncate(READINGS);
    let alternative = |text: &str| Alternative { terms: inner.reading(false).terms_of(text), weight: 0.9 };
    let mut alternatives = words.iter().map(|form| alternative(&form.text)).collect::<Vec<_>>();
    if alternatives.is_empty()
        && let Some(words) = lexicon.pinyin_words(key)
    {
        let terms = words.iter().flat_map(|form| inner.reading(false).terms_of(&form.text)).collect();
        alternatives.push(Alternative { terms, weight: 0.9 });
    }
    alternatives
}
