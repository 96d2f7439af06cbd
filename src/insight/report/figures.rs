//! The figures of one group of tickets.

use serde::Serialize;

/// What is known of a group.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Filed on a day of the range.
    pub filed: u64,
    /// Solved on a day of the range.
    pub solved: u64,
    /// In the queue when the range ended.
    pub open: u64,
    /// Working seconds until the first answer, of those filed.
    pub first_response: Spread,
    pub first_response_met: Share,
    /// Working seconds of the solution without the time spent waiting for others, of those solved.
    pub resolution: Spread,
    pub resolve_met: Share,
    /// Solved ones that had come back before.
    pub reopened: Share,
    pub satisfaction: Satisfaction,
}

/// The middle of many values, and what nine in ten stay within; both are values that occur (nearest rank).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Spread {
    pub count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p90: Option<u32>,
}

impl Spread {
    pub(super) fn of(mut values: Vec<u32>) -> Self {
        values.sort_unstable();
        let rank = |percent: usize| values.get((values.len() * percent).div_ceil(100).max(1) - 1).copied();
        Self { count: u64::try_from(values.len()).unwrap_or(u64::MAX), median: rank(50), p90: rank(90) }
    }
}

/// How many of those that could be judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    pub count: u64,
    pub of: u64,
}

impl Share {
    /// Counts one; `None` cannot be judged.
    pub(super) fn add(&mut self, yes: Option<bool>) {
        if let Some(yes) = yes {
            self.of += 1;
            self.count += u64::from(yes);
        }
    }

    /// Per cent in tenths: 987 is 98.7 %. `None` of nothing.
    pub fn permille(self) -> Option<u64> {
        (self.count * 1_000 + self.of / 2).checked_div(self.of)
    }

    /// `98.7%`, or `–` of nothing.
    pub fn percent(self) -> String {
        match self.permille() {
            Some(1_000) => "100%".to_owned(),
            Some(permille) => format!("{}.{}%", permille / 10, permille % 10),
            None => "–".to_owned(),
        }
    }
}

/// What the requesters of the solved ones said.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Satisfaction {
    /// "Solved" among those who answered; `of` is how many did.
    pub solved: Share,
    /// Means of the marks from 1 to 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skill: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<f64>,
}

impl Satisfaction {
    pub(super) fn marks(&self) -> [Option<f64>; 4] {
        [self.speed, self.attitude, self.skill, self.result]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_nine_in_ten() {
        assert_eq!(Spread::of(vec![]), Spread::default());
        assert_eq!(Spread::of(vec![7]), Spread { count: 1, median: Some(7), p90: Some(7) });
        let ten = Spread::of((1..=10).rev().collect());
        assert_eq!((ten.median, ten.p90), (Some(5), Some(9)));
        assert_eq!(Spread::of((1..=11).collect()).p90, Some(10));
    }

    #[test]
    fn a_share_of_nothing_is_no_number() {
        assert_eq!(Share::default().percent(), "–");
        assert_eq!(Share { count: 2, of: 3 }.percent(), "66.7%");
        assert_eq!(Share { count: 3, of: 3 }.percent(), "100%");
        assert_eq!(Share { count: 0, of: 3 }.percent(), "0.0%");
    }
}
