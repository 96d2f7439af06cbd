//! Who is told of what.

use super::Audience::{self, Approver, Assignee, Lead, Requester, Team};
use crate::ticket::{Occasion, Rating};

/// Whom an occasion concerns. Whoever did the step themselves is left out by the caller; an occasion without an
/// audience is told to nobody in person (a webhook may still ask for it).
///
/// `Rated` is told only when the rating [is poor](is_poor).
pub fn audiences(occasion: Occasion) -> &'static [Audience] {
    match occasion {
        Occasion::Filed => &[Requester, Team],
        Occasion::Accepted => &[Requester],
        Occasion::Assigned => &[Assignee],
        Occasion::Replied | Occasion::Asked | Occasion::Risk => &[Requester],
        Occasion::RequesterReplied => &[Assignee],
        Occasion::ApprovalRequested => &[Approver],
        Occasion::Approved | Occasion::Rejected => &[Requester, Assignee],
        Occasion::Pended => &[Requester],
        Occasion::Resolved | Occasion::ClosingSoon => &[Requester],
        Occasion::Reopened => &[Assignee, Lead],
        Occasion::Closed | Occasion::Merged => &[Requester],
        // The requester who took it back knows; the assignee may still be at work on it.
        Occasion::Cancelled => &[Requester, Assignee],
        Occasion::Rated => &[Assignee],
        Occasion::Escalated => &[Assignee, Lead],
        Occasion::Contacted | Occasion::Resumed => &[],
    }
}

/// Whom an occasion concerns as well when the ticket is urgent.
pub fn also_when_urgent(occasion: Occasion) -> &'static [Audience] {
    match occasion {
        Occasion::Filed => &[Lead],
        _ => &[],
    }
}

/// Whether somebody should look at why: not solved, or a mark of 1 or 2.
pub fn is_poor(rating: &Rating) -> bool {
    let marks = [rating.speed, rating.attitude, rating.skill, rating.result];
    !rating.solved || marks.into_iter().flatten().any(|mark| mark <= 2)
}

/// The mail address within what a requester left as their contact: `138…, wang@example.com`.
pub fn email_in(contact: &str) -> Option<String> {
    let part_of_address = |c: char| c.is_ascii_alphanumeric() || "@._%+-'".contains(c);
    let words = contact.split(|c| !part_of_address(c)).map(|word| word.trim_matches(['.', '\'', '-']));
    words.filter(|word| word.len() <= 254 && is_address(word)).map(str::to_owned).next()
}

fn is_address(word: &str) -> bool {
    let Some((local, domain)) = word.split_once('@') else { return false };
    let label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    let labels = domain.contains('.') && domain.split('.').all(label);
    !local.is_empty()
        && labels
        && !domain.contains(['@', '_', '%', '+', '\''])
        && word.parse::<lettre::Address>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_what_people_write() {
        for (contact, address) in [
            ("wang@example.com", Some("wang@example.com")),
            ("电话 13800138000，邮箱：wang.xm@corp.example.cn。", Some("wang.xm@corp.example.cn")),
            ("<mailto:a+b@example.com>", Some("a+b@example.com")),
            ("微信 @wang", None),
            ("user@localhost", None),
            ("a@b@example.com", None),
            ("x@example..com, y@example.com", Some("y@example.com")),
            ("wang@example.com\nBcc: evil@example.com", Some("wang@example.com")),
            ("", None),
        ] {
            assert_eq!(email_in(contact).as_deref(), address, "{contact}");
        }
    }

    #[test]
    fn everybody_hears_of_what_they_must_act_on() {
        assert!(audiences(Occasion::Asked).contains(&Requester));
        assert!(audiences(Occasion::ApprovalRequested).contains(&Approver));
        assert!(audiences(Occasion::Escalated).contains(&Lead));
        assert!(also_when_urgent(Occasion::Filed).contains(&Lead));
        assert!(audiences(Occasion::Resumed).is_empty());
    }

    #[test]
    fn a_poor_rating_is_told_apart() {
        let rating = |solved, speed| Rating {
            solved,
            speed: Some(speed),
            attitude: None,
            skill: None,
            result: Some(5),
            comment: String::new(),
        };
        assert!(!is_poor(&rating(true, 3)) && is_poor(&rating(true, 2)) && is_poor(&rating(false, 5)));
    }
}
