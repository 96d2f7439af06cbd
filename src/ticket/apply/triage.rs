//! Correcting what the form was filled in with.

use super::Refusal;
use super::change::Change;
use super::rights::{is_approver, is_cleared};
use crate::ticket::Role;

impl Change<'_> {
    /// Sets what is given and different; the clock follows the new urgency.
    pub(super) fn triage(
        &mut self,
        kind: Option<&str>,
        urgency: Option<&str>,
        impact: Option<&str>,
        title: Option<&str>,
    ) -> Result<(), Refusal> {
        let config = self.rules.config;
        let types = config.types.iter().map(|kind| kind.key.as_str());
        let urgencies = config.urgencies.iter().map(|urgency| urgency.key.as_str());
        let impacts = config.impacts.iter().map(|impact| impact.key.as_str());
        let title = title.map(|title| self.line("title", title)).transpose()?;
        if let Some(kind) = kind.map(str::trim) {
            self.may_leave(kind)?;
        }
        let mut changed = Vec::new();
        changed.extend(self.other("type", kind, |change| &mut change.ticket.kind, types)?);
        changed.extend(self.other("urgency", urgency, |change| &mut change.ticket.urgency, urgencies)?);
        changed.extend(self.other("impact", impact, |change| &mut change.ticket.impact, impacts)?);
        match title {
            Some(title) if title.is_empty() => {
                return Err(self.invalid("title", "请填写标题", "fill in the title"));
            }
            Some(title) if title != self.ticket.title => {
                changed.push("title".to_owned());
                self.ticket.title = title;
            }
            _ => {}
        }
        if changed.is_empty() {
            return Err(self.invalid("type", "没有任何改动", "nothing was changed"));
        }
        self.record("triage", String::new(), &changed.join(", "), false);
        Ok(())
    }

    /// A request that needs approval is not made one that needs none by whoever is to work on it.
    fn may_leave(&mut self, kind: &str) -> Result<(), Refusal> {
        let config = self.rules.config;
        let needs = |key: &str| config.request_type(key).is_some_and(|kind| kind.needs_approval);
        if !needs(&self.ticket.kind) || needs(kind) || is_cleared(&self.ticket, config) {
            return Ok(());
        }
        if is_approver(&self.ticket, self.actor, config) || self.actor.role == Role::Admin {
            return Ok(());
        }
        Err(self.invalid(
            "type",
            "这类申请要先审批，只有审批人或管理员可以改成不需要审批的类型",
            "this type of request needs approval: only its approvers and administrators may make it one that needs none",
        ))
    }

    /// Puts one of the site's keys into a field; says `field before → after` when that changed it.
    fn other<'k>(
        &mut self,
        field: &'static str,
        key: Option<&str>,
        place: impl Fn(&mut Self) -> &mut String,
        known: impl Iterator<Item = &'k str>,
    ) -> Result<Option<String>, Refusal> {
        let Some(key) = key.map(str::trim).filter(|key| !key.is_empty()) else { return Ok(None) };
        let known: Vec<_> = known.collect();
        if !known.contains(&key) {
            let list = known.join(", ");
            return Err(self.invalid(
                field,
                format!("没有“{key}”这个选项，可选：{list}"),
                format!("there is no `{key}`; choose one of: {list}"),
            ));
        }
        let value = place(self);
        if value == key {
            return Ok(None);
        }
        let before = std::mem::replace(value, key.to_owned());
        Ok(Some(format!("{field} {before} → {key}")))
    }
}
