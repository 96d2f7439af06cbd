//! One webhook's turn: a message at a time, and no more in a minute than the chat services take.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::chat::MOST;

/// DingTalk and WeCom take 20 messages a minute and then go silent for ten; two are kept for people.
const PER_MINUTE: usize = 18;
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// Up to so many waiting events get a message each.
const SINGLES: usize = 3;

#[derive(Debug, Default)]
pub(super) struct Lane {
    pub(super) busy: bool,
    /// When the messages of the last minute went.
    recent: VecDeque<Timestamp>,
}

impl Lane {
    /// How many of `waiting` events go into a message now; none when the minute is full.
    pub(super) fn take(&mut self, waiting: usize, now: Timestamp) -> usize {
        // A clock that was set back leaves times in the future: they count for nothing.
        self.recent.retain(|at| *at <= now && now.duration_since(*at) < MINUTE);
        let left = PER_MINUTE.saturating_sub(self.recent.len());
        let size = match waiting {
            0 => 0,
            _ if self.busy || left == 0 => 0,
            waiting if waiting <= SINGLES.min(left) => 1,
            waiting => waiting.min(MOST),
        };
        if size > 0 {
            self.recent.push_back(now);
        }
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_becomes_a_few_lists_within_the_minute() {
        let mut lane = Lane::default();
        let start = Timestamp::UNIX_EPOCH;
        let (mut waiting, mut messages) = (100, 0);
        while waiting > 0 {
            waiting -= lane.take(waiting, start);
            messages += 1;
        }
        assert_eq!(messages, 5);
    }

    #[test]
    fn single_events_wait_for_the_next_minute_and_then_go_together() {
        let mut lane = Lane::default();
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let sent = (0..40).filter(|second| lane.take(1, at(*second)) == 1).count();
        assert_eq!(sent, PER_MINUTE);
        assert_eq!(lane.take(22, at(50)), 0);
        assert_eq!(lane.take(22, at(60)), 20);
        lane.busy = true;
        assert_eq!(lane.take(2, at(200)), 0);
        lane.busy = false;
        assert_eq!(lane.take(2, at(10)), 1, "the clock was set back");
    }
}
