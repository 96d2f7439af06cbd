//! The ticket form as the template sees it: the site's questions, and every word that was typed.

use std::collections::BTreeMap;

use crate::config::{Config, Field, RequestType};
use crate::site;
use crate::site::context::{ChoiceOption, FieldError, TicketForm};
use crate::ticket;
use crate::web::session::SessionActor;

/// The name of a type's own question in the form: all types' questions stand in one page, and two types may ask for
/// an `application`.
fn control_name(kind: &RequestType, field: &Field) -> String {
    format!("{}.{}", kind.key, field.key)
}

/// What the form need not ask of somebody who is signed in.
pub(super) fn known_of(who: &SessionActor) -> BTreeMap<String, String> {
    let known = [("name", &who.actor.name), ("department", &who.account.department), ("contact", &who.account.email)];
    let known = known.into_iter().filter(|(_, value)| !value.is_empty());
    known.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

/// The form, filled with `values`.
pub(super) fn context(
    config: &Config,
    lang: &str,
    values: &BTreeMap<String, String>,
    errors: Vec<FieldError>,
    idempotency_key: String,
) -> TicketForm {
    let mut form = site::form::empty(config, lang);
    let value = |name: &str| values.get(name).map(String::as_str).filter(|value| !value.is_empty());
    for (option, kind) in form.types.iter_mut().zip(&config.types) {
        option.selected = value("type") == Some(&kind.key);
        for (control, field) in option.fields.iter_mut().zip(&kind.fields) {
            control.name = control_name(kind, field);
            // A program that posts the form by the plain key means the type it names.
            let plain = || value(&field.key).filter(|_| option.selected);
            control.value = value(&control.name).or_else(plain).unwrap_or_default().to_owned();
            choose(&mut control.choices, Some(&control.value));
        }
    }
    choose(&mut form.urgencies, value("urgency"));
    choose(&mut form.impacts, value("impact"));
    form.errors = errors.into_iter().map(|error| on_its_control(config, values, error)).collect();
    form.values = values.clone();
    form.idempotency_key = idempotency_key;
    form.origin_query = value("query").unwrap_or_default().to_owned();
    form
}

/// Marks the chosen option; without a choice the form's own proposal stays.
fn choose(options: &mut [ChoiceOption], key: Option<&str>) {
    if let Some(key) = key {
        options.iter_mut().for_each(|option| option.selected = option.key == key);
    }
}

/// An error on a type's own question, named as the form names it whatever the request called it.
fn on_its_control(config: &Config, values: &BTreeMap<String, String>, error: FieldError) -> FieldError {
    let kind = values.get("type").and_then(|key| config.request_type(key));
    let own = kind.and_then(|kind| Some((kind, kind.fields.iter().find(|field| field.key == error.field)?)));
    match own {
        Some((kind, field)) => FieldError { field: control_name(kind, field), ..error },
        None => error,
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
        let form = context(&config, "en", &values, vec![error], "key".to_owned());
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
