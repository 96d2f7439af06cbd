//! Questions to a running server.

use reqwest::blocking::RequestBuilder;
use reqwest::blocking::multipart::{Form, Part};
use serde_json::Value;

use super::Server;

/// A picture that is one: a single pixel.
pub(crate) const PNG: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\
    \x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\x0d\x49\x44\x41\x54\x78\x9c\x63\x10\x4a\x4b\xfb\x0f\x00\x03\x4a\
    \x01\xde\x9a\xe1\xbd\xe1\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

/// Percent-encodes a value of a query.
pub(crate) fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A file to attach: name, bytes.
pub(crate) type Upload<'a> = (&'a str, &'a [u8]);

/// An answer, read to its end.
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: reqwest::header::HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }

    /// Fails, with the body, when the status is another.
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Fails when the text lacks one of the words.
    pub(crate) fn says(&self, words: &[&str]) -> &Self {
        let text = self.text();
        for word in words {
            assert!(text.contains(word), "{word:?} is missing in\n{text}");
        }
        self
    }

    /// The `field`s of a validation error.
    pub(crate) fn fields(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }
}

impl Server {
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.get_with(path, &[])
    }

    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send(with(self.client.get(self.at(path)), headers))
    }

    /// A page, as a browser asks for it.
    pub(crate) fn page(&self, path: &str) -> Reply {
        self.get_with(path, &[("accept", "text/html"), ("accept-language", "zh-CN")])
    }

    pub(crate) fn post(&self, path: &str, kind: &str, body: &[u8]) -> Reply {
        self.send(self.client.post(self.at(path)).header("content-type", kind).body(body.to_vec()))
    }

    pub(crate) fn post_json(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Reply {
        self.send(with(self.client.post(self.at(path)).json(body), headers))
    }

    /// What a browser posts from a form without files.
    pub(crate) fn post_words(&self, path: &str, words: &[(&str, &str)], headers: &[(&str, &str)]) -> Reply {
        let body: Vec<_> = words.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let request = self.client.post(self.at(path)).header("content-type", "application/x-www-form-urlencoded");
        self.send(with(request.header("accept", "text/html").body(body.join("&")), headers))
    }

    pub(crate) fn post_form(
        &self,
        path: &str,
        words: &[(&str, &str)],
        files: &[Upload],
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut form = Form::new();
        for (name, value) in words {
            form = form.text((*name).to_owned(), (*value).to_owned());
        }
        for (name, bytes) in files {
            form = form.part("attachments", Part::bytes(bytes.to_vec()).file_name((*name).to_owned()));
        }
        self.send(with(self.client.post(self.at(path)).multipart(form), headers))
    }

    /// What the search API answers.
    pub(crate) fn search(&self, query: &str) -> Value {
        self.get(&format!("/api/search?q={}", encode(query))).expect(200).json()
    }

    /// The paths of the hits, best first.
    pub(crate) fn found(&self, query: &str) -> Vec<String> {
        let answer = self.search(query);
        let hits = answer["hits"].as_array().unwrap();
        hits.iter().map(|hit| hit["path"].as_str().unwrap().to_owned()).collect()
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    fn send(&self, request: RequestBuilder) -> Reply {
        let response = request.send().unwrap_or_else(|error| panic!("{error}: {}", self.log()));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Reply { status, headers, bytes: response.bytes().unwrap().to_vec() }
    }
}

fn with(request: RequestBuilder, headers: &[(&str, &str)]) -> RequestBuilder {
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}
