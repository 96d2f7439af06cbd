//! The built site on a host that serves files and nothing else.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use super::driver::browser;
use crate::harness::Site;

/// Serves the files of `dir` until the test's process ends.
fn serve(dir: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let dir = dir.clone();
            std::thread::spawn(move || drop(answer(&stream, &dir)));
        }
    });
    url
}

fn answer(mut stream: &TcpStream, dir: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream);
    let mut request = String::new();
    lines.read_line(&mut request)?;
    loop {
        let mut header = String::new();
        if lines.read_line(&mut header)? <= 2 {
            break;
        }
    }
    let target = request.split(' ').nth(1).unwrap_or("/");
    let path =
        percent_encoding::percent_decode_str(target.split('?').next().unwrap_or("/")).decode_utf8_lossy().into_owned();
    let mut file = dir.join(path.trim_start_matches('/'));
    if file.is_dir() {
        file.push("index.html");
    }
    let kind = match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let (status, body) = match fs::read(&file) {
        Ok(body) if request.starts_with("GET ") => ("200 OK", body),
        _ => ("404 Not Found", fs::read(dir.join("404.html")).unwrap_or_default()),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    )?;
    stream.write_all(&body)
}

#[test]
fn a_static_host_searches_its_own_index() {
    let Some(browser) = browser("a_static_host_searches_its_own_index", &[]) else { return };
    let site = Site::repository();
    site.run(&["build"]).expect(0);
    let url = serve(site.path("public"));
    browser.open(&url);
    browser.fill("#q", "密码");
    browser.until("suggestions", "document.querySelectorAll('#q-list [role=option]').length > 1");
    browser.shows(&["搜索服务暂时不可用，以下为离线目录结果"]);
    browser.open(&format!("{url}/search/?q=VPN"));
    browser.until("results", "document.querySelector('[data-hits] li')");
    browser.shows(&["搜索服务暂时不可用，以下为离线目录结果", "VPN"]);
    browser.click("[data-hits] .row-title");
    browser.until("the article", "location.pathname.includes('/articles/')");
}
