//! What is said on each occasion to whom, in Chinese and in English.
//!
//! `{name}` stands for a value; values are put in once and never read again, so that a title with braces stays itself.

use super::Audience::{self, Approver, Assignee, Lead, Requester, Team};
use crate::ticket::Occasion;

/// The subject and the first paragraph of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) subject: &'static str,
    pub(super) opening: &'static str,
}

/// What a mail about `occasion` says to `audience`. `lang` is `zh` or, for all others, English.
pub(super) fn words(occasion: Occasion, audience: Audience, lang: &str) -> Words {
    let [zh, en] = both(occasion, audience);
    let (subject, opening) = if lang == "zh" { zh } else { en };
    Words { subject, opening }
}

type Pair = [(&'static str, &'static str); 2];

fn both(occasion: Occasion, audience: Audience) -> Pair {
    match audience {
        Requester => to_requester(occasion),
        Assignee => to_assignee(occasion),
        Team | Lead | Approver => to_others(occasion, audience),
    }
}

fn to_requester(occasion: Occasion) -> Pair {
    match occasion {
        Occasion::Filed => [
            ("已收到：{title}", "您的工单已经收到，编号 {id}。我们最迟在 {due} 前联系您。"),
            (
                "We have your ticket: {title}",
                "Thank you, we have your ticket. Its number is {id}. You will hear from us by {due}.",
            ),
        ],
        Occasion::Accepted => [
            ("已受理：{title}", "{assignee}已经接手您的工单，正在处理。"),
            ("We are on it: {title}", "{assignee} has taken your ticket and is working on it."),
        ],
        Occasion::Asked => [
            ("请补充信息：{title}", "为了继续处理，我们需要您补充一点信息。您回复之后，工单会自动继续。"),
            (
                "We need a little more from you: {title}",
                "To go on we need some more details. As soon as you answer, the work continues by itself.",
            ),
        ],
        Occasion::Replied => [
            ("新的回复：{title}", "您的工单有新的回复："),
            ("A new reply: {title}", "There is a new reply on your ticket:"),
        ],
        Occasion::Risk => [
            ("操作前请知悉：{title}", "下面的操作有一定风险，开始之前先告诉您，并说明出问题时怎么恢复："),
            (
                "Before we begin: {title}",
                "The next step carries some risk. Before we take it, here is what may happen and how we would go back:",
            ),
        ],
        Occasion::Approved => [
            ("审批已通过：{title}", "您的申请已经通过审批，我们接着办理。"),
            ("Approved: {title}", "Your request was approved. We are carrying on with it."),
        ],
        Occasion::Rejected => [
            ("审批未通过：{title}", "很抱歉，您的申请没有通过审批。理由如下："),
            ("Not approved: {title}", "We are sorry: your request was not approved. The reason given:"),
        ],
        Occasion::Pended => [
            ("暂时等待：{title}", "您的工单在等待其他方面的答复，有进展我们会马上告诉您。正在等待："),
            (
                "On hold for now: {title}",
                "Your ticket is waiting for somebody else's answer. We will tell you as soon as it moves. We wait for:",
            ),
        ],
        Occasion::Resolved => [
            (
                "请确认是否解决：{title}",
                "我们认为问题已经解决。请打开工单确认；如果还没好，也请在那里告诉我们，同一位同事会继续处理。",
            ),
            (
                "Is it solved? {title}",
                "We believe this is solved. Please open the ticket and confirm, or tell us there that it is not: the same colleague will carry on.",
            ),
        ],
        Occasion::Reopened => [
            ("继续处理：{title}", "知道了，问题还没有解决。我们接着处理。"),
            ("We are back on it: {title}", "Understood, it is not solved yet. We are carrying on."),
        ],
        Occasion::ClosingSoon => [
            ("即将自动关闭：{title}", "您的工单已经处理完成，还没有收到您的确认。没有回复的话，它不久会自动关闭。"),
            (
                "Closing soon: {title}",
                "Your ticket was solved and we have not heard from you. Without an answer it will close by itself soon.",
            ),
        ],
        Occasion::Closed => [
            ("已关闭：{title}", "您的工单已经关闭。欢迎花半分钟为这次服务打分；以后有问题，随时再找我们。"),
            (
                "Closed: {title}",
                "Your ticket is closed. We would be glad if you took half a minute to rate it, and we are here whenever you need us.",
            ),
        ],
        Occasion::Cancelled => [
            ("已撤销：{title}", "您的工单已经撤销，我们不再处理。"),
            ("Cancelled: {title}", "Your ticket was cancelled; we have stopped working on it."),
        ],
        Occasion::Merged => [
            ("已合并：{title}", "您的工单与另一张工单是同一件事，已经合并到那里一起处理。"),
            ("Merged: {title}", "Your ticket is about the same matter as another one, and goes on together with it."),
        ],
        Occasion::Assigned
        | Occasion::RequesterReplied
        | Occasion::Contacted
        | Occasion::ApprovalRequested
        | Occasion::Resumed
        | Occasion::Rated
        | Occasion::Escalated => general(),
    }
}

fn to_assignee(occasion: Occasion) -> Pair {
    match occasion {
        Occasion::Assigned => [
            ("[{id}] 分派给您：{title}", "这张工单分派给您了。请在 {due} 前完成下一步。"),
            ("[{id}] Assigned to you: {title}", "This ticket is now yours. The next step is due by {due}."),
        ],
        Occasion::RequesterReplied => [
            ("[{id}] 提报人回复：{title}", "提报人回复了："),
            ("[{id}] The requester answered: {title}", "The requester answered:"),
        ],
        Occasion::Reopened => [
            ("[{id}] 未解决，已退回：{title}", "提报人说问题还没有解决，工单回到您这里。"),
            ("[{id}] Not solved: {title}", "The requester says that it is not solved. The ticket is back with you."),
        ],
        Occasion::Approved => [
            ("[{id}] 审批已通过：{title}", "审批通过，可以继续办理。"),
            ("[{id}] Approved: {title}", "The request was approved: you can go on."),
        ],
        Occasion::Rejected => [
            ("[{id}] 审批未通过：{title}", "审批没有通过。理由如下："),
            ("[{id}] Not approved: {title}", "The request was not approved. The reason given:"),
        ],
        Occasion::Rated => [
            ("[{id}] 评价不佳：{title}", "提报人对这次服务不太满意。请看一看原因，需要时联系对方。"),
            (
                "[{id}] A poor rating: {title}",
                "The requester was not happy with this one. Please see why, and get in touch if that helps.",
            ),
        ],
        Occasion::Cancelled => [
            ("[{id}] 已撤销：{title}", "工单已经撤销，不用再处理。"),
            ("[{id}] Cancelled: {title}", "The ticket was cancelled: there is nothing left to do."),
        ],
        Occasion::Escalated => [
            ("[{id}] 时限提醒：{title}", "这张工单{level}（时限 {due}），组长也已收到提醒。"),
            ("[{id}] Due: {title}", "On this ticket {level} (due by {due}). The lead was told as well."),
        ],
        Occasion::Filed
        | Occasion::Accepted
        | Occasion::Replied
        | Occasion::Asked
        | Occasion::Contacted
        | Occasion::Risk
        | Occasion::ApprovalRequested
        | Occasion::Pended
        | Occasion::Resumed
        | Occasion::Resolved
        | Occasion::ClosingSoon
        | Occasion::Closed
        | Occasion::Merged => general(),
    }
}

fn to_others(occasion: Occasion, audience: Audience) -> Pair {
    match (occasion, audience) {
        (Occasion::Filed, _) => [
            ("[{id}] 新工单（{urgency}）：{title}", "有一张新工单等待受理，请在 {due} 前响应。"),
            (
                "[{id}] New ticket ({urgency}): {title}",
                "A new ticket is waiting to be accepted. An answer is due by {due}.",
            ),
        ],
        (Occasion::Escalated, _) => [
            ("[{id}] 请关注：{title}", "这张工单{level}（时限 {due}），请安排处理。"),
            (
                "[{id}] Needs your attention: {title}",
                "On this ticket {level} (due by {due}). Please see that somebody takes it up.",
            ),
        ],
        (Occasion::Reopened, _) => [
            ("[{id}] 未解决，已退回：{title}", "提报人说问题还没有解决，工单重新打开。"),
            ("[{id}] Not solved: {title}", "The requester says that it is not solved. The ticket is open again."),
        ],
        (Occasion::ApprovalRequested, _) => [
            ("[{id}] 请审批：{title}", "有一项申请等待您审批。请打开工单，写明理由后通过或驳回。"),
            (
                "[{id}] Your approval, please: {title}",
                "A request is waiting for your decision. Please open it, and approve or reject it with a reason.",
            ),
        ],
        (_, Requester | Assignee | Team | Lead | Approver) => general(),
    }
}

/// For whoever is told although nobody usually is.
fn general() -> Pair {
    [
        ("[{id}] 工单有更新：{title}", "工单有新的进展。"),
        ("[{id}] Ticket updated: {title}", "There is news on this ticket."),
    ]
}

/// Which target an escalation is about, by the key in the history.
pub(super) fn level(key: &str, lang: &str) -> Option<&'static str> {
    let (zh, en) = match key {
        "first_response_half" => ("首次响应的时限已过一半", "half of the time for the first answer has passed"),
        "first_response" => ("首次响应已超时", "the first answer is late"),
        "resolve" => ("解决已超时", "the solution is late"),
        "supplier" => ("约定的供应商答复时间已过", "the time agreed with the supplier has passed"),
        _ => return None,
    };
    Some(if lang == "zh" { zh } else { en })
}

/// What happened, in two words, for a line of chat.
pub fn headline(occasion: Occasion, lang: &str) -> &'static str {
    let (zh, en) = match occasion {
        Occasion::Filed => ("新工单", "New ticket"),
        Occasion::Accepted => ("已受理", "Accepted"),
        Occasion::Assigned => ("已分派", "Assigned"),
        Occasion::Replied => ("已回复", "Replied"),
        Occasion::RequesterReplied => ("提报人已回复", "Requester answered"),
        Occasion::Asked => ("等待补充信息", "Details asked for"),
        Occasion::Contacted => ("已联系提报人", "Requester contacted"),
        Occasion::Risk => ("已告知风险", "Risk told"),
        Occasion::ApprovalRequested => ("等待审批", "Approval needed"),
        Occasion::Approved => ("审批通过", "Approved"),
        Occasion::Rejected => ("审批未通过", "Not approved"),
        Occasion::Pended => ("已挂起", "On hold"),
        Occasion::Resumed => ("继续处理", "Resumed"),
        Occasion::Resolved => ("处理完成", "Resolved"),
        Occasion::Reopened => ("未解决，重新打开", "Reopened"),
        Occasion::ClosingSoon => ("即将自动关闭", "Closing soon"),
        Occasion::Closed => ("已关闭", "Closed"),
        Occasion::Cancelled => ("已撤销", "Cancelled"),
        Occasion::Merged => ("已合并", "Merged"),
        Occasion::Rated => ("评价不佳", "Poor rating"),
        Occasion::Escalated => ("时限将到或已超时", "Target near or missed"),
    };
    if lang == "zh" { zh } else { en }
}

/// Puts values in the places of their names. A sentence whose value is missing loses only the value.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        out.push_str(&rest[..start]);
        let Some(end) = rest[start..].find('}') else { break };
        let name = &rest[start + 1..start + end];
        out.push_str(values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value));
        rest = &rest[start + end + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::{also_when_urgent, audiences};

    #[test]
    fn everybody_who_is_told_has_words_of_their_own() {
        for occasion in Occasion::ALL {
            for audience in audiences(occasion).iter().chain(also_when_urgent(occasion)) {
                assert_ne!(both(occasion, *audience), general(), "{occasion:?} to {audience:?}");
            }
            for audience in Audience::ALL {
                for lang in ["zh", "en"] {
                    let Words { subject, opening } = words(occasion, audience, lang);
                    assert!(subject.contains("{title}"), "{subject}");
                    let chinese = opening.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                    assert_eq!(chinese, lang == "zh", "{opening}");
                }
            }
        }
    }

    #[test]
    fn templates_name_only_what_there_is() {
        let known = ["id", "title", "kind", "urgency", "team", "assignee", "due", "level"];
        for occasion in Occasion::ALL {
            for audience in Audience::ALL {
                for (subject, opening) in both(occasion, audience) {
                    for name in format!("{subject}{opening}").split('{').skip(1).filter_map(|part| part.split_once('}'))
                    {
                        assert!(known.contains(&name.0), "{{{}}} in {opening}", name.0);
                    }
                }
            }
        }
    }

    #[test]
    fn values_are_put_in_once() {
        assert_eq!(fill("{a}-{b}-{c}{", &[("a", "{b}"), ("b", "2")]), "{b}-2-{");
        assert_eq!(fill("没有", &[]), "没有");
    }
}
