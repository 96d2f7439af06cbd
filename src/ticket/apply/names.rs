//! What steps and teams are called when one is refused.

use super::Member;
use crate::config::Config;

/// The step with this key, as people call it.
pub(super) fn step<'a>(key: &'a str, lang: &str) -> &'a str {
    let (zh, en) = match key {
        "accept" => ("受理", "accept"),
        "start" => ("开始处理", "start work"),
        "reply" => ("回复", "reply"),
        "contact" => ("记录联系", "contact"),
        "ask" => ("请提报人补充", "ask for details"),
        "risk" => ("风险告知", "tell a risk"),
        "pend" => ("挂起", "put on hold"),
        "resume" => ("恢复处理", "resume"),
        "approve" => ("批准", "approve"),
        "reject" => ("驳回", "reject"),
        "resolve" => ("处理完成", "resolve"),
        "confirm" => ("确认已解决", "confirm"),
        "reopen" => ("重新打开", "reopen"),
        "rate" => ("评价", "rate"),
        "close" => ("关闭", "close"),
        "assign" => ("分派", "assign"),
        "triage" => ("更正信息", "correct"),
        "note" => ("写工作记录", "note"),
        "key_step" => ("记关键步骤", "note a key step"),
        "merge" => ("合并", "merge"),
        "cancel" => ("撤销", "cancel"),
        "publish" => ("归档为知识", "archive"),
        other => (other, other),
    };
    if lang == "zh" { zh } else { en }
}

/// Why somebody cannot take a ticket of `team`, in Chinese and in English.
pub(super) fn not_in_team(config: &Config, member: &Member, team: &str) -> (String, String) {
    let (name, here) = (&member.name, [team.to_owned()]);
    let named = |keys: &[String], lang: &str| teams(config, keys, lang);
    (
        format!("{name}不在{}里：请同时转到其所在团队：{}", named(&here, "zh"), named(&member.teams, "zh")),
        format!(
            "{name} is not in the team {}: hand it to their team too: {}",
            named(&here, "en"),
            named(&member.teams, "en")
        ),
    )
}

/// Teams by name, each with the key that the command line takes.
fn teams(config: &Config, keys: &[String], lang: &str) -> String {
    let named = keys.iter().map(|key| match config.teams.iter().find(|team| team.key == *key) {
        Some(team) if lang == "zh" => format!("{}（{key}）", team.name.get(lang)),
        Some(team) => format!("{} ({key})", team.name.get(lang)),
        None => key.clone(),
    });
    named.collect::<Vec<_>>().join(if lang == "zh" { "、" } else { ", " })
}
