//! Reading `[notices]`.

use super::*;
use crate::config::Config;

fn config(notices: &str) -> Result<Notices, Vec<String>> {
    let parsed = Config::parse(Path::new("/site"), &format!("title = \"T\"\n{notices}"));
    parsed.map(|config| config.notices).map_err(|found| found.iter().map(ToString::to_string).collect())
}

#[test]
fn reads_mail_and_webhooks() {
    let notices = config(
        "[notices.mail]\nserver = \"smtp.example.com\"\nfrom = \"IT <it@example.com>\"\ncontact_domains = [\"Example.com\"]\nlogin_env = \"L\"\npassword_file = \"secrets/mail\"\n\
         [[notices.webhooks]]\nkind = \"wecom\"\nurl_env = \"WECOM\"\n\
         [[notices.webhooks]]\nkind = \"json\"\nname = \"sms\"\nurl = \"https://sms.example.com/in\"\nevents = [\"escalated\"]\nteams = [\"network\"]\nlang = \"en\"\n",
    )
    .unwrap();
    let mail = notices.mail.unwrap();
    assert_eq!((mail.port, mail.security), (587, Security::Starttls));
    assert_eq!(mail.contact_domains, ["example.com"]);
    assert_eq!(mail.password, Some(Secret::File("/site/secrets/mail".into())));
    let [wecom, sms] = &notices.webhooks[..] else { panic!() };
    assert_eq!((wecom.name.as_str(), wecom.lang.as_str(), wecom.include_title), ("wecom-1", "zh", false));
    assert!(wecom.wants("filed", "any") && !wecom.wants("replied", "any"));
    assert!(sms.wants("escalated", "network") && !sms.wants("escalated", "desktop"));
    assert!(notices.allowed_hosts.contains("oapi.dingtalk.com"));
}

#[test]
fn a_secret_written_out_is_refused_and_not_repeated() {
    let found = config(
        "[notices.mail]\nserver = \"s.example.com\"\nfrom = \"it@example.com\"\nlogin = \"me\"\npassword = \"hunter2\"\n\
         [[notices.webhooks]]\nkind = \"dingtalk\"\nurl = \"https://oapi.dingtalk.com/robot/send?access_token=hunter2\"\nsecret = \"hunter2\"\n",
    )
    .unwrap_err()
    .join("\n");
    for word in ["`login` is a secret", "`password` is a secret", "holds its key", "`secret` is a secret"] {
        assert!(found.contains(word), "{word} is missing in\n{found}");
    }
    assert!(!found.contains("hunter2"), "{found}");
}

#[test]
fn what_cannot_work_is_said_with_its_place() {
    let found = config(
        "[notices.mail]\nserver = \"smtp.example.com:587\"\nfrom = \"nobody\"\nsecurity = \"none\"\npassword_env = \"P\"\nlogin_env = \"L\"\ncontact_domains = [\"it@example.com\"]\n\
         [[notices.webhooks]]\nkind = \"wecom\"\nevents = [\"field\"]\nteams = [\"netwrok\"]\nlang = \"fr\"\n",
    )
    .unwrap_err()
    .join("\n");
    for word in [
        "not the name of a mail server",
        "not a mail address",
        "in the open",
        "did you mean `filed`",
        "did you mean `network`",
        "no language `fr`",
        "has no address",
        "`it@example.com` is not the domain",
    ] {
        assert!(found.contains(word), "{word} is missing in\n{found}");
    }
}

#[test]
fn a_secret_in_a_file_is_read_without_its_end_of_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secret");
    let secret = Secret::File(path.clone());
    assert!(secret.read().unwrap_err().to_string().contains(path.to_str().unwrap()));
    std::fs::write(&path, "SEC123\r\n").unwrap();
    assert_eq!(secret.read().unwrap(), "SEC123");
    std::fs::write(&path, "\n").unwrap();
    assert!(secret.read().is_err());
}
