//! Adding lines up.

use jiff::Timestamp;

use super::{Figures, Line, Satisfaction, Share, Spread};

/// The sums of one group.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    filed: u64,
    solved: u64,
    open: u64,
    answers: Vec<u32>,
    answered_in_time: Share,
    solutions: Vec<u32>,
    solved_in_time: Share,
    reopened: Share,
    rated: Share,
    /// Sum and number of each mark.
    marks: [(u64, u64); 4],
}

impl Tally {
    /// Counts a line as filed, as solved, as open at the end, or as several of them.
    pub(super) fn add(&mut self, line: &Line, now: Timestamp, filed: bool, solved: bool, open: bool) {
        if filed {
            self.filed += 1;
            self.answers.extend(line.answered_after);
            self.answered_in_time.add(line.answer_met(now));
        }
        if solved {
            self.solved += 1;
            self.solutions.extend(line.solved_after);
            self.solved_in_time.add(line.solved_in_time);
            self.reopened.add(Some(line.reopened));
            if let Some(rating) = line.rating {
                self.rated.add(Some(rating.solved));
                for ((sum, count), mark) in self.marks.iter_mut().zip(rating.marks) {
                    if let Some(mark) = mark {
                        *sum += u64::from(mark);
                        *count += 1;
                    }
                }
            }
        }
        self.open += u64::from(open);
    }

    pub(super) fn figures(self) -> Figures {
        let [speed, attitude, skill, result] = self.marks.map(|(sum, count)| mean(sum, count));
        Figures {
            filed: self.filed,
            solved: self.solved,
            open: self.open,
            first_response: Spread::of(self.answers),
            first_response_met: self.answered_in_time,
            resolution: Spread::of(self.solutions),
            resolve_met: self.solved_in_time,
            reopened: self.reopened,
            satisfaction: Satisfaction { solved: self.rated, speed, attitude, skill, result },
        }
    }
}

/// To one hundredth, so that the same tickets give the same text on every machine.
fn mean(sum: u64, count: u64) -> Option<f64> {
    let hundredths = (sum * 100 + count / 2).checked_div(count)?;
    u32::try_from(hundredths).ok().map(|hundredths| f64::from(hundredths) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_is_rounded_to_hundredths() {
        assert_eq!(mean(14, 3), Some(4.67));
        assert_eq!(mean(5, 1), Some(5.0));
        assert_eq!(mean(0, 0), None);
    }
}
