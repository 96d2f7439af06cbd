//! When a delivery that failed is tried again.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// The waits after the first tries; from then on the last one.
const WAITS: [u64; 5] = [30, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR];
/// Tries in all. With the waits above the last comes about two days after the first.
const TRIES: u32 = 13;

/// How long to wait after `tries` failed ones, or `None` when it is time to give up.
///
/// `jitter`, from 0 to 1, spreads the wait from 80 % to 120 %, so that what failed together does not return together.
pub(super) fn wait(tries: u32, jitter: f64) -> Option<Duration> {
    if tries >= TRIES {
        return None;
    }
    let step = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX).min(WAITS.len() - 1);
    Some(Duration::from_secs(WAITS[step]).mul_f64(0.8 + 0.4 * jitter.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end_after_two_days() {
        let waits: Vec<_> = (1..).map_while(|tries| wait(tries, 0.5)).collect();
        assert_eq!(waits[..5], WAITS.map(Duration::from_secs));
        let total: Duration = waits.iter().sum();
        let days = total.as_secs_f64() / 86_400.0;
        assert!((1.9..=2.2).contains(&days), "{days}");
        assert_eq!(wait(TRIES, 0.5), None);
    }

    #[test]
    fn jitter_stays_within_a_fifth() {
        assert_eq!(wait(1, 0.0), Some(Duration::from_secs(24)));
        assert_eq!(wait(1, 1.0), Some(Duration::from_secs(36)));
        assert_eq!(wait(1, 99.0), wait(1, 1.0));
    }
}
