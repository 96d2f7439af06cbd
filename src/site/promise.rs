//! What an urgency promises, in words: the targets of site.toml.

use std::time::Duration;

use crate::config::Urgency;

const DAY: u64 = 86_400;

/// `10 分钟内首次回复，目标 4 小时内解决（按工作时间）`.
pub(super) fn of(urgency: &Urgency, lang: &str) -> String {
    let clock = urgency.round_the_clock;
    let span = |target| span(target, clock, lang);
    let (answer, solution) = (span(urgency.first_response), span(urgency.resolve));
    match (lang, clock) {
        ("zh", false) => format!("{answer}内首次回复，目标 {solution}内解决（按工作时间）"),
        ("zh", true) => format!("{answer}内首次回复，目标 {solution}内解决（不分昼夜）"),
        (_, false) => format!("First reply within {answer}, aim to solve within {solution} of working time"),
        (_, true) => format!("First reply within {answer}, aim to solve within {solution}, day and night"),
    }
}

/// A target in its largest whole units. A day is a working day unless the clock never stops.
fn span(target: Duration, round_the_clock: bool, lang: &str) -> String {
    let seconds = target.as_secs();
    let day = if round_the_clock { ("天", "day") } else { ("个工作日", "working day") };
    let units = [
        (seconds / DAY, day),
        (seconds % DAY / 3_600, ("小时", "hour")),
        (seconds % 3_600 / 60, ("分钟", "minute")),
        (seconds % 60, ("秒", "second")),
    ];
    let parts = units.into_iter().filter(|(count, _)| *count > 0).map(|(count, (zh, en))| match (lang, count) {
        ("zh", _) => format!("{count} {zh}"),
        (_, 1) => format!("1 {en}"),
        _ => format!("{count} {en}s"),
    });
    parts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_says_what_the_configuration_says() {
        let toml = "title = 'x'\n[[urgencies]]\nkey = 'a'\nfirst_response = '10m'\nresolve = '4h'\nround_the_clock = true\n\
            [[urgencies]]\nkey = 'b'\nfirst_response = '1h30m'\nresolve = '1d'\n";
        let config = crate::config::Config::parse(std::path::Path::new("/x"), toml).unwrap();
        let said = |index: usize, lang| of(&config.urgencies[index], lang);
        assert_eq!(said(0, "zh"), "10 分钟内首次回复，目标 4 小时内解决（不分昼夜）");
        assert_eq!(said(0, "en"), "First reply within 10 minutes, aim to solve within 4 hours, day and night");
        assert_eq!(said(1, "zh"), "1 小时 30 分钟内首次回复，目标 1 个工作日内解决（按工作时间）");
        assert!(said(1, "en").ends_with("within 1 working day of working time"), "{}", said(1, "en"));
    }
}
