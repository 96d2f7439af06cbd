//! `helpmark user`: accounts of staff and of employees. A running server sees every change at once.

use std::io::BufRead as _;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Failure, print, say};
use crate::auth::{Account, Accounts, AuthError, Sessions, login_of, random_password};
use crate::config::Config;
use crate::diagnostic::nearest;
use crate::ticket::Role;

#[derive(Args)]
pub(super) struct User {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Add an account
    Add(Add),
    /// Give an account another password, and end its sessions
    Passwd(Passwd),
    /// List the accounts
    List(List),
    /// Change an account
    Set(Set),
    /// Take an account away; its tickets stay
    Remove(Remove),
}

#[derive(Args)]
struct Add {
    /// Latin letters, digits and . _ - @
    #[arg(value_name = "LOGIN", value_parser = login)]
    login: String,
    /// As colleagues read it
    #[arg(long)]
    name: String,
    /// employee, agent, lead or admin
    #[arg(long, value_parser = role)]
    role: Role,
    /// The key of a team of site.toml; may be given several times
    #[arg(long, value_name = "KEY")]
    team: Vec<String>,
    #[arg(long, default_value = "", hide_default_value = true)]
    email: String,
    #[arg(long, default_value = "", hide_default_value = true)]
    department: String,
    /// The language of what is sent to them [default: the site's]
    #[arg(long, default_value = "", hide_default_value = true)]
    lang: String,
    #[command(flatten)]
    password: NewPassword,
    /// No password: only the company's single sign-on lets them in
    #[arg(long, conflicts_with_all = ["password_stdin", "generate"])]
    no_password: bool,
}

/// Where a password comes from; without any of these it is asked for twice, and not shown.
#[derive(Args)]
struct NewPassword {
    /// Read the password from the first line of standard input
    #[arg(long, conflicts_with = "generate")]
    password_stdin: bool,
    /// Make a password and print it; it has to be changed at the first sign-in
    #[arg(long)]
    generate: bool,
}

#[derive(Args)]
struct Passwd {
    #[arg(value_name = "LOGIN", value_parser = login)]
    login: String,
    #[command(flatten)]
    password: NewPassword,
}

#[derive(Args)]
struct List {
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Set {
    #[arg(value_name = "LOGIN", value_parser = login)]
    login: String,
    #[arg(long)]
    name: Option<String>,
    /// employee, agent, lead or admin; another role ends the sessions
    #[arg(long, value_parser = role)]
    role: Option<Role>,
    /// The teams from now on; may be given several times
    #[arg(long, value_name = "KEY")]
    team: Vec<String>,
    /// No team any more
    #[arg(long, conflicts_with = "team")]
    no_team: bool,
    #[arg(long)]
    email: Option<String>,
    #[arg(long)]
    department: Option<String>,
    #[arg(long)]
    lang: Option<String>,
    /// Nobody can sign in to it, and its sessions end
    #[arg(long)]
    disable: bool,
    #[arg(long, conflicts_with = "disable")]
    enable: bool,
}

#[derive(Args)]
struct Remove {
    #[arg(value_name = "LOGIN", value_parser = login)]
    login: String,
}

fn login(text: &str) -> Result<String, String> {
    login_of(text).ok_or_else(|| AuthError::Login(text.to_owned()).to_string())
}

const ROLES: [Role; 4] = [Role::Employee, Role::Agent, Role::Lead, Role::Admin];

fn role(text: &str) -> Result<Role, String> {
    ROLES
        .into_iter()
        .find(|role| role.key() == text)
        .ok_or_else(|| format!("use one of: {}", ROLES.map(Role::key).join(", ")))
}

fn failure(error: AuthError) -> Failure {
    match error.is_wrong_request() {
        true => Failure::Wrong(error.to_string()),
        false => Failure::from(error),
    }
}

pub(super) fn run(config: Config, command: &User) -> Result<(), Failure> {
    let accounts = Accounts::open(&config.state_dir());
    let end_sessions = |login: &str| Sessions::open(&config.state_dir()).end_all(login);
    match &command.action {
        Action::Add(command) => add(&config, &accounts, command),
        Action::Passwd(command) => {
            known(&accounts, &command.login)?;
            let (password, made) = command.password.get(&command.login)?;
            accounts.set_password(&command.login, &password, made).map_err(failure)?;
            end_sessions(&command.login);
            tell(&password, made)
        }
        Action::List(command) => list(&accounts, command),
        Action::Set(command) => {
            set(&config, &accounts, command)?;
            if command.disable {
                end_sessions(&command.login);
            }
            Ok(())
        }
        Action::Remove(command) => {
            known(&accounts, &command.login)?;
            accounts.remove(&command.login).map_err(failure)?;
            end_sessions(&command.login);
            Ok(())
        }
    }
}

fn add(config: &Config, accounts: &Accounts, command: &Add) -> Result<(), Failure> {
    check_teams(config, &command.team)?;
    check_lang(config, &command.lang)?;
    if accounts.get(&command.login).is_some() {
        return Err(failure(AuthError::Exists(command.login.clone())));
    }
    let (password, made) = match command.no_password {
        true => (None, false),
        false => command.password.get(&command.login).map(|(password, made)| (Some(password), made))?,
    };
    let account = Account {
        login: command.login.clone(),
        name: command.name.trim().to_owned(),
        role: command.role,
        teams: command.team.clone(),
        email: command.email.trim().to_owned(),
        department: command.department.trim().to_owned(),
        lang: command.lang.clone(),
        disabled: false,
        must_change: made,
    };
    accounts.add(account, password.as_deref()).map_err(failure)?;
    tell(password.as_deref().unwrap_or(""), made)
}

/// A password that was made here is told once, alone on standard output.
fn tell(password: &str, made: bool) -> Result<(), Failure> {
    if made {
        say("the password, to be changed at the first sign-in; it is stored nowhere:");
        print(password)?;
    }
    Ok(())
}

fn list(accounts: &Accounts, command: &List) -> Result<(), Failure> {
    let all = accounts.list();
    if command.json {
        let view = |account: &Account| {
            json!({
                "login": account.login, "name": account.name, "role": account.role, "teams": account.teams,
                "email": account.email, "department": account.department, "lang": account.lang,
                "disabled": account.disabled, "password": accounts.has_password(&account.login),
            })
        };
        return print(&serde_json::to_string_pretty(&all.iter().map(view).collect::<Vec<_>>())?);
    }
    for account in &all {
        let disabled = if account.disabled { "  disabled" } else { "" };
        let teams = account.teams.join(",");
        print(&format!("{:<20} {:<9} {:<20} {}{disabled}", account.login, account.role.key(), teams, account.name))?;
    }
    print(&format!("{} accounts", all.len()))
}

fn set(config: &Config, accounts: &Accounts, command: &Set) -> Result<(), Failure> {
    known(accounts, &command.login)?;
    check_teams(config, &command.team)?;
    check_lang(config, command.lang.as_deref().unwrap_or(""))?;
    let changed = accounts.update(&command.login, |account| {
        let put = |place: &mut String, value: &Option<String>| {
            if let Some(value) = value {
                *place = value.trim().to_owned();
            }
        };
        put(&mut account.name, &command.name);
        put(&mut account.email, &command.email);
        put(&mut account.department, &command.department);
        put(&mut account.lang, &command.lang);
        account.role = command.role.unwrap_or(account.role);
        if command.no_team || !command.team.is_empty() {
            account.teams = command.team.clone();
        }
        account.disabled = (account.disabled || command.disable) && !command.enable;
    });
    changed.map(drop).map_err(failure)
}

/// The login must be there, and is asked for before a password is.
fn known(accounts: &Accounts, login: &str) -> Result<(), Failure> {
    let all = accounts.list();
    if all.iter().any(|account| account.login == login) {
        return Ok(());
    }
    let hint = match nearest(login, all.iter().map(|account| account.login.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`helpmark user list` shows all".to_owned(),
    };
    Err(Failure::Wrong(format!("{}\n    hint: {hint}", AuthError::Unknown(login.to_owned()))))
}

fn check_teams(config: &Config, teams: &[String]) -> Result<(), Failure> {
    let known = || config.teams.iter().map(|team| team.key.as_str());
    let Some(unknown) = teams.iter().find(|team| !known().any(|key| key == team.as_str())) else { return Ok(()) };
    let hint = match nearest(unknown, known()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the teams of site.toml are {}", known().collect::<Vec<_>>().join(", ")),
    };
    Err(Failure::Wrong(format!("there is no team `{unknown}`\n    hint: {hint}")))
}

fn check_lang(config: &Config, lang: &str) -> Result<(), Failure> {
    match lang.is_empty() || config.language(lang).is_some() {
        true => Ok(()),
        false => Err(Failure::Wrong(format!("the site has no language `{lang}`"))),
    }
}

impl NewPassword {
    /// The password, and whether it was made here.
    fn get(&self, login: &str) -> Result<(String, bool), Failure> {
        if self.generate {
            return Ok((random_password().map_err(failure)?, true));
        }
        if self.password_stdin {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            return Ok((line.trim_end_matches(['\r', '\n']).to_owned(), false));
        }
        ask(login).map(|password| (password, false))
    }
}

/// Asks twice on the terminal, without showing what is typed.
fn ask(login: &str) -> Result<String, Failure> {
    let terminal = console::Term::stderr();
    if !console::user_attended() || !terminal.is_term() {
        let message = "there is no terminal to ask for the password on\n    hint: use --password-stdin or --generate";
        return Err(Failure::Wrong(message.to_owned()));
    }
    terminal.write_str(&format!("password for {login}: "))?;
    let password = terminal.read_secure_line()?;
    crate::auth::check_password(login, &password).map_err(|weak| failure(weak.into()))?;
    terminal.write_str("the same again: ")?;
    match terminal.read_secure_line()? == password {
        true => Ok(password),
        false => Err(Failure::Wrong("the two passwords are not the same; nothing was changed".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        command: User,
    }

    fn ask(config: &Config, words: &[&str]) -> Result<(), Failure> {
        run(config.clone(), &Line::try_parse_from(["user"].iter().chain(words)).unwrap().command)
    }

    fn refused(config: &Config, words: &[&str]) -> String {
        match ask(config, words) {
            Err(Failure::Wrong(message)) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_account_is_added_changed_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::parse(dir.path(), "title = '服务台'").unwrap();
        let accounts = Accounts::open(&config.state_dir());
        ask(&config, &["add", "Wang", "--name", "王芳", "--role", "agent", "--team", "network", "--generate"]).unwrap();
        let wang = accounts.get("wang").unwrap();
        assert_eq!(
            (wang.role, wang.teams.as_slice(), wang.must_change),
            (Role::Agent, &["network".to_owned()][..], true)
        );
        ask(&config, &["set", "wang", "--role", "lead", "--email", "w@example.com", "--disable"]).unwrap();
        let wang = accounts.get("wang").unwrap();
        assert_eq!((wang.role, wang.disabled, wang.email.as_str()), (Role::Lead, true, "w@example.com"));
        assert_eq!(wang.teams, ["network"], "what is not named stays");
        ask(&config, &["set", "wang", "--enable", "--no-team"]).unwrap();
        let wang = accounts.get("wang").unwrap();
        assert!(!wang.disabled && wang.teams.is_empty());
        ask(&config, &["list"]).unwrap();
        ask(&config, &["list", "--json"]).unwrap();
        ask(&config, &["remove", "wang"]).unwrap();
        assert_eq!(accounts.list(), []);
    }

    #[test]
    fn what_is_wrong_is_told_with_the_nearest() {
        let dir = tempfile::tempdir().unwrap();
        let config = Config::parse(dir.path(), "title = '服务台'").unwrap();
        let add = ["add", "wang", "--name", "王芳", "--role", "agent", "--no-password"];
        let with = |more: &[&'static str]| [&add, more].concat();
        assert!(refused(&config, &with(&["--team", "netwrok"])).contains("did you mean `network`?"));
        assert!(refused(&config, &with(&["--lang", "fr"])).contains("`fr`"));
        ask(&config, &add).unwrap();
        assert!(refused(&config, &add).contains("there is an account `wang` already"));
        assert!(refused(&config, &["passwd", "wagn", "--generate"]).contains("did you mean `wang`?"));
        for usage in [&["add", "系统", "--name", "x", "--role", "agent"][..], &["set", "wang", "--role", "system"]] {
            assert!(Line::try_parse_from(["user"].iter().chain(usage)).is_err(), "{usage:?}");
        }
    }
}
