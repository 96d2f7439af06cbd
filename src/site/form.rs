//! The ticket form's choices, in one language: the static page and the server's share them.

use std::collections::BTreeMap;

use super::common::{href, language_prefix};
use super::context::{ChoiceOption, FormField, TicketForm, TypeOption};
use super::promise;
use crate::config::{Choice, Config, FieldKind, RequestType};

/// The form as it stands before anybody typed: the first type, the mildest urgency and the smallest impact chosen.
pub fn empty(config: &Config, lang: &str) -> TicketForm {
    let last = config.urgencies.len().saturating_sub(1);
    TicketForm {
        action: href(config, &format!("{}/tickets/new", language_prefix(config, lang))),
        types: config
            .types
            .iter()
            .map(|kind| TypeOption {
                key: kind.key.clone(),
                name: kind.name.get(lang).to_owned(),
                help: kind.help.get(lang).to_owned(),
                selected: false,
                needs_approval: kind.needs_approval,
                fields: kind
                    .fields
                    .iter()
                    .map(|field| FormField {
                        // Two types may ask a question of the same key.
                        name: format!("{}.{}", kind.key, field.key),
                        label: field.label.get(lang).to_owned(),
                        kind: match field.kind {
                            FieldKind::Text => "text",
                            FieldKind::Choice => "choice",
                            FieldKind::Date => "date",
                        },
                        required: field.required,
                        choices: field.choices.iter().map(|it| option(it, lang, false)).collect(),
                        value: String::new(),
                    })
                    .collect(),
            })
            .collect(),
        urgencies: config
            .urgencies
            .iter()
            .enumerate()
            .map(|(index, urgency)| ChoiceOption {
                key: urgency.key.clone(),
                name: urgency.name.get(lang).to_owned(),
                help: urgency.help.get(lang).to_owned(),
                selected: index == last,
            })
            .collect(),
        impacts: config.impacts.iter().enumerate().map(|(index, it)| option(it, lang, index == 0)).collect(),
        teams: teams(config, lang),
        promises: config.urgencies.iter().map(|urgency| (urgency.key.clone(), promise::of(urgency, lang))).collect(),
        max_attachments: config.tickets.max_attachments,
        max_attachment_mb: config.tickets.max_attachment_size / (1024 * 1024),
        ..TicketForm::default()
    }
}

fn option(choice: &Choice, lang: &str, selected: bool) -> ChoiceOption {
    ChoiceOption { key: choice.key.clone(), name: choice.name.get(lang).to_owned(), help: String::new(), selected }
}

/// `由网络组处理`, by the type's key.
fn teams(config: &Config, lang: &str) -> BTreeMap<String, String> {
    let team = |kind: &RequestType| config.teams.iter().find(|team| team.key == kind.team);
    let words = |name: &str| if lang == "zh" { format!("由{name}处理") } else { format!("Goes to {name}") };
    let known = config.types.iter().filter_map(|kind| Some((kind.key.clone(), words(team(kind)?.name.get(lang)))));
    known.collect()
}
