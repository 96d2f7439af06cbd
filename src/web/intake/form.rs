//! The ticket form as the template sees it: the site's questions, and every word that was typed.

use std::collections::BTreeMap;

use crate::config::{Choice, Config, Field, FieldKind, RequestType};
use crate::site::context::{ChoiceOption, FieldError, FormField, TicketForm, TypeOption};
use crate::ticket;

/// The name of a type's own question in the form: all types' questions stand in one page, and two types may ask for
/// an `application`.
pub(super) fn control_name(kind: &RequestType, field: &Field) -> String {
    format!("{}.{}", kind.key, field.key)
}

/// The form, filled with `values`.
pub(super) fn context(
    config: &Config,
    lang: &str,
    values: &BTreeMap<String, String>,
    errors: Vec<FieldError>,
    action: String,
    idempotency_key: String,
) -> TicketForm {
    let value = |name: &str| values.get(name).map_or("", String::as_str);
    let kind = value("type");
    let impact = if value("impact").is_empty() { "me" } else { value("impact") };
    let urgencies = config.urgencies.iter().map(|urgency| ChoiceOption {
        key: urgency.key.clone(),
        name: urgency.name.get(lang).to_owned(),
        help: urgency.help.get(lang).to_owned(),
        selected: urgency.key == value("urgency"),
    });
    TicketForm {
        action,
        errors: errors.into_iter().map(|error| on_its_control(config, kind, error)).collect(),
        failure: String::new(),
        types: config.types.iter().map(|option| type_option(option, lang, kind, values)).collect(),
        urgencies: urgencies.collect(),
        impacts: config.impacts.iter().map(|choice| choice_option(choice, lang, impact)).collect(),
        values: values.clone(),
        idempotency_key,
        max_attachments: config.tickets.max_attachments,
        max_attachment_mb: config.tickets.max_attachment_size / (1024 * 1024),
        origin_query: value("query").to_owned(),
        origin_title: String::new(),
    }
}

/// An error on a type's own question, named as the form names it whatever the request called it.
fn on_its_control(config: &Config, kind: &str, error: FieldError) -> FieldError {
    let kind = config.request_type(kind);
    let own = kind.and_then(|kind| Some((kind, kind.fields.iter().find(|field| field.key == error.field)?)));
    match own {
        Some((kind, field)) => FieldError { field: control_name(kind, field), ..error },
        None => error,
    }
}

fn choice_option(choice: &Choice, lang: &str, selected: &str) -> ChoiceOption {
    ChoiceOption {
        key: choice.key.clone(),
        name: choice.name.get(lang).to_owned(),
        help: String::new(),
        selected: choice.key == selected,
    }
}

fn type_option(kind: &RequestType, lang: &str, selected: &str, values: &BTreeMap<String, String>) -> TypeOption {
    let is_selected = kind.key == selected;
    let field = |field: &Field| {
        let name = control_name(kind, field);
        // A program that posts the form by the plain key means the type it names.
        let plain = values.get(&field.key).filter(|_| is_selected);
        let value = values.get(&name).or(plain).cloned().unwrap_or_default();
        FormField {
            label: field.label.get(lang).to_owned(),
            kind: match field.kind {
                FieldKind::Text => "text",
                FieldKind::Choice => "choice",
                FieldKind::Date => "date",
            },
            required: field.required,
            choices: field.choices.iter().map(|choice| choice_option(choice, lang, &value)).collect(),
            name,
            value,
        }
    };
    TypeOption {
        key: kind.key.clone(),
        name: kind.name.get(lang).to_owned(),
        help: kind.help.get(lang).to_owned(),
        selected: is_selected,
        needs_approval: kind.needs_approval,
        fields: kind.fields.iter().map(field).collect(),
    }
}

/// The store's words for the template.
pub(super) fn field_error(error: ticket::FieldError) -> FieldError {
    FieldError { field: error.field, message: error.message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_comes_back_on_its_control() {
        let config = Config::parse(std::path::Path::new("/x"), "title = '服务台'").unwrap();
        let typed =
            [("type", "software"), ("application", "VPN"), ("hardware.location", "三楼"), ("urgency", "normal")];
        let values = typed.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let error = FieldError { field: "application".to_owned(), message: "x".to_owned() };
        let form = context(&config, "en", &values, vec![error], String::new(), "key".to_owned());
        assert_eq!(form.errors[0].field, "software.application");
        let own = |key: &str| form.types.iter().find(|kind| kind.key == key).unwrap();
        assert_eq!((own("software").selected, own("software").fields[0].value.as_str()), (true, "VPN"));
        assert_eq!(own("howto").fields[0].value, "", "the other type's question of the same key stays empty");
        assert_eq!(own("hardware").fields[2].value, "三楼");
        assert!(form.impacts.iter().any(|impact| impact.selected && impact.key == "me"));
        assert!(form.urgencies.iter().any(|urgency| urgency.selected && urgency.name == "Normal"));
        let names: std::collections::BTreeSet<_> =
            form.types.iter().flat_map(|kind| &kind.fields).map(|field| &field.name).collect();
        assert_eq!(names.len(), form.types.iter().map(|kind| kind.fields.len()).sum::<usize>(), "no name twice");
    }
}
