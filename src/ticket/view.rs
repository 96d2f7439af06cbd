//! A ticket as programs read it: for the service desk, and for its requester.

use serde_json::{Value, json};

use super::{Sections, Ticket};

impl Ticket {
    /// Everything but what guards the tracking link: for staff.
    pub fn full_view(&self) -> Value {
        // A ticket is made of texts, numbers and lists: it always has a JSON form.
        let mut value = serde_json::to_value(self).unwrap_or_default();
        let sections = Sections::of(self);
        if let Some(fields) = value.as_object_mut() {
            fields.remove("tracking");
            fields.remove("idempotency");
            fields.insert("description".to_owned(), sections.description.into());
            let solution =
                [("environment", sections.environment), ("cause", sections.cause), ("resolution", sections.resolution)];
            for (name, text) in solution.into_iter().filter(|(_, text)| !text.is_empty()) {
                fields.insert(name.to_owned(), text.into());
            }
        }
        value
    }

    /// What the requester's page shows, and nothing else.
    pub fn public_view(&self) -> Value {
        let history = self.history.iter().filter(|entry| entry.public).map(|entry| {
            let by = if entry.by == "requester" { "requester" } else { "service desk" };
            json!({ "at": entry.at, "by": by, "action": entry.action, "note": entry.note })
        });
        let files =
            self.attachments.iter().map(|file| json!({ "name": file.name, "size": file.size, "sha256": file.sha256 }));
        let decisions = self.approval.iter().flat_map(|approval| &approval.decisions).map(|decision| {
            json!({ "at": decision.at, "by": decision.name, "approved": decision.approved, "reason": decision.reason })
        });
        let sections = Sections::of(self);
        json!({
            "id": self.id,
            "title": self.title,
            "type": self.kind,
            "urgency": self.urgency,
            "impact": self.impact,
            "status": self.status,
            "pending_on": self.pending_on,
            "team": self.team,
            "created_at": self.created_at,
            "accepted_at": self.accepted_at,
            "due_at": self.due_at,
            "resolved_at": self.resolved_at,
            "closed_at": self.closed_at,
            "occurred_at": self.occurred_at,
            "description": sections.description,
            "cause": sections.cause,
            "resolution": sections.resolution,
            "fields": self.fields,
            "attachments": files.collect::<Vec<_>>(),
            "approval": self.approval.as_ref().map(|it| json!({ "state": it.state, "decisions": decisions.collect::<Vec<_>>() })),
            "rating": self.rating,
            "merged_into": self.merged_into,
            "follows": self.follows,
            "history": history.collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ticket::tests::sample;
    use crate::ticket::{HistoryEntry, Ticket};

    #[test]
    fn the_requester_reads_no_notes_names_or_secrets() {
        let note = |text: &str, public| HistoryEntry {
            by: "li.si".into(),
            action: "note".into(),
            note: text.into(),
            to: "network/li.si".into(),
            public,
            ..HistoryEntry::default()
        };
        let mut ticket: Ticket = sample();
        ticket.assignee = "li.si".into();
        ticket.history.extend([note("内部", false), note("公开", true)]);
        let public = ticket.public_view().to_string();
        assert!(public.contains("公开") && !public.contains("内部") && !public.contains("li.si"), "{public}");
        let full = ticket.full_view().to_string();
        assert!(full.contains("内部") && !full.contains("tracking"), "{full}");
    }
}
