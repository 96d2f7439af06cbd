//! What the sign-in pages say, in Chinese for `zh` and in English for every other language.

use crate::auth::{MIN_PASSWORD, WeakPassword};

fn pick<'a>(lang: &str, zh: &'a str, en: &'a str) -> &'a str {
    if lang == "zh" { zh } else { en }
}

pub(super) fn sign_in_title(lang: &str) -> &'static str {
    pick(lang, "登录", "Sign in")
}

pub(super) fn my_title(lang: &str) -> &'static str {
    pick(lang, "我的工单", "My tickets")
}

pub(super) fn stale_form(lang: &str) -> &'static str {
    pick(
        lang,
        "这个页面是在另一次登录时打开的。请刷新页面后再提交一次。",
        "This page was opened in another session. Reload it and send again.",
    )
}

pub(super) fn staff_only(lang: &str) -> &'static str {
    pick(
        lang,
        "这一页只对服务台人员开放。自己的工单请看“我的工单”。",
        "This page is for the service desk alone. Your own tickets are under “My tickets”.",
    )
}

/// The same for a wrong password, an unknown login and a disabled account.
pub(super) fn wrong(lang: &str) -> &'static str {
    pick(
        lang,
        "账号或密码不对。请检查大小写和输入法后重试；忘记密码请联系管理员重置。",
        "Login or password is wrong. Check capitals and the input method. If you forgot it, an administrator can reset it.",
    )
}

pub(super) fn password_title(lang: &str) -> &'static str {
    pick(lang, "修改密码", "Change password")
}

pub(super) fn wrong_current(lang: &str) -> &'static str {
    pick(lang, "当前密码不对", "This is not your present password")
}

pub(super) fn same_as_before(lang: &str) -> &'static str {
    pick(lang, "新密码不能和当前密码相同", "Choose another password than the present one")
}

pub(super) fn not_the_same(lang: &str) -> &'static str {
    pick(lang, "两次输入的新密码不一样", "This is not the same as the new password")
}

pub(super) fn weak(lang: &str, why: WeakPassword) -> String {
    match (lang, why) {
        ("zh", WeakPassword::Short) => format!("密码太短，至少 {MIN_PASSWORD} 个字符；一句话最好记"),
        ("zh", WeakPassword::Long) => "密码太长，请缩短".to_owned(),
        ("zh", WeakPassword::Common) => "这个密码太容易被猜到，请换一个，比如一句话".to_owned(),
        (_, WeakPassword::Short) => {
            format!("Too short: use at least {MIN_PASSWORD} characters; a sentence is easiest to keep in mind")
        }
        (_, WeakPassword::Long) => "Too long: shorten it".to_owned(),
        (_, WeakPassword::Common) => "Easily guessed: use another one, such as a sentence".to_owned(),
    }
}

pub(super) fn need_login(lang: &str) -> &'static str {
    pick(lang, "请填写账号", "Fill in: login")
}

pub(super) fn need_password(lang: &str) -> &'static str {
    pick(lang, "请填写密码", "Fill in: password")
}

/// `seconds` until the next try.
pub(super) fn wait(lang: &str, seconds: u64) -> String {
    match (lang, seconds) {
        ("zh", 0..=90) => format!("尝试次数太多，请等 {seconds} 秒后再试。"),
        ("zh", _) => format!("尝试次数太多，请等 {} 分钟后再试。", seconds.div_ceil(60)),
        (_, 1) => "Too many tries. Wait a second, then try again.".to_owned(),
        (_, 0..=90) => format!("Too many tries. Wait {seconds} seconds, then try again."),
        _ => format!("Too many tries. Wait {} minutes, then try again.", seconds.div_ceil(60)),
    }
}

pub(super) fn unavailable(lang: &str) -> &'static str {
    pick(lang, "现在无法登录，请稍后再试。", "Signing in is not possible now. Try again in a moment.")
}
