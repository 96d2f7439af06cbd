//! `[redaction]`: what the search for personal data may pass.

use schemars::JsonSchema;
use serde::Deserialize;

use super::resolve::Checker;
use super::spanned::Spanned;
use crate::diagnostic::nearest;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    /// What may stand although it looks like personal data: a number, an address, @lists.example.com, 10.0.0.0/8.
    #[serde(default)]
    allow: Vec<Spanned<String>>,
    /// Kinds that are not looked for.
    #[serde(default)]
    #[schemars(extend("items" = {"enum": Redaction::KINDS}))]
    off: Vec<Spanned<String>>,
}

/// `[redaction]`, resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redaction {
    /// Texts that are no personal data here: a phone number, an address, `@example.com`, `10.0.0.0/8`.
    pub allow: Vec<String>,
    /// Keys of the kinds that are not looked for: some of [`Redaction::KINDS`].
    pub off: Vec<String>,
}

impl Redaction {
    /// The kinds of personal data, as `off` names them.
    pub const KINDS: [&str; 9] =
        ["phone", "id_number", "email", "ip", "password", "bank_card", "token", "name", "address"];
}

pub(super) fn resolve(checker: &mut Checker<'_>, raw: Raw) -> Redaction {
    for allowed in raw.allow.iter().filter(|allowed| allowed.get_ref().trim().is_empty()) {
        let hint = "name what may stand in the texts, such as \"8000\" or \"it@example.com\"";
        checker.wrong(allowed.span(), "an entry of `allow` is empty", hint);
    }
    for kind in raw.off.iter().filter(|kind| !Redaction::KINDS.contains(&kind.get_ref().as_str())) {
        let hint = match nearest(kind.get_ref(), Redaction::KINDS) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use some of {}", Redaction::KINDS.join(", ")),
        };
        checker.wrong(kind.span(), format!("`{}` is no kind of personal data", kind.get_ref()), hint);
    }
    Redaction {
        allow: raw.allow.into_iter().map(|allowed| allowed.into_inner().trim().to_owned()).collect(),
        off: raw.off.into_iter().map(Spanned::into_inner).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

    #[test]
    fn a_misspelt_kind_is_named_with_the_nearest() {
        let read = |text: &str| Config::parse(Path::new("/"), &format!("title = '台'\n[redaction]\n{text}"));
        let good = read("allow = [' 8000 ']\noff = ['address']").unwrap().redaction;
        assert_eq!((good.allow, good.off), (vec!["8000".to_owned()], vec!["address".to_owned()]));
        assert!(Config::parse(Path::new("/"), "title = '台'").unwrap().redaction.allow.is_empty());
        let wrong = read("allow = ['']\noff = ['phones']").unwrap_err();
        assert_eq!(wrong.len(), 2);
        assert_eq!((wrong[1].line, wrong[1].hint.as_deref()), (4, Some("did you mean `phone`?")));
    }
}
