//! What the knowledge base does not answer yet, from the search log.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use serde::Serialize;

use super::report::Question;
use super::searches::{Line, merge};

/// Share of their pairs of characters that two questions have in common to be told as one.
const ALIKE: f32 = 0.7;

/// How far people come without a ticket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SelfService {
    pub searches: u64,
    /// Searches with a result good enough to be shown first.
    pub answered: u64,
    /// Results opened. A click without scripts is not counted, so this is a little low.
    pub opened: u64,
    /// Tickets filed after a search.
    pub became_tickets: u64,
}

/// One question, in all the ways it was put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The way it was put most often.
    pub query: String,
    /// The other ways, the most frequent first.
    pub also: Vec<String>,
    pub searches: u32,
    pub unanswered: u32,
    /// Documents found the last time.
    pub hits: u32,
    pub opened: u32,
    pub tickets: u32,
    pub last: Date,
}

/// The report on a span of days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gaps {
    pub from: Date,
    pub to: Date,
    pub self_service: SelfService,
    /// Questions that, at least half of the times, nothing good enough was found for.
    pub found_nothing: Vec<Gap>,
    /// Questions with results that nobody opened.
    pub not_opened: Vec<Gap>,
    /// Questions that became tickets.
    pub became_tickets: Vec<Gap>,
}

impl Gaps {
    /// The same for the report on the service desk: the figures, and the questions to answer first.
    pub fn for_report(&self) -> super::report::SelfService {
        let SelfService { searches, answered, opened, became_tickets } = self.self_service;
        let question = |gap: &Gap| Question { query: gap.query.clone(), times: u64::from(gap.searches) };
        let found_nothing = self.found_nothing.iter().take(20).map(question).collect();
        super::report::SelfService { searches, answered, opened, became_tickets, found_nothing }
    }
}

/// The gaps in the lines of [`super::searches::SearchLog::lines`], in each list the most frequent first.
pub fn gaps(lines: &[Line], from: Date, to: Date) -> Gaps {
    let mut self_service = SelfService::default();
    for line in lines {
        self_service.searches += u64::from(line.searches);
        self_service.answered += u64::from(line.searches.saturating_sub(line.unanswered));
        self_service.opened += u64::from(line.opened);
        self_service.became_tickets += u64::from(line.tickets);
    }
    let grouped = group(lines);
    let select = |wanted: &dyn Fn(&Gap) -> bool, weight: &dyn Fn(&Gap) -> u32| {
        let mut gaps = grouped.iter().filter(|gap| wanted(gap)).cloned().collect::<Vec<_>>();
        gaps.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| b.last.cmp(&a.last)).then(a.query.cmp(&b.query)));
        gaps
    };
    Gaps {
        from,
        to,
        self_service,
        found_nothing: select(&found_nothing, &|gap| gap.unanswered),
        not_opened: select(&|gap| gap.searches > 0 && gap.opened == 0 && !found_nothing(gap), &|gap| gap.searches),
        became_tickets: select(&|gap| gap.tickets > 0, &|gap| gap.tickets),
    }
}

fn found_nothing(gap: &Gap) -> bool {
    gap.unanswered > 0 && gap.unanswered * 2 >= gap.searches
}

/// Near-identical questions as one.
fn group(lines: &[Line]) -> Vec<Gap> {
    let mut by_query: BTreeMap<&str, Line> = BTreeMap::new();
    for line in lines {
        match by_query.get_mut(line.query.as_str()) {
            Some(sum) => merge(sum, line),
            None => drop(by_query.insert(&line.query, line.clone())),
        }
    }
    let mut questions = by_query.into_values().collect::<Vec<_>>();
    questions.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| a.query.cmp(&b.query)));
    let mut groups: Vec<(Line, Vec<String>)> = Vec::new();
    let mut index = Alike::default();
    for question in questions {
        match index.find_or_add(&question.query, groups.len()) {
            Some(at) => {
                let (sum, also) = &mut groups[at];
                merge(sum, &question);
                also.push(question.query);
            }
            None => groups.push((question, Vec::new())),
        }
    }
    let gap = |(line, also): (Line, Vec<String>)| Gap {
        query: line.query,
        also,
        searches: line.searches,
        unanswered: line.unanswered,
        hits: line.hits,
        opened: line.opened,
        tickets: line.tickets,
        last: line.day,
    };
    groups.into_iter().map(gap).collect()
}

fn weight(line: &Line) -> u32 {
    line.searches.max(line.tickets)
}

/// The questions that lead a group, by their pairs of characters: only those that share a pair are compared.
#[derive(Default)]
struct Alike {
    by_pair: HashMap<(char, char), Vec<usize>>,
    /// By group: how many pairs its question has.
    sizes: Vec<usize>,
}

impl Alike {
    /// The group that a question belongs to; `None` when it leads group `next` of its own.
    fn find_or_add(&mut self, query: &str, next: usize) -> Option<usize> {
        let pairs = pairs(query);
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for group in pairs.iter().filter_map(|pair| self.by_pair.get(pair)).flatten() {
            *shared.entry(*group).or_default() += 1;
        }
        let likeness = |group: usize, shared: usize| 2.0 * shared as f32 / (pairs.len() + self.sizes[group]) as f32;
        let best = shared.into_iter().map(|(group, shared)| (likeness(group, shared), group));
        let best = best.filter(|(likeness, _)| *likeness >= ALIKE);
        if let Some((_, group)) = best.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))) {
            return Some(group);
        }
        for pair in &pairs {
            self.by_pair.entry(*pair).or_default().push(next);
        }
        self.sizes.push(pairs.len());
        None
    }
}

/// The different pairs of neighbouring letters, without blanks and signs: `VPN 连不上` and `vpn连不上` have the same.
fn pairs(query: &str) -> Vec<(char, char)> {
    let letters = query.chars().filter(|character| character.is_alphanumeric()).collect::<Vec<_>>();
    let mut pairs = letters.windows(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>();
    if let (Some(first), Some(last)) = (letters.first(), letters.last()) {
        pairs.extend([(' ', *first), (*last, ' ')]);
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn line(query: &str, searches: u32, unanswered: u32, opened: u32, tickets: u32) -> Line {
        let hits = if unanswered < searches { 4 } else { 0 };
        Line { day: date(2026, 11, 23), query: query.to_owned(), searches, unanswered, hits, opened, tickets }
    }

    fn report(lines: &[Line]) -> Gaps {
        gaps(lines, date(2026, 11, 1), date(2026, 11, 30))
    }

    fn queries(gaps: &[Gap]) -> Vec<&str> {
        gaps.iter().map(|gap| gap.query.as_str()).collect()
    }

    #[test]
    fn each_list_tells_what_it_says() {
        let gaps = report(&[
            line("忘记密码", 40, 0, 30, 1),
            line("报销系统", 7, 7, 0, 3),
            line("食堂菜单", 9, 9, 0, 0),
            line("投影仪遥控器", 5, 0, 0, 0),
        ]);
        assert_eq!(queries(&gaps.found_nothing), ["食堂菜单", "报销系统"]);
        assert_eq!(queries(&gaps.not_opened), ["投影仪遥控器"]);
        assert_eq!(queries(&gaps.became_tickets), ["报销系统", "忘记密码"]);
        let figures = SelfService { searches: 61, answered: 45, opened: 30, became_tickets: 4 };
        assert_eq!(gaps.self_service, figures);
    }

    #[test]
    fn near_identical_questions_are_one() {
        let gaps = report(&[
            line("报销系统打不开", 5, 5, 0, 0),
            line("报销系统 打不开", 2, 2, 0, 1),
            line("报销系统打不开了", 1, 1, 0, 0),
            line("expense report", 3, 3, 0, 0),
            line("expense reports", 1, 1, 0, 0),
            line("vpn", 2, 2, 0, 0),
            line("vpc", 1, 1, 0, 0),
        ]);
        assert_eq!(queries(&gaps.found_nothing), ["报销系统打不开", "expense report", "vpn", "vpc"]);
        assert_eq!(gaps.found_nothing[0].also, ["报销系统 打不开", "报销系统打不开了"]);
        assert_eq!((gaps.found_nothing[0].searches, gaps.found_nothing[0].tickets), (8, 1));
    }

    #[test]
    fn an_article_written_since_closes_a_gap_when_it_is_found_as_often() {
        let mut before = line("gitlab 权限", 3, 3, 0, 0);
        before.day = date(2026, 11, 2);
        let gaps = report(&[before, line("gitlab 权限", 5, 0, 5, 0)]);
        assert_eq!(queries(&gaps.found_nothing), Vec::<&str>::new());
        assert_eq!(queries(&gaps.not_opened), Vec::<&str>::new());
    }
}
