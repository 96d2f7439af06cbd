//! The server's own words, in Chinese for `zh` and in English for every other language.

use axum::http::StatusCode;

/// The title and the usual explanation of a status. Chinese for `zh`, English for every other language.
pub(super) fn of_status(status: StatusCode, lang: &str) -> (&'static str, &'static str) {
    let (zh, en) = match status.as_u16() {
        400 => (
            ("请求无法理解", "请求的内容不完整或格式不对，请检查后重试。"),
            ("The request cannot be understood", "It is incomplete or malformed. Check it and try again."),
        ),
        401 => (("需要登录", "请登录后再试。"), ("Sign in needed", "Sign in and try again.")),
        403 => (
            ("不允许这样做", "这个请求来自别的网站，或者你没有权限。请从本站页面重新操作。"),
            ("Not allowed", "The request came from another site, or you may not do this. Start again from this site."),
        ),
        404 => (
            ("找不到这个页面", "链接可能写错了，或者页面已经移走。试试搜索。"),
            ("Page not found", "The link may be wrong, or the page has moved. Try the search."),
        ),
        405 => (
            ("不支持这种操作", "这个地址不接受这种请求方法。"),
            ("Method not allowed", "This address does not take that method."),
        ),
        408 => (
            ("上传中断", "等待数据超时，请检查网络后重试。"),
            ("The upload stalled", "No data arrived in time. Check the network and try again."),
        ),
        409 => (
            ("当前状态不允许", "内容的状态已经变化，请刷新后再试。"),
            ("Not possible now", "Its state does not allow this. Reload and try again."),
        ),
        412 => (
            ("内容已被修改", "你打开之后有人改过它，请刷新后再提交。"),
            ("Changed in the meantime", "Somebody changed it after you opened it. Reload and send again."),
        ),
        413 => (
            ("内容太大", "超过了允许的大小，请减小后重试。"),
            ("Too large", "It is larger than allowed. Make it smaller and try again."),
        ),
        415 => (
            ("不支持的格式", "这个地址不接受这种格式的内容。"),
            ("Unsupported format", "This address does not read that kind of content."),
        ),
        422 => (
            ("有内容需要修改", "请按提示修改后重新提交。"),
            ("Something needs to be changed", "Correct what is named and send again."),
        ),
        429 => (("操作太频繁", "请稍等片刻再试。"), ("Too many requests", "Wait a moment and try again.")),
        503 => (("服务暂时不可用", "请稍后重试。"), ("Temporarily unavailable", "Try again in a moment.")),
        500..=599 => (
            ("服务器出错了", "问题已记录，请稍后重试；仍不行请联系服务台。"),
            ("Something went wrong", "It has been logged. Try again later, or call the service desk if it stays."),
        ),
        _ => (("请求没有成功", "请检查后重试。"), ("The request failed", "Check it and try again.")),
    };
    if lang == "zh" { zh } else { en }
}

fn pick<'a>(lang: &str, zh: &'a str, en: &'a str) -> &'a str {
    if lang == "zh" { zh } else { en }
}

/// The heading of the results page.
pub(super) fn results_title(lang: &str, query: &str) -> String {
    match (lang, query) {
        ("zh", "") => "搜索".to_owned(),
        (_, "") => "Search".to_owned(),
        ("zh", query) => format!("“{query}”的搜索结果"),
        (_, query) => format!("Search results for “{query}”"),
    }
}

/// What a kind of documents is called, in the plural.
pub(super) fn kind_name<'a>(lang: &str, kind: &'a str) -> &'a str {
    match kind {
        "article" => pick(lang, "文章", "Articles"),
        "resolution" => pick(lang, "解决记录", "Solved cases"),
        other => other,
    }
}

pub(super) fn unknown_kind(lang: &str, kind: &str) -> String {
    match lang {
        "zh" => format!("没有“{kind}”这种内容，可用的是 article 和 resolution"),
        _ => format!("there is no kind “{kind}”: use article or resolution"),
    }
}

pub(super) fn not_a_number(lang: &str, value: &str) -> String {
    match lang {
        "zh" => format!("“{value}”不是数字，请用 0 或更大的整数"),
        _ => format!("“{value}” is not a number: use a whole number, 0 or more"),
    }
}

pub(super) fn unknown_document(lang: &str) -> &'static str {
    pick(lang, "没有这篇文档，它可能已经移走", "There is no such document; it may have moved")
}

pub(super) fn helpful_missing(lang: &str) -> &'static str {
    pick(lang, "请选择“是”或“否”", "Choose yes or no")
}

pub(super) fn comment_too_long(lang: &str, limit: usize) -> String {
    match lang {
        "zh" => format!("留言请不要超过 {limit} 个字"),
        _ => format!("Keep the comment under {limit} characters"),
    }
}
