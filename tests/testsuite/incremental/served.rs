//! The same through the watcher of a running server: folders that are made again, and files that lie beside them.

use super::*;
use crate::harness::Server;

fn shows(server: &Server, path: &str, words: &str) -> bool {
    let page = server.page(path);
    page.status == 200 && page.text().contains(words)
}

#[test]
fn a_server_hears_of_folders_that_were_made_again() {
    let site = Site::bare().article("a/one.md", "一", "正文").article("a/two.md", "二", "正文");
    site.rename("site.toml", "real.toml");
    std::os::unix::fs::symlink("real.toml", site.path("site.toml")).unwrap();
    let server = site.serve();
    let record = "content/resolutions/TS202601020001.md";
    let recorded = |text: &str| format!("---\nid: TS202601020001\ntitle: 记录\n---\n## 现象\n\n{text}\n");

    // As `git checkout` of a branch without records, and back.
    std::fs::remove_dir_all(site.path("content/resolutions")).unwrap();
    site.write(record, recorded("第一次"));
    server.eventually("a record in a new folder", |server| shows(server, "/resolutions/ts202601020001/", "第一次"));
    site.write(record, recorded("第二次"));
    server.eventually("an edit of it", |server| shows(server, "/resolutions/ts202601020001/", "第二次"));

    std::fs::remove_dir_all(site.path("content")).unwrap();
    site.write("content/articles/a/one.md", "---\ntitle: 一\n---\n重新检出\n");
    server.eventually("the content made again", |server| {
        shows(server, "/articles/a/one/", "重新检出") && server.page("/articles/a/two/").status == 404
    });
    site.write("content/articles/a/one.md", "---\ntitle: 一\n---\n又改了\n");
    server.eventually("an edit in it", |server| shows(server, "/articles/a/one/", "又改了"));

    std::fs::remove_dir_all(site.path("themes")).unwrap();
    let base =
        std::fs::read_to_string(crate::harness::repository().join("themes/default/templates/base.html")).unwrap();
    site.write("themes/default/templates/base.html", format!("{base}<!-- 一 -->"));
    server.eventually("a theme in a new folder", |server| shows(server, "/", "<!-- 一 -->"));
    site.write("themes/default/templates/base.html", format!("{base}<!-- 二 -->"));
    server.eventually("an edit of it", |server| shows(server, "/", "<!-- 二 -->"));

    // What `site.toml` is a link to, and what it waits for.
    site.replace("real.toml", "# logo = \"logo.svg\"", "logo = \"images/logo.svg\"");
    server.eventually("a logo that is not there yet", |server| server.log().contains("errors=1"));
    for width in [10, 20] {
        let logo = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"10\"/>");
        site.write("images/logo.svg", &logo);
        let file = format!("/files/logo.{}.svg", &blake3::hash(logo.as_bytes()).to_hex()[..10]);
        server.eventually("the logo", |server| shows(server, "/", &file) && server.page(&file).text() == logo);
    }
    server.stop();

    let clean = tempfile::tempdir().unwrap();
    start(site.root(), clean.path());
    if let Some(difference) = difference(&tree(&site.path("public")), &tree(clean.path())) {
        panic!("{difference}");
    }
}
