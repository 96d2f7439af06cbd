//! The plan of an import: every file read, every text turned, nothing written.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::book::{Book, Entry};
use super::finding::{Findings, LEFT_OUT, MARKUP, SITE};
use super::found::{self, numberless, walk};
use super::front::{self, Parts};
use super::includes::Shelf;
use super::keys::{self, Known};
use super::layout::{self, Layout, Place, Root};
use super::links::{self, Asked};
use super::place::{folder, is_language_code, join, language, name, number_prefix, stem};
use super::{
    Generator, ImportError, Options, Plan, Planned, admonitions, anchors, docusaurus, fences, hugo, mdx, mkdocs,
    modules, naming, shortcodes, snippets, text,
};
use crate::config::Config;
use crate::diagnostic;

/// A document, read and placed.
struct Page {
    entry: Entry,
    known: Known,
    parts: Parts,
    findings: Findings,
    /// What the navigation says of it.
    nav: Option<Place>,
    number: Option<i32>,
}

/// Reads the old site and plans its files.
///
/// # Errors
/// [`ImportError`]: no folder, no Markdown, a folder or a language that this site cannot have.
pub fn plan(config: &Config, options: &Options) -> Result<Plan, ImportError> {
    if !options.source.is_dir() {
        return Err(ImportError::NoFolder { path: options.source.clone() });
    }
    let home = layout::home(options.generator, &options.source);
    let options = &Options { source: home, ..options.clone() };
    let (mut layout, told) = layout::of(options.generator, &options.source);
    let default = default_language(config, options, &layout)?;
    let mut findings: Vec<Findings> = told;
    let (documents, files) = walk(config, options, &layout, &default, &mut findings)?;
    if documents.is_empty() {
        let hint = "name the folder that holds its configuration, or the one with its documents".to_owned();
        return Err(ImportError::Nothing { path: options.source.clone(), hint });
    }
    let outcomes = documents.into_par_iter().map(|(root, file)| read(config, options, &layout, &default, &root, &file));
    let mut pages = Vec::new();
    for outcome in outcomes.collect::<Vec<_>>() {
        match outcome {
            Ok(page) => pages.push(page),
            Err(why) => findings.push(why),
        }
    }
    apart(&mut pages, &mut findings);
    for page in &pages {
        let title = page.known.front.get("title").and_then(front::plain);
        if let (Some((folder, "index")), Some(title)) = (page.entry.group.split_once('/'), title) {
            layout.names.entry(folder.to_owned()).or_insert(title);
            if let Some(weight) = page.known.front.get("weight").and_then(serde_yaml::Value::as_i64) {
                layout.ranks.entry(folder.to_owned()).or_insert(weight);
            }
        }
    }
    let leads = options.aliases && layout.addressed;
    let mut owners = naming::owners(pages.iter().map(|page| &page.entry));
    for Page { entry, known, parts, findings, .. } in &mut pages {
        let line = parts.line_of("aliases");
        naming::aliases(config, entry, line, leads, &mut owners, &mut known.front, findings);
    }
    let entries = pages.iter().map(|page| page.entry.clone()).collect();
    let done = pages.into_par_iter().map(|page| {
        let (page, changed) = translated(options, &layout, page);
        let old = anchors::of(&page.parts.body.text);
        ((page.entry.target.clone(), old), (page, changed))
    });
    let (anchors, translated): (Vec<_>, Vec<_>) = done.collect::<Vec<_>>().into_iter().unzip();
    let anchors = anchors.into_iter().filter(|(_, old)| !old.is_empty()).collect();
    let empty = translated.iter().filter(|(page, _)| is_empty(page)).map(|(page, _)| page.entry.target.clone());
    let book = Book::new(entries, files, &layout, &options.into)
        .with_others(&owners, found::fetchable(options, &layout))
        .with_anchors(anchors)
        .without(empty.collect());
    let turned: Vec<_> =
        translated.into_par_iter().map(|(page, changed)| turn(options, &book, page, changed)).collect();
    let mut plan = Plan::default();
    let mut taken: BTreeMap<String, Planned> = BTreeMap::new();
    for (planned, asked, found) in turned {
        if let Some(planned) = planned {
            taken.insert(planned.target.clone(), planned);
        }
        for (from, target) in asked.files {
            let source = options.source.join(&from);
            if source.is_file() {
                taken.entry(target.clone()).or_insert(Planned { target, source, text: None });
            }
        }
        findings.push(found);
    }
    for (from, target) in &book.files {
        let planned = Planned { target: target.clone(), source: options.source.join(from), text: None };
        taken.entry(target.clone()).or_insert(planned);
    }
    plan.files = taken.into_values().collect();
    plan.findings = findings.into_iter().flat_map(|findings| findings.found).collect();
    diagnostic::sort(&mut plan.findings);
    plan.categories = naming::categories(config, &layout, &plan.files, options);
    Ok(plan)
}

fn default_language(config: &Config, options: &Options, layout: &Layout) -> Result<String, ImportError> {
    if let Some(wanted) = &options.lang {
        let known = || config.languages.iter().map(|one| one.code.as_str()).collect::<Vec<_>>().join(", ");
        let found = language(config, wanted).map(str::to_owned);
        return found.ok_or_else(|| ImportError::Language { lang: wanted.clone(), known: known() });
    }
    let said = layout.lang.as_deref().and_then(|code| language(config, code));
    Ok(said.unwrap_or(config.default_language()).to_owned())
}

/// The findings of a document that is left out.
fn left_out(mut findings: Findings, line: u32, why: &str, hint: &str) -> Findings {
    findings.error(LEFT_OUT, line, why, hint);
    findings
}

/// Reads one document and finds its place. `Err` with the reason when it is left out.
fn read(
    config: &Config,
    options: &Options,
    layout: &Layout,
    default: &str,
    root: &Root,
    file: &str,
) -> Result<Page, Findings> {
    let mut findings = Findings::of(&options.source, file);
    if options.generator == Generator::Docusaurus && mdx::is_partial(name(file)) {
        findings.note(SITE, 0, "a part of other documents, which show it", "");
        return Err(findings);
    }
    let bytes = match std::fs::read(options.source.join(file)) {
        Ok(bytes) => bytes,
        Err(error) => {
            return Err(left_out(findings, 0, &format!("it cannot be read: {error}"), "check its permissions"));
        }
    };
    let Ok((text, encoding)) = text::decode(&bytes) else {
        let hint = "save it as UTF-8 and run the import again";
        return Err(left_out(findings, 0, "it is no text in UTF-8, UTF-16 or GB18030", hint));
    };
    if let Some(encoding) = encoding {
        findings.note(MARKUP, 0, format!("it was {encoding}; it becomes UTF-8"), "");
    }
    let parts = match front::split(&text) {
        Ok(parts) => parts,
        Err((line, why)) => return Err(left_out(findings, line, &why, "mend it and run the import again")),
    };
    for (line, what) in &parts.mended {
        findings.warn(super::finding::KEY, *line, what.clone(), "");
    }
    let known = keys::map(&parts, options.generator, &mut findings);
    let inside = stem(file.strip_prefix(&root.dir).unwrap_or(file).trim_start_matches('/'));
    let suffixed = inside.rsplit_once('.').filter(|(path, code)| !path.is_empty() && is_language_code(code));
    let (path, suffix) = match suffixed {
        Some((path, code)) => match language(config, code) {
            Some(lang) => (path, Some((code, lang))),
            None if matches!(options.generator, Generator::Hugo | Generator::Mkdocs) => {
                let hint = "add it to `languages` of site.toml and run the import again";
                findings.warn(
                    SITE,
                    0,
                    format!("it is in `{code}`, which the site does not have; it is left out"),
                    hint,
                );
                return Err(findings);
            }
            None => (inside, None),
        },
        None => (inside, None),
    };
    let folder_lang = || root.lang.as_deref().and_then(|code| language(config, code));
    let lang = suffix.map(|(_, lang)| lang).or_else(folder_lang).unwrap_or(default).to_owned();
    let mut root = root.clone();
    if let Some((code, lang)) = suffix
        && lang != default
    {
        root.url = format!("{}/{}", code.to_lowercase(), root.url).trim_matches('/').to_owned();
    }
    let root = &root;
    let dir = numberless(options.generator, folder(path));
    let dir = format!("{}/{dir}", root.into).trim_matches('/').to_owned();
    let (number, own) = match options.generator {
        Generator::Docusaurus => number_prefix(name(path)),
        _ => (None, name(path)),
    };
    let own = match own.to_lowercase().as_str() {
        // Hugo knows no `README.md`.
        "readme" if options.generator == Generator::Hugo => own,
        "_index" | "index" | "readme" if !dir.is_empty() || options.generator != Generator::Folder => "index",
        _ => own,
    };
    let end = if lang == config.default_language() { String::new() } else { format!(".{lang}") };
    let Some(target) = join("articles", &format!("{}/{dir}/{own}{end}.md", options.into)) else {
        return Err(left_out(findings, 0, "its path leaves the tree", ""));
    };
    let address = known.url.as_deref().map(super::book::normal).unwrap_or_else(|| match options.generator {
        Generator::Hugo => hugo::address(root, path, known.slug.as_deref()),
        Generator::Docusaurus => docusaurus::address(root, path, known.slug.as_deref(), known.id.as_deref()),
        Generator::Mkdocs => mkdocs::address(root, path),
        Generator::Folder => String::new(),
    });
    let id = format!("{dir}/{}", known.id.as_deref().unwrap_or(own)).trim_matches('/').to_owned();
    let nav = [format!("{path}.md"), format!("{path}.mdx"), id].iter().find_map(|key| layout.nav.get(key)).cloned();
    let group = format!("{dir}/{own}");
    let entry = Entry { source: file.to_owned(), target, lang, address, group };
    Ok(Page { entry, known, parts, findings, nav, number })
}

/// Takes away documents that would become the same file: the first one stays.
fn apart(pages: &mut Vec<Page>, findings: &mut Vec<Findings>) {
    let mut taken: HashMap<String, String> = HashMap::new();
    let mut kept = Vec::with_capacity(pages.len());
    for mut page in pages.drain(..) {
        match taken.get(&page.entry.target) {
            None => {
                taken.insert(page.entry.target.clone(), page.entry.source.clone());
                kept.push(page);
            }
            Some(first) => {
                let message = format!("it would become content/{}, as {first} does", page.entry.target);
                page.findings.error(LEFT_OUT, 0, message, "rename one of the two and run the import again");
                findings.push(page.findings);
            }
        }
    }
    *pages = kept;
}

/// A document with its body in this site's Markdown, but for its links, and whether that changed it.
fn translated(options: &Options, layout: &Layout, mut page: Page) -> (Page, bool) {
    let Page { entry, known, parts, findings, .. } = &mut page;
    let mut body = std::mem::take(&mut parts.body);
    let original = body.text.clone();
    match options.generator {
        Generator::Hugo => {
            let read = |path: &str| shown_file(options, layout, &entry.source, path);
            let param = |name: &str| parameter(&known.front, layout, name);
            let site = shortcodes::Site::new(&read, &layout.shortcodes, &param);
            body = shortcodes::translate(&body, &site, findings);
        }
        Generator::Docusaurus => {
            let file = |path: &str| Some(text::decode(&std::fs::read(options.source.join(path)).ok()?).ok()?.0);
            body = mdx::translate(&modules::translate(&body, &entry.source, &file), findings);
        }
        Generator::Mkdocs => {
            let shelf = Shelf::new(&options.source, &layout.snippets, &entry.source);
            body = snippets::translate(&body, &shelf, findings);
        }
        Generator::Folder if entry.source.ends_with(".mdx") => body = mdx::translate(&body, findings),
        Generator::Folder => {}
    }
    body = fences::translate(&admonitions::translate(&body));
    let changed = body.text != original;
    parts.body = body;
    (page, changed)
}

/// Whether it only names its folder.
fn is_empty(page: &Page) -> bool {
    page.parts.body.text.trim().is_empty() && name(&page.entry.source).starts_with("_index")
}

/// One document's text.
fn turn(options: &Options, book: &Book, page: Page, changed: bool) -> (Option<Planned>, Asked, Findings) {
    let Page { entry, mut known, parts, mut findings, nav, number } = page;
    let body = parts.body;
    let mut asked = Asked::default();
    let body = links::rewrite(&body, book, &entry, &mut asked, &mut findings);
    let front = &mut known.front;
    if book.leaves_out(&entry.target) {
        findings.note(
            SITE,
            0,
            "a heading of a folder without a text of its own; it is left out",
            "its title may name the category",
        );
        return (None, asked, findings);
    }
    if !front.contains_key("title") {
        let title = nav.as_ref().and_then(|place| place.title.clone()).or_else(|| heading(&body.text));
        let file = stem(name(&entry.target)).trim_end_matches(&format!(".{}", entry.lang)).to_owned();
        let named = if file == "index" { name(folder(&entry.target)).to_owned() } else { file };
        front.insert("title".into(), title.unwrap_or_else(|| named.replace(['-', '_'], " ")).into());
    }
    let section = nav.as_ref().and_then(|place| place.section.as_deref());
    if let Some(section) =
        section.filter(|_| options.into.is_empty() && !entry.group.trim_start_matches('/').contains('/'))
    {
        // A category is a folder here; of documents without one, it is the section that they stand in.
        front.entry("category".into()).or_insert_with(|| layout::key(section).into());
    }
    let place = nav.and_then(|place| i32::try_from(place.at).ok()).or(number);
    if let Some(place) = place.filter(|_| !front.contains_key("weight")) {
        front.insert("weight".into(), place.into());
    }
    let body = if changed { tidy(&body.text) } else { body.text };
    let text = format!("{}{}\n", keys::emit(front), body.trim_matches('\n'));
    let source = options.source.join(&entry.source);
    (Some(Planned { target: entry.target, source, text: Some(text) }), asked, findings)
}

/// A parameter of the page, else of the site: `a.b`.
fn parameter(front: &serde_yaml::Mapping, layout: &Layout, name: &str) -> Option<String> {
    let own = front.get(name).or_else(|| front.get("params")?.get(name)).and_then(front::plain);
    own.or_else(|| {
        let mut value = &layout.params;
        for part in name.split('.') {
            let map = value.as_mapping()?;
            value = map.iter().find(|(key, _)| key.as_str().is_some_and(|key| key.eq_ignore_ascii_case(part)))?.1;
        }
        front::plain(value)
    })
}

/// The text of a file that a document shows, beside it or by its path in the site.
fn shown_file(options: &Options, layout: &Layout, document: &str, path: &str) -> Option<String> {
    let roots = layout.roots.iter().map(|root| root.dir.as_str());
    let places = [folder(document), "content", "static", ""].into_iter().chain(roots);
    let places = places.filter_map(|dir| join(dir, path));
    let bytes = places.filter_map(|place| std::fs::read(options.source.join(place)).ok()).next()?;
    let (text, _) = text::decode(&bytes).ok()?;
    front::split(&text).ok().map(|parts| parts.body.text)
}

/// One empty line where markup that went away left several.
fn tidy(text: &str) -> String {
    let (mut fences, mut out, mut empty) = (text::Fences::default(), String::with_capacity(text.len()), false);
    for line in text.split_inclusive('\n') {
        let blank = !fences.holds(line) && line.trim().is_empty();
        if !(blank && empty) {
            out.push_str(if blank { "\n" } else { line });
        }
        empty = blank;
    }
    out
}

/// The first heading, in plain words.
fn heading(body: &str) -> Option<String> {
    let mut fences = text::Fences::default();
    let line = body.lines().find(|line| !fences.holds(line) && line.starts_with("# "))?;
    let words = line.trim_start_matches('#').split("{#").next()?.trim().trim_end_matches('#').replace(['`', '*'], "");
    Some(words.trim().to_owned()).filter(|words| !words.is_empty())
}
