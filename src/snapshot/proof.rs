//! Whether the templates can make the site's pages, for those who write nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rayon::prelude::*;

use super::compilation::Compilation;
use super::render;
use crate::content::{self, Document};
use crate::diagnostic::{self, Diagnostic};
use crate::site::theme::RenderError;
use crate::site::{document, listing};

/// So many documents of each kind and language: a template may fail on what few of them have.
const TRIED: usize = 100;

impl Compilation {
    /// Makes pages of every kind and forgets them; gives what templates could not make (HM040).
    pub(super) fn proof(&self) -> Vec<Diagnostic> {
        let word = |lang: &str, key: &str| self.theme.text(lang, key);
        let words = listing::Words(&word);
        let groups = listing::groups(&self.config, &words, &self.catalog, &HashMap::new());
        let mut pages = Vec::new();
        let mut kinds: HashMap<(&str, String), usize> = HashMap::new();
        for group in groups {
            for job in group.jobs.into_iter().flatten() {
                let count = kinds.entry((job.template, job.common.lang.clone())).or_default();
                *count += 1;
                if *count <= TRIED {
                    pages.push((group.lang.clone(), job));
                }
            }
        }
        let listings = pages.into_par_iter().filter_map(|(lang, mut job)| {
            job.fill(&self.config, &lang);
            self.theme.render(job.template, &job.common, &job.page).err()
        });
        let mut kinds: BTreeMap<(&str, &str), Vec<&Arc<Document>>> = BTreeMap::new();
        for document in self.visible.values() {
            let kind = kinds.entry((document.kind().as_str(), &document.meta().lang)).or_default();
            if kind.len() < TRIED {
                kind.push(document);
            }
        }
        let documents = kinds.into_values().flatten().collect::<Vec<_>>();
        let documents = documents.into_par_iter().filter_map(|document| self.try_page(document));
        let failed: Vec<RenderError> = listings.chain(documents).collect();
        let mut findings: Vec<Diagnostic> = failed.iter().map(RenderError::diagnostic).collect();
        diagnostic::sort(&mut findings);
        findings.dedup();
        findings
    }

    fn try_page(&self, document: &Document) -> Option<RenderError> {
        let word = |lang: &str, key: &str| self.theme.text(lang, key);
        let words = listing::Words(&word);
        let surroundings = document::surroundings(&self.config, &words, &self.catalog, &self.related, document);
        // One that changed meanwhile is read again the next time.
        let page = render::page(&self.tools(), content::with_text(&self.config, document)?);
        let surroundings = document::complete(surroundings, &page, &document::summary(&page));
        let template = document::template(document.kind());
        self.theme.render(template, &surroundings.common, &surroundings.page).err()
    }
}
