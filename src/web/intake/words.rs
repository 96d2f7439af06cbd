//! What the form says besides the theme's strings. Chinese for `zh`, English for every other language.

use crate::config::Tickets;

fn pick<'a>(lang: &str, zh: &'a str, en: &'a str) -> &'a str {
    if lang == "zh" { zh } else { en }
}

/// The title of the form's page; a mistake is said there first, because screen readers read it first.
pub(super) fn form_title(lang: &str, wrong: bool) -> &'static str {
    match wrong {
        true => pick(lang, "错误：提交工单", "Error: Raise a ticket"),
        false => pick(lang, "提交工单", "Raise a ticket"),
    }
}

pub(super) fn review_title(lang: &str) -> &'static str {
    pick(lang, "检查并提交", "Check and send")
}

/// Saving failed; the words are still there.
pub(in crate::web) fn not_sent(lang: &str, phone: &str) -> String {
    match (lang, phone) {
        ("zh", "") => "提交失败，内容已保留，请稍后重试".to_owned(),
        ("zh", phone) => format!("提交失败，内容已保留，请重试或拨打 {phone}"),
        (_, "") => "Not sent. Your text is kept – try again later".to_owned(),
        (_, phone) => format!("Not sent. Your text is kept – retry or call {phone}"),
    }
}

pub(super) fn key_reused(lang: &str) -> &'static str {
    pick(
        lang,
        "这份表单之前已经提交成功，随后内容有改动。如果确实要另提一张工单，请再提交一次",
        "This form was already sent, and was changed since. If you want a second ticket, send it once more",
    )
}

/// A browser cannot keep chosen files when a page comes back.
pub(super) fn choose_files_again(lang: &str, count: usize) -> String {
    match lang {
        "zh" => format!("浏览器无法保留已选的 {count} 个附件，请重新选择"),
        _ => format!("Choose your {count} file(s) again: the browser could not keep them"),
    }
}

pub(super) fn too_large(lang: &str, limits: &Tickets) -> String {
    let (count, megabytes) = (limits.max_attachments, limits.max_attachment_size / (1024 * 1024));
    match lang {
        "zh" => format!("提交的内容太大：附件最多 {count} 个，每个不超过 {megabytes} MB"),
        _ => format!("Too much was sent: at most {count} files of {megabytes} MB each"),
    }
}
