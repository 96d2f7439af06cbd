//! Accounts: who may sign in, as what. A generated password is shown on the answer to the form that asked for it, and
//! nowhere else.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::super::controls::options;
use super::super::who::Admin;
use super::super::words::{pick, sentence, team_name};
use super::super::{Page, private, with_status};
use super::{blocking, tabs};
use crate::auth::{Account, AuthError, login_of, random_password};
use crate::site::context::ChoiceOption;
use crate::site::context::admin::{AccountForm, AccountRow, DeskAccount, DeskAccounts, Secret};
use crate::site::context::desk::{DeskField, DeskTrouble};
use crate::ticket::Role;
use crate::web::error::WebError;
use crate::web::{App, url};

const ROLES: [Role; 4] = [Role::Employee, Role::Agent, Role::Lead, Role::Admin];

/// A form whose names may come again.
type Pairs = Vec<(String, String)>;

/// What a form says of an account; teams and languages that the site has not are left out.
#[derive(Default)]
struct Given {
    values: BTreeMap<String, String>,
    teams: Vec<String>,
}

impl Given {
    fn read(pairs: Pairs, page: &Page) -> Self {
        let known = |key: &String| page.snapshot.config.teams.iter().any(|team| team.key == *key);
        let teams = pairs.iter().filter(|(name, value)| name == "team" && known(value));
        Self { teams: teams.map(|(_, value)| value.clone()).collect(), values: pairs.into_iter().collect() }
    }

    fn of(account: &Account) -> Self {
        let pairs = [
            ("login", &account.login),
            ("name", &account.name),
            ("email", &account.email),
            ("department", &account.department),
            ("lang", &account.lang),
        ];
        let mut values: BTreeMap<_, _> =
            pairs.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
        values.insert("role".to_owned(), account.role.key().to_owned());
        Self { values, teams: account.teams.clone() }
    }

    fn text(&self, name: &str) -> String {
        let text = self.values.get(name).map_or("", |value| value.trim());
        text.split(char::is_control).collect::<String>()
    }

    fn role(&self) -> Option<Role> {
        let role = self.text("role");
        ROLES.into_iter().find(|known| known.key() == role)
    }

    /// A language of the site, or the site's own.
    fn lang(&self, page: &Page) -> String {
        Some(self.text("lang")).filter(|lang| page.snapshot.config.language(lang).is_some()).unwrap_or_default()
    }

    fn form(&self, page: &Page, is_new: bool, wrong: (&str, &str)) -> AccountForm {
        let (config, lang) = (&*page.snapshot.config, page.viewer.lang.as_str());
        let field = |name: &'static str, label: &str, required: bool, help: &str| DeskField {
            name,
            id: format!("account-{name}"),
            label: label.to_owned(),
            kind: "line",
            required,
            help: help.to_owned(),
            value: self.text(name),
            choices: Vec::new(),
            error: if wrong.0 == name { wrong.1.to_owned() } else { String::new() },
        };
        let mut fields = Vec::new();
        if is_new {
            let help = pick(lang, "字母、数字和 . _ - @", "Letters, digits and . _ - @");
            fields.push(field("login", pick(lang, "登录名", "Login"), true, help));
        }
        fields.push(field("name", pick(lang, "姓名", "Name"), true, ""));
        fields.push(field("email", pick(lang, "邮箱", "E-mail"), false, ""));
        fields.push(field("department", pick(lang, "部门", "Department"), false, ""));
        let role = self.role().unwrap_or(Role::Employee);
        let roles = ROLES.map(|role| (role.key().to_owned(), role.name(lang).to_owned()));
        let team = |team: &crate::config::Choice| ChoiceOption {
            key: team.key.clone(),
            name: team.name.get(lang).to_owned(),
            help: String::new(),
            selected: self.teams.contains(&team.key),
        };
        let usual = (String::new(), pick(lang, "（网站默认）", "(the site's)").to_owned());
        let languages = config.languages.iter().map(|one| (one.code.clone(), one.name.clone()));
        AccountForm {
            fields,
            roles: options(roles.to_vec(), role.key()),
            teams: config.teams.iter().map(team).collect(),
            languages: match config.languages.len() {
                0 | 1 => Vec::new(),
                _ => options(std::iter::once(usual).chain(languages).collect(), &self.text("lang")),
            },
        }
    }
}

fn row(page: &Page, account: &Account) -> AccountRow {
    let (config, lang) = (&*page.snapshot.config, page.viewer.lang.as_str());
    AccountRow {
        login: account.login.clone(),
        name: account.name.clone(),
        role: account.role.name(lang).to_owned(),
        teams: account.teams.iter().map(|team| team_name(config, team, lang)).collect(),
        email: account.email.clone(),
        department: account.department.clone(),
        disabled: account.disabled,
        own: account.login == page.viewer.actor.account,
        url: page.url(&format!("/admin/accounts/{}", url::encode(&account.login))),
    }
}

pub(super) async fn list(
    State(app): State<App>,
    admin: Admin,
    axum::extract::Query(parameters): axum::extract::Query<BTreeMap<String, String>>,
) -> Result<Response, WebError> {
    let page = Page::new(&app, &admin.0);
    let given = Given::default();
    accounts(&app, &page, &parameters, given.form(&page, true, ("", "")), None, None).await
}

async fn accounts(
    app: &App,
    page: &Page,
    parameters: &BTreeMap<String, String>,
    form: AccountForm,
    trouble: Option<DeskTrouble>,
    secret: Option<Secret>,
) -> Result<Response, WebError> {
    let known = app.accounts.clone();
    let all = blocking(move || known.list()).await?;
    let context = DeskAccounts {
        desk: page.desk("admin", parameters),
        tabs: tabs(page, "accounts"),
        accounts: all.iter().map(|account| row(page, account)).collect(),
        form,
        trouble,
        secret,
    };
    page.render("desk_accounts.html", pick(&page.viewer.lang, "账号", "Accounts"), "/admin", &context)
}

pub(super) async fn add(
    State(app): State<App>,
    admin: Admin,
    headers: HeaderMap,
    Form(pairs): Form<Pairs>,
) -> Result<Response, WebError> {
    let page = Page::new(&app, &admin.0);
    let given = Given::read(pairs, &page);
    admin.0.expect_csrf(&headers, &given.values)?;
    let lang = page.viewer.lang.as_str();
    let none = BTreeMap::new();
    let wrong = |field: &'static str, message: String| {
        (given.form(&page, true, (field, &message)), Some(refused(lang, message.clone(), field)))
    };
    let (Some(login), Some(role)) = (login_of(&given.text("login")), given.role()) else {
        let message = pick(
            lang,
            "登录名要用 1 到 64 个英文字母、数字和 . _ - @，以字母或数字开头",
            "A login is 1 to 64 Latin letters, digits and . _ - @, a letter or a digit first",
        );
        let (form, trouble) = wrong("login", message.to_owned());
        let response = accounts(&app, &page, &none, form, trouble, None).await?;
        return Ok(with_status(StatusCode::UNPROCESSABLE_ENTITY, response));
    };
    let name = given.text("name");
    if name.is_empty() {
        let (form, trouble) = wrong("name", pick(lang, "请填写姓名", "Give a name").to_owned());
        let response = accounts(&app, &page, &none, form, trouble, None).await?;
        return Ok(with_status(StatusCode::UNPROCESSABLE_ENTITY, response));
    }
    // Nobody is given a password who comes by the company's sign-on alone.
    let by_sign_on = given.values.contains_key("no_password");
    let account = Account {
        login,
        name: name.clone(),
        role,
        teams: given.teams.clone(),
        email: given.text("email"),
        department: given.text("department"),
        lang: given.lang(&page),
        disabled: false,
        must_change: !by_sign_on,
    };
    let known = app.accounts.clone();
    let added = blocking(move || {
        let password = if by_sign_on { None } else { Some(random_password()?) };
        known.add(account, password.as_deref())?;
        Ok::<_, AuthError>(password)
    });
    match added.await? {
        Ok(None) => Ok(private(Redirect::to(&page.url("/admin?said=ended")).into_response())),
        Ok(Some(password)) => {
            let secret = Some(Secret { name, password });
            accounts(&app, &page, &none, Given::default().form(&page, true, ("", "")), None, secret).await
        }
        Err(AuthError::Exists(login)) => {
            let message = match lang {
                "zh" => format!("已经有账号“{login}”了"),
                _ => format!("There is an account “{login}” already"),
            };
            let (form, trouble) = wrong("login", message);
            let response = accounts(&app, &page, &none, form, trouble, None).await?;
            Ok(with_status(StatusCode::CONFLICT, response))
        }
        Err(error) => Err(WebError::internal(error)),
    }
}

fn refused(lang: &str, message: String, field: &str) -> DeskTrouble {
    let heading = pick(lang, "没有保存", "Not saved").to_owned();
    DeskTrouble { kind: "refused", heading, message, field: field.to_owned() }
}

pub(super) async fn show(
    State(app): State<App>,
    admin: Admin,
    Path(at): Path<BTreeMap<String, String>>,
    axum::extract::Query(parameters): axum::extract::Query<BTreeMap<String, String>>,
) -> Result<Response, WebError> {
    let page = Page::new(&app, &admin.0);
    let account = find(&app, &at).await?;
    one(&page, &parameters, &account, Given::of(&account), None, None)
}

/// The account of an address.
async fn find(app: &App, at: &BTreeMap<String, String>) -> Result<Account, WebError> {
    let (accounts, login) = (app.accounts.clone(), at.get("login").cloned().unwrap_or_default());
    blocking(move || accounts.get(&login)).await?.ok_or(WebError::NotFound)
}

fn one(
    page: &Page,
    parameters: &BTreeMap<String, String>,
    account: &Account,
    given: Given,
    trouble: Option<DeskTrouble>,
    secret: Option<Secret>,
) -> Result<Response, WebError> {
    let wrong = trouble.as_ref().map_or(("", ""), |trouble| (trouble.field.as_str(), trouble.message.as_str()));
    let context = DeskAccount {
        desk: page.desk("admin", parameters),
        tabs: tabs(page, "accounts"),
        back_url: page.url("/admin"),
        account: row(page, account),
        form: given.form(page, false, wrong),
        trouble,
        secret,
    };
    let path = format!("/admin/accounts/{}", url::encode(&account.login));
    page.render("desk_account.html", &account.name, &path, &context)
}

/// `do`: `save`, `reset`, `disable` or `enable`.
pub(super) async fn change(
    State(app): State<App>,
    admin: Admin,
    Path(at): Path<BTreeMap<String, String>>,
    headers: HeaderMap,
    Form(pairs): Form<Pairs>,
) -> Result<Response, WebError> {
    let page = Page::new(&app, &admin.0);
    let given = Given::read(pairs, &page);
    admin.0.expect_csrf(&headers, &given.values)?;
    let (account, lang) = (find(&app, &at).await?, page.viewer.lang.as_str());
    let (login, own) = (account.login.clone(), account.login == page.viewer.actor.account);
    let known = app.accounts.clone();
    let work = given.text("do");
    let none = BTreeMap::new();
    let not_own = || {
        let message = pick(
            lang,
            "不能修改自己的角色，也不能停用自己：请另一位管理员来做",
            "You cannot change your own role or disable yourself: ask another administrator",
        );
        refused(lang, message.to_owned(), "role")
    };
    let changed = match work.as_str() {
        "reset" => {
            let target = login.clone();
            let made = blocking(move || {
                let password = random_password()?;
                known.set_password(&target, &password, true)?;
                Ok::<_, AuthError>(password)
            });
            let password = made.await?.map_err(of_auth)?;
            app.sessions.end_all(&login);
            let secret = Some(Secret { name: account.name.clone(), password });
            return one(&page, &none, &account, Given::of(&account), None, secret);
        }
        "disable" if own => {
            let response = one(&page, &none, &account, Given::of(&account), Some(not_own()), None)?;
            return Ok(with_status(StatusCode::CONFLICT, response));
        }
        "disable" | "enable" => {
            let (target, disabled) = (login.clone(), work == "disable");
            blocking(move || known.update(&target, |account| account.disabled = disabled)).await?
        }
        "save" => {
            let (name, role) = (given.text("name"), given.role().unwrap_or(account.role));
            let trouble = match (name.is_empty(), own && role != account.role) {
                (true, _) => Some(refused(lang, pick(lang, "请填写姓名", "Give a name").to_owned(), "name")),
                (_, true) => Some(not_own()),
                _ => None,
            };
            if trouble.is_some() {
                let response = one(&page, &none, &account, given, trouble, None)?;
                return Ok(with_status(StatusCode::UNPROCESSABLE_ENTITY, response));
            }
            let (teams, email, department) = (given.teams.clone(), given.text("email"), given.text("department"));
            let (target, language) = (login.clone(), given.lang(&page));
            let put = move |account: &mut Account| {
                *account = Account { name, role, teams, email, department, lang: language, ..account.clone() };
            };
            blocking(move || known.update(&target, put)).await?
        }
        _ => return Err(WebError::BadRequest(String::new())),
    };
    let changed = changed.map_err(of_auth)?;
    if changed.disabled || changed.role != account.role {
        app.sessions.end_all(&login);
    }
    let to = page.url(&format!("/admin/accounts/{}?said=ended", url::encode(&login)));
    Ok(private(Redirect::to(&to).into_response()))
}

fn of_auth(error: AuthError) -> WebError {
    match error {
        AuthError::Unknown(_) => WebError::NotFound,
        error if error.is_wrong_request() => WebError::Conflict(sentence(&error.to_string(), "en")),
        error => WebError::internal(error),
    }
}
