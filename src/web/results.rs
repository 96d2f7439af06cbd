//! `GET /search?q=`: the results page, for readers without JavaScript and for links.

use axum::extract::{OriginalUri, Path, Query as QueryString, State};
use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;

use super::error::WebError;
use super::search::{self, Parameters};
use super::{App, pages, searched, site, url, words};
use crate::config::Config;
use crate::search::{Answer, Facet, Hit, Query};
use crate::site::common::{href, language_prefix};
use crate::site::context::{FacetLink, SearchHit, SearchPage};
use crate::site::dates;

const PER_PAGE: usize = 10;

/// `/search`, in the default language.
pub(super) async fn default_language(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    QueryString(parameters): QueryString<Parameters>,
) -> Result<Response, WebError> {
    let lang = app.live.load().config.default_language().to_owned();
    page(&app, &lang, &method, &headers, parameters).await
}

/// `/en/search`; anything else of that shape belongs to the built site.
pub(super) async fn other_language(
    State(app): State<App>,
    Path(code): Path<String>,
    method: Method,
    uri: Uri,
    original: OriginalUri,
    headers: HeaderMap,
    QueryString(parameters): QueryString<Parameters>,
) -> Result<Response, WebError> {
    let config = app.live.load().config.clone();
    match config.language(&code) {
        Some(language) if language.code != config.default_language() => {
            page(&app, &language.code, &method, &headers, parameters).await
        }
        _ => site::fallback(State(app), method, uri, original, headers).await,
    }
}

async fn page(
    app: &App,
    lang: &str,
    method: &Method,
    headers: &HeaderMap,
    mut parameters: Parameters,
) -> Result<Response, WebError> {
    if search::text(&parameters).is_empty() {
        let path = format!("{}/search/", language_prefix(&app.live.load().config, lang));
        if let Some(response) = site::file(app, &path, method, headers).await? {
            return Ok(response);
        }
    }
    let number = parameters.remove("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(1);
    let number = number.clamp(1, search::DEEPEST / PER_PAGE);
    // A page's language is that of its address.
    parameters.insert("lang".to_owned(), lang.to_owned());
    let mut query = search::query(&parameters, lang)?;
    (query.limit, query.offset) = (PER_PAGE, (number - 1) * PER_PAGE);
    let answer = search::answer(app, query.clone()).await?;
    if searched::counts(&query) && method == Method::GET {
        searched::record(app, &answer);
    }

    let snapshot = app.live.load();
    let links = Links { config: &snapshot.config, lang, query: &query };
    let common = pages::page_common(&snapshot, lang, "search", &words::results_title(lang, &query.text), &links.path());
    let page = context(&links, answer, number);
    let mut response = pages::render(&snapshot, "search.html", &common, &page)?.into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Addresses of other views of one search.
struct Links<'a> {
    config: &'a Config,
    lang: &'a str,
    query: &'a Query,
}

impl Links<'_> {
    /// The page's own path, without language prefix.
    fn path(&self) -> String {
        format!("/search?q={}", url::encode(&self.query.text))
    }

    fn home(&self, path: &str) -> String {
        href(self.config, &format!("{}{path}", language_prefix(self.config, self.lang)))
    }

    fn view(&self, kind: Option<&str>, category: Option<&str>, exact: bool, page: usize) -> String {
        let mut path = self.path();
        let filters = [("kind", kind), ("category", category), ("exact", exact.then_some("1"))];
        for (name, value) in filters.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            path.push_str(&format!("&{name}={}", url::encode(value)));
        }
        if page > 1 {
            path.push_str(&format!("&page={page}"));
        }
        self.home(&path)
    }

    fn kind(&self) -> Option<&'static str> {
        self.query.kind.map(crate::content::Kind::as_str)
    }

    fn page(&self, page: usize) -> String {
        self.view(self.kind(), self.query.category.as_deref(), self.query.exact, page)
    }

    /// A filter that is on leads to the results without it. One that is on but found nothing is still shown.
    fn facets(
        &self,
        facets: Vec<Facet>,
        active: Option<&str>,
        name: impl Fn(&str) -> String,
        view: impl Fn(Option<&str>) -> String,
    ) -> Vec<FacetLink> {
        let mut facets = facets;
        if let Some(active) = active
            && !facets.iter().any(|facet| facet.key == active)
        {
            facets.push(Facet { key: active.to_owned(), count: 0 });
        }
        let link = |facet: Facet| {
            let on = active == Some(facet.key.as_str());
            let url = view((!on).then_some(facet.key.as_str()));
            FacetLink { name: name(&facet.key), count: facet.count, url, active: on, key: facet.key }
        };
        facets.into_iter().map(link).collect()
    }
}

fn category_name(config: &Config, key: &str, lang: &str) -> String {
    let known = config.categories.iter().find(|category| category.key == key);
    known.map_or(key, |category| category.name.get(lang)).to_owned()
}

fn context(links: &Links<'_>, answer: Answer, number: usize) -> SearchPage {
    let Links { config, lang, query } = *links;
    let pages = answer.total.min(search::DEEPEST).div_ceil(PER_PAGE).max(1);
    let kinds = links.facets(
        answer.facets.kind,
        links.kind(),
        |key| words::kind_name(lang, key).to_owned(),
        |kind| links.view(kind, query.category.as_deref(), query.exact, 1),
    );
    let categories = links.facets(
        answer.facets.category,
        query.category.as_deref(),
        |key| category_name(config, key, lang),
        |category| links.view(links.kind(), category, query.exact, 1),
    );
    SearchPage {
        query: query.text.clone(),
        exact_url: if answer.corrected.is_some() {
            links.view(links.kind(), query.category.as_deref(), true, 1)
        } else {
            String::new()
        },
        corrected: answer.corrected.unwrap_or_default(),
        total: answer.total,
        nothing: !query.text.is_empty() && (answer.weak || answer.total == 0),
        hits: answer.hits.into_iter().map(|hit| search_hit(config, lang, hit)).collect(),
        kinds,
        categories,
        previous_url: if number > 1 { links.page(number - 1) } else { String::new() },
        next_url: if number < pages { links.page(number + 1) } else { String::new() },
        number,
        pages,
        ticket_url: links.home(&format!("/tickets/new?q={}", url::encode(&query.text))),
    }
}

fn search_hit(config: &Config, lang: &str, hit: Hit) -> SearchHit {
    SearchHit {
        kind: hit.kind.as_str(),
        url: hit.url,
        title: hit.title,
        title_html: hit.title_html,
        section: hit.section,
        snippet_html: hit.snippet_html,
        category_name: category_name(config, &hit.category, lang),
        updated_text: dates::long(hit.updated, lang),
        foreign: hit.lang != lang,
        lang: hit.lang,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{TestSite, get};
    use super::*;
    use crate::content::Kind;
    use crate::search::Facets;

    fn found(total: usize) -> Answer {
        let hit = Hit {
            kind: Kind::Article,
            path: "articles/vpn.md".to_owned(),
            url: "/articles/vpn/#setup".to_owned(),
            title: "连接 VPN".to_owned(),
            title_html: "连接 <mark>VPN</mark>".to_owned(),
            section: String::new(),
            snippet_html: String::new(),
            category: "network".to_owned(),
            lang: "zh".to_owned(),
            updated: Some(jiff::civil::date(2026, 11, 2)),
            score: 1.5,
        };
        let facet = |key: &str| Facet { key: key.to_owned(), count: total };
        Answer {
            corrected: Some("vpn".to_owned()),
            total,
            hits: vec![hit],
            facets: Facets { kind: vec![facet("article")], category: vec![facet("network")] },
            ..Answer::default()
        }
    }

    #[test]
    fn results_have_filters_pages_and_the_ticket() {
        let toml =
            "title = 'x'\nbase_url = '/it'\n[[categories]]\nkey = 'network'\nname = { zh = '网络', en = 'Network' }";
        let config = Config::parse(std::path::Path::new("/nowhere"), toml).unwrap();
        let query =
            Query { text: "v&pn".to_owned(), category: Some("network".to_owned()), limit: 10, ..Query::default() };
        let page = context(&Links { config: &config, lang: "en", query: &query }, found(25), 2);
        assert_eq!((page.number, page.pages, page.nothing), (2, 3, false));
        assert_eq!(page.previous_url, "/it/en/search?q=v%26pn&category=network");
        assert_eq!(page.next_url, "/it/en/search?q=v%26pn&category=network&page=3");
        assert_eq!(page.exact_url, "/it/en/search?q=v%26pn&category=network&exact=1");
        assert_eq!(page.ticket_url, "/it/en/tickets/new?q=v%26pn");
        assert_eq!(page.kinds[0].url, "/it/en/search?q=v%26pn&kind=article&category=network");
        let category = &page.categories[0];
        assert_eq!((category.active, category.url.as_str()), (true, "/it/en/search?q=v%26pn"));
        let hit = &page.hits[0];
        assert_eq!((hit.category_name.as_str(), hit.foreign), ("Network", true));
        assert_eq!(hit.updated_text, "2 November 2026");
    }

    #[tokio::test]
    async fn a_page_of_results_is_in_the_language_of_its_address() {
        let site = TestSite::new();
        let got = site.ask(get("/en/search?q=vpn%3Cb%3E&lang=zh")).await;
        assert_eq!((got.status.as_u16(), got.header("content-type")), (200, "text/html; charset=utf-8"));
        assert!(got.text().contains("<html lang=\"en\"") && got.text().contains("连接 <mark>VPN</mark>"));
        // The other language shows the same search; what was typed is text, never markup.
        assert!(got.text().contains("\"/search?q=vpn%3Cb%3E\""), "{}", got.text());
        assert!(!got.text().contains("<b>"));
    }

    #[tokio::test]
    async fn nothing_found_leads_to_the_ticket_and_no_query_to_the_static_page() {
        let site = TestSite::new();
        site.file("search/index.html", "static");
        site.file("articles/search/index.html", "an article");
        site.publish();
        let got = site.ask(get("/search?q=%E6%9C%AA%E7%9F%A5")).await;
        assert!(got.text().contains("没有找到“未知”"), "{}", got.text());
        assert_eq!(got.header("cache-control"), "no-store");
        assert_eq!(site.ask(get("/search?q=+")).await.text(), "static");
        assert_eq!(site.ask(get("/search/")).await.text(), "static");
        assert_eq!(site.ask(get("/articles/search/")).await.text(), "an article");
    }

    #[tokio::test]
    async fn the_api_answers_as_the_contract_says() {
        let site = TestSite::new();
        let got = site.ask(get("/api/search?q=VPN")).await;
        let json = got.json();
        assert_eq!(got.header("cache-control"), "no-store");
        assert_eq!((json["query"].as_str(), json["total"].as_u64()), (Some("VPN"), Some(1)));
        assert!(json["took_ms"].is_number() && json["facets"]["kind"][0]["count"] == 1);
        for key in ["kind", "path", "url", "title", "snippet_html", "category", "lang", "updated", "score"] {
            assert!(json["hits"][0].get(key).is_some(), "{key}");
        }
        let empty = site.ask(get("/api/search")).await;
        assert_eq!((empty.status.as_u16(), empty.json()["hits"].as_array().unwrap().len()), (200, 0));
        assert_eq!(site.ask(get("/api/suggest?q=")).await.json()["suggestions"], serde_json::json!([]));
        let metrics = site.ask(get("/metrics")).await;
        assert!(metrics.text().contains("helpmark_search_seconds_count 1\n"), "{}", metrics.text());
    }
}
