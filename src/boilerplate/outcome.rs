//! The result of a run, as data, and what is to be said of a family.

use crate::dedup;
use crate::document::{DocId, Place, Timestamp};
use crate::passages::{Families, Family, Limits, Occurrence, TokenTexts};
use crate::recipe::Sources;

use super::{BoilerplateRecipe, SharedFamilies};

/// What was found: the families, and the articles they stand in.
#[derive(Debug)]
pub struct Outcome {
    /// The recipe that was followed.
    pub recipe: BoilerplateRecipe,
    /// The articles, and which of them are copies.
    pub articles: dedup::Outcome,
    /// The tokens of the documents that were looked at; the others have none.
    pub texts: TokenTexts,
    /// The families that pass the filters, the one in most documents first. A
    /// family's number, as users see it, is its position from 1.
    pub families: Vec<Family>,
    /// How many families the filters left out.
    pub left_out: usize,
    /// Where a limit of the method was met.
    pub limits: Limits,
    /// The families that copies share with the documents kept instead, where
    /// [`Search::with_links`](super::Search::with_links) asked for it.
    pub shared_with_keeper: SharedFamilies,
    /// For each document, its occurrences as family and position in it.
    of_document: Vec<Vec<(u32, u32)>>,
}

/// Where in its article an occurrence stands. The length of the passage itself
/// does not matter, only how the words around it are shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stands {
    /// At most a fifth of the other words come before it.
    Head,
    /// Somewhere between.
    Body,
    /// At most a fifth of the other words come after it.
    Tail,
    /// There are no other words.
    Whole,
}

/// In how many occurrences a passage stands where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Standing {
    /// See [`Stands::Head`].
    pub head: u32,
    /// See [`Stands::Body`].
    pub body: u32,
    /// See [`Stands::Tail`].
    pub tail: u32,
    /// See [`Stands::Whole`].
    pub whole: u32,
}

impl Standing {
    /// Where most occurrences stand; of equals, the first in this order: head,
    /// body, tail, whole.
    pub fn usual(&self) -> Stands {
        let counts = [
            (self.head, Stands::Head),
            (self.body, Stands::Body),
            (self.tail, Stands::Tail),
            (self.whole, Stands::Whole),
        ];
        let most = counts.iter().rev().max_by_key(|(count, _)| *count);
        most.map_or(Stands::Body, |&(_, stands)| stands)
    }

    fn add(&mut self, stands: Stands) {
        *match stands {
            Stands::Head => &mut self.head,
            Stands::Body => &mut self.body,
            Stands::Tail => &mut self.tail,
            Stands::Whole => &mut self.whole,
        } += 1;
    }
}

/// What is to be said of a family beside its occurrences.
#[derive(Clone, Debug, PartialEq)]
pub struct FamilyFacts<'a> {
    /// The names of the sources it is found in, sorted.
    pub sources: Vec<&'a str>,
    /// The earliest and the latest date of its documents.
    pub dates: Option<(Timestamp, Timestamp)>,
    /// How many documents are copies of the ones it is found in, and were not
    /// looked at.
    pub copies: u64,
    /// Where in its articles it stands.
    pub standing: Standing,
    /// The lowest identity of an occurrence with the representative.
    pub lowest_identity: f64,
    /// The median of the identities of all other occurrences with the
    /// representative; of an even number, the lower of the middle two.
    pub median_identity: f64,
}

impl Outcome {
    pub(super) fn new(
        recipe: BoilerplateRecipe,
        articles: dedup::Outcome,
        texts: TokenTexts,
        found: Families,
    ) -> Self {
        let before = found.families.len();
        let mut families = found.families;
        families.retain(|family| passes(&recipe, &articles, family));
        let mut of_document = vec![Vec::new(); articles.articles.len()];
        for (number, family) in (0u32..).zip(&families) {
            for (at, occurrence) in (0u32..).zip(&family.occurrences) {
                of_document[occurrence.doc.index()].push((number, at));
            }
        }
        Self {
            recipe,
            articles,
            texts,
            left_out: before - families.len(),
            families,
            limits: found.limits,
            shared_with_keeper: SharedFamilies::default(),
            of_document,
        }
    }

    /// A document's occurrences with the position of their family, in order of
    /// the families.
    fn occurrences_in(&self, doc: DocId) -> impl Iterator<Item = (u32, &Occurrence)> {
        self.positions_in(doc)
            .map(|(family, at)| (family, &self.families[family as usize].occurrences[at as usize]))
    }

    /// How many documents have an occurrence of any family.
    pub fn documents_with_passages(&self) -> u64 {
        self.of_document.iter().filter(|found| !found.is_empty()).count() as u64
    }

    /// A document's occurrences, as the position of the family and the
    /// position in it.
    pub fn positions_in(&self, doc: DocId) -> impl Iterator<Item = (u32, u32)> {
        self.of_document[doc.index()].iter().copied()
    }

    /// Whether a document was looked at: it is no copy, or copies count.
    pub fn is_counted(&self, doc: DocId) -> bool {
        self.recipe.include_copies || self.articles.dropped[doc.index()].is_none()
    }

    /// The documents that are copies of this one and were not looked at, in
    /// input order.
    pub fn copies_of(&self, doc: DocId) -> impl Iterator<Item = DocId> {
        let clusters = &self.articles.clusters;
        let cluster = clusters.binary_search_by_key(&doc, |cluster| cluster.keeper);
        let cluster = cluster.ok().filter(|_| !self.recipe.include_copies);
        let members = cluster.map_or(&[][..], |at| &clusters[at].members);
        members.iter().copied().filter(move |member| *member != doc)
    }

    /// The document that a record at this place was read as.
    pub fn document_at(&self, place: &Place) -> Option<DocId> {
        let key = |place: &Place| (place.file, place.offset);
        let articles = &self.articles.articles;
        let found = articles.binary_search_by_key(&key(place), |article| key(&article.place));
        found.ok().map(|at| DocId(at as u32))
    }

    /// What is to be said of a family.
    pub fn facts(&self, family: &Family) -> FamilyFacts<'_> {
        let mut docs: Vec<DocId> = family.occurrences.iter().map(|o| o.doc).collect();
        docs.dedup();
        let articles = docs.iter().map(|doc| &self.articles.articles[doc.index()]);
        let times = articles.clone().filter_map(|article| article.date.timestamp());
        let mut sources: Vec<&str> = articles
            .filter_map(|article| article.source)
            .map(|source| self.articles.sources[source as usize].as_str())
            .collect();
        sources.sort_unstable();
        sources.dedup();
        let mut standing = Standing::default();
        for occurrence in &family.occurrences {
            standing.add(self.stands(occurrence));
        }
        let mut identities: Vec<f64> = (0..)
            .zip(&family.occurrences)
            .filter(|(at, _)| *at != family.representative)
            .map(|(_, occurrence)| occurrence.identity)
            .collect();
        identities.sort_unstable_by(f64::total_cmp);
        FamilyFacts {
            sources,
            dates: times.clone().min().zip(times.max()),
            copies: docs.iter().map(|doc| self.copies_of(*doc).count() as u64).sum(),
            standing,
            lowest_identity: identities.first().copied().unwrap_or(1.0),
            median_identity: match identities.len() {
                0 => 1.0,
                count => identities[(count - 1) / 2],
            },
        }
    }

    fn stands(&self, occurrence: &Occurrence) -> Stands {
        let count = self.texts.token_count(occurrence.doc) as u64;
        let before = u64::from(occurrence.tokens.start);
        let after = count - u64::from(occurrence.tokens.end);
        match before + after {
            0 => Stands::Whole,
            others if 5 * before <= others => Stands::Head,
            others if 5 * after <= others => Stands::Tail,
            _ => Stands::Body,
        }
    }

    /// How many tokens were looked at, and how many of them lie in an
    /// occurrence of a family.
    pub fn repeated_tokens(&self) -> (u64, u64) {
        let docs = (0..self.of_document.len() as u32).map(DocId);
        let mut repeated = 0;
        let mut ranges = Vec::new();
        for doc in docs.clone() {
            ranges.clear();
            ranges.extend(self.occurrences_in(doc).map(|(_, found)| found.tokens.clone()));
            ranges.sort_unstable_by_key(|range| range.start);
            let mut end = 0;
            for range in &ranges {
                repeated += u64::from(range.end.saturating_sub(range.start.max(end)));
                end = end.max(range.end);
            }
        }
        (docs.map(|doc| self.texts.token_count(doc) as u64).sum(), repeated)
    }
}

/// Whether a family is one that was asked for.
fn passes(recipe: &BoilerplateRecipe, articles: &dedup::Outcome, family: &Family) -> bool {
    let mut sources: Vec<Option<u32>> = family
        .occurrences
        .iter()
        .map(|occurrence| articles.articles[occurrence.doc.index()].source)
        .collect();
    sources.sort_unstable();
    sources.dedup();
    let named = sources.iter().flatten().count();
    family.documents >= recipe.min_documents
        && named >= recipe.min_sources as usize
        && match recipe.sources {
            Sources::Any => true,
            Sources::Within => sources.len() == 1 && named == 1,
            Sources::Across => named >= 2,
        }
}
