//! The result of a run, as data.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::Result;
use crate::document::{DocId, Timestamp};
use crate::matching::{Rules, Similarity};
use crate::recipe::{Engine, Recipe, Relation};
use crate::sketch::bands::Banding;

use super::article::Article;
use super::classes::Ranked;
use super::masked::Boilerplate;
use super::order::KeepOrder;
use super::pairs::Pairs;
use super::{Found, Measures};

/// What was found: who goes, who stays instead, and why.
#[derive(Debug)]
pub struct Outcome {
    /// The recipe that was followed.
    pub recipe: Recipe,
    /// The engine that found the candidates: `Exact` or `Minhash`.
    pub engine: Engine,
    /// The bands of the MinHash engine.
    pub banding: Option<Banding>,
    /// Every document, in input order.
    pub articles: Vec<Article>,
    /// The names of the sources, in order of appearance.
    pub sources: Vec<String>,
    /// For each document, why it is dropped; `None` if it stays.
    pub dropped: Vec<Option<Dropped>>,
    /// Clusters of two documents or more, numbered from 1 in input order of
    /// their keepers.
    pub clusters: Vec<Cluster>,
    /// Pairs of kept documents that are related, in input order.
    pub related: Vec<RelatedArticles>,
    /// Shingles that more kept documents share than were looked at for related
    /// pairs, and documents that met more; 0 if no related pair can have been left out.
    pub related_lists_cut: usize,
    /// The boilerplate that was masked before anything was compared.
    pub boilerplate: Boilerplate,
    /// Documents whose id an earlier document has too.
    pub repeated_ids: u64,
    /// Every pair that matches, whoever stays, with what is needed to decide
    /// again; `None` unless asked for, and if there are too many.
    pub pairs: Option<Pairs>,
}

/// Why a document is dropped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropped {
    /// The document that stays instead.
    pub keeper: DocId,
    /// How the dropped document relates to its keeper.
    pub relation: Relation,
    /// What decided: the similarity without boilerplate. The dropped document
    /// on the left, its keeper on the right.
    pub similarity: Similarity,
    /// The similarity of the texts as they are.
    pub plain: Similarity,
    /// The number of its cluster.
    pub cluster: u32,
}

/// A keeper and the documents dropped for it.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The document that stays.
    pub keeper: DocId,
    /// All documents, the keeper among them, in input order.
    pub members: Vec<DocId>,
    /// The lowest Jaccard similarity of a dropped document with the keeper.
    pub lowest_jaccard: f64,
}

/// Two documents that both stay though they are related.
#[derive(Clone, Copy, Debug)]
pub struct RelatedArticles {
    /// The document that comes first in the input.
    pub document: DocId,
    /// The other one.
    pub other: DocId,
    /// What they are to each other.
    pub relation: Relation,
    /// What decided: the similarity without boilerplate. `document` on the
    /// left, `other` on the right.
    pub similarity: Similarity,
    /// The similarity of the texts as they are.
    pub plain: Similarity,
}

/// A count of documents and of the bytes of their records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Documents.
    pub documents: u64,
    /// Bytes of their records, line terminators included.
    pub bytes: u64,
}

impl Counts {
    fn add(&mut self, article: &Article) {
        self.documents += 1;
        self.bytes += article.place.bytes;
    }
}

/// What stays and what goes of some documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// What stays.
    pub kept: Counts,
    /// What goes.
    pub removed: Counts,
}

impl Tally {
    /// Counts one document.
    fn add(&mut self, article: &Article, dropped: bool) {
        if dropped { self.removed.add(article) } else { self.kept.add(article) }
    }
}

impl Outcome {
    /// The keep policy as a total order: `Less` if the first document would be
    /// kept rather than the second.
    pub fn keep_order(&self) -> impl Fn(DocId, DocId) -> Ordering + '_ {
        let order = KeepOrder::new(&self.recipe.keep, &self.articles, &self.sources);
        move |a, b| order.compare(a.0, b.0)
    }

    /// What stays and what goes of all documents.
    pub fn tally(&self) -> Tally {
        self.tally_by(|_| ()).remove(&()).unwrap_or_default()
    }

    /// What stays and what goes, by some property of the documents.
    pub fn tally_by<K: Ord>(&self, key: impl Fn(&Article) -> K) -> BTreeMap<K, Tally> {
        let mut tallies: BTreeMap<K, Tally> = BTreeMap::new();
        for (article, dropped) in self.articles.iter().zip(&self.dropped) {
            tallies.entry(key(article)).or_default().add(article, dropped.is_some());
        }
        tallies
    }

    /// What goes, by relation to the keeper.
    pub fn removed_by_relation(&self) -> [(Relation, Counts); Relation::DROPPABLE.len()] {
        let mut counts = Relation::DROPPABLE.map(|relation| (relation, Counts::default()));
        for (article, dropped) in self.articles.iter().zip(&self.dropped) {
            if let Some(dropped) = dropped {
                counts[dropped.relation as usize].1.add(article);
            }
        }
        counts
    }

    /// How many of the dropped documents do not match their keeper as they
    /// are, with the boilerplate that was masked.
    pub fn removed_by_mask(&self) -> u64 {
        let rules = Rules::new(&self.recipe);
        let is_by_mask = |dropped: &&Dropped| {
            !matches!(dropped.relation, Relation::Identical | Relation::Same)
                && rules.drop(&dropped.plain).is_none()
        };
        self.dropped.iter().flatten().filter(is_by_mask).count() as u64
    }

    /// The number of the cluster a document is in, as keeper or dropped.
    pub fn cluster_of(&self, document: DocId) -> Option<u32> {
        if let Some(dropped) = &self.dropped[document.index()] {
            return Some(dropped.cluster);
        }
        let found = self.clusters.binary_search_by_key(&document, |cluster| cluster.keeper);
        found.ok().map(|at| at as u32 + 1)
    }

    /// The names of the sources of a cluster, sorted.
    pub fn cluster_sources(&self, cluster: &Cluster) -> Vec<&str> {
        let mut names: Vec<&str> = cluster
            .members
            .iter()
            .filter_map(|doc| self.articles[doc.index()].source)
            .map(|source| self.sources[source as usize].as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The earliest and the latest date in a cluster.
    pub fn cluster_dates(&self, cluster: &Cluster) -> Option<(Timestamp, Timestamp)> {
        let times =
            || cluster.members.iter().filter_map(|doc| self.articles[doc.index()].date.timestamp());
        Some((times().min()?, times().max()?))
    }
}

/// Brings what was found about classes back to documents.
pub(super) fn assemble(
    run: Run,
    classes: &Ranked,
    measures: Measures<'_>,
    counts: &dyn Fn(u32, u32) -> bool,
    found: Found,
    boilerplate: Boilerplate,
) -> Result<Outcome> {
    let Run { recipe, articles, sources, repeated_ids } = run;
    let mut dropped: Vec<Option<Dropped>> = vec![None; articles.len()];
    let Found { links, related, engine, banding, pairs } = found;
    let Measures { shingles, plain } = measures;
    for ((class, documents), link) in (0u32..).zip(classes.iter()).zip(&links) {
        let shingles = shingles(class);
        let of_class = Similarity { shared: shingles, left: shingles, right: shingles };
        let (keeper, leaving, relation, similarity) = match link {
            Some(link) => (link.keeper, documents, link.relation, link.similarity),
            None if documents.len() > 1 && counts(class, class) => {
                (class, &documents[1..], Relation::Same, of_class)
            }
            None => continue,
        };
        let plain = plain(similarity, class, keeper)?;
        let keeper = classes.head(keeper);
        for &document in leaving {
            dropped[document as usize] = Some(Dropped {
                keeper: DocId(keeper),
                relation: closest(&articles[document as usize], &articles[keeper as usize])
                    .unwrap_or(relation),
                similarity,
                plain,
                cluster: 0,
            });
        }
    }
    let clusters = number_clusters(&mut dropped);
    let mut related_articles: Vec<RelatedArticles> = related
        .pairs
        .par_iter()
        .map(|pair| {
            Ok(in_input_order(RelatedArticles {
                document: DocId(classes.head(pair.text)),
                other: DocId(classes.head(pair.other)),
                relation: pair.relation,
                similarity: pair.similarity,
                plain: plain(pair.similarity, pair.text, pair.other)?,
            }))
        })
        .collect::<Result<_>>()?;
    related_articles.sort_unstable_by_key(|pair| (pair.document, pair.other));
    let mut outcome = Outcome {
        recipe,
        engine,
        banding,
        articles,
        sources,
        dropped,
        clusters,
        related: related_articles,
        related_lists_cut: related.lists_cut,
        boilerplate,
        repeated_ids,
        pairs: None,
    };
    let pairs = pairs.map(|pairs| Pairs::new(&outcome, classes, measures, &pairs));
    outcome.pairs = pairs.transpose()?;
    Ok(outcome)
}

/// What a run has collected beside the texts.
pub(super) struct Run {
    pub(super) recipe: Recipe,
    pub(super) articles: Vec<Article>,
    pub(super) sources: Vec<String>,
    pub(super) repeated_ids: u64,
}

/// The relation of two documents whose texts are the same.
fn closest(article: &Article, keeper: &Article) -> Option<Relation> {
    if article.text_hash == keeper.text_hash {
        Some(Relation::Identical)
    } else if article.same_hash == keeper.same_hash {
        Some(Relation::Same)
    } else {
        None
    }
}

/// Collects the clusters, numbers them and notes the numbers in `dropped`.
fn number_clusters(dropped: &mut [Option<Dropped>]) -> Vec<Cluster> {
    let mut by_keeper: BTreeMap<DocId, Cluster> = BTreeMap::new();
    for (document, fate) in (0u32..).zip(dropped.iter()) {
        let Some(fate) = fate else { continue };
        let cluster = by_keeper.entry(fate.keeper).or_insert_with(|| Cluster {
            keeper: fate.keeper,
            members: vec![fate.keeper],
            lowest_jaccard: 1.0,
        });
        cluster.members.push(DocId(document));
        cluster.lowest_jaccard = cluster.lowest_jaccard.min(fate.similarity.jaccard());
    }
    let mut clusters: Vec<Cluster> = by_keeper.into_values().collect();
    for (number, cluster) in (1u32..).zip(&mut clusters) {
        cluster.members.sort_unstable();
        for document in &cluster.members {
            if let Some(fate) = &mut dropped[document.index()] {
                fate.cluster = number;
            }
        }
    }
    clusters
}

/// The pair with the document that comes first in the input on the left.
fn in_input_order(pair: RelatedArticles) -> RelatedArticles {
    if pair.document <= pair.other {
        return pair;
    }
    let turned =
        |Similarity { shared, left, right }| Similarity { shared, left: right, right: left };
    RelatedArticles {
        document: pair.other,
        other: pair.document,
        similarity: turned(pair.similarity),
        plain: turned(pair.plain),
        ..pair
    }
}
