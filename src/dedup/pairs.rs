//! Every pair that matches, so that a run can be decided again.
//!
//! A run compares each text with the keepers before it: that is all its own
//! decision asks for. Another keep policy makes other keepers, and a higher
//! threshold parts texts that were dropped for one. So where it is asked for,
//! all pairs are found, and kept with what else decides: a few numbers a
//! text, no text. [`super::again`] is the other half.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::document::DocId;
use crate::hash::{FileChecksum, Hash128};
use crate::matching::banded::BandIndex;
use crate::matching::keys::SharedKeys;
use crate::matching::prefix::{PrefixIndex, Scope};
use crate::matching::related::{Compared, RELATED_LIST_MAX};
use crate::matching::{
    CandidateIndex, Link, PairFilter, Related, Rules, Similarity, Texts, related_pairs,
};
use crate::passages::Forest;
use crate::recipe::{Engine, Recipe};
use crate::sketch::bands::Banding;
use crate::watch::{Unit, Watch};

use super::Measures;
use super::article::Article;
use super::classes::Ranked;
use super::masked::BoilerplatePassage;
use super::outcome::Outcome;

/// Most pairs that are kept: a quarter of a gigabyte, and some ten seconds'
/// work. There are more only if thousands of texts are copies of a few.
pub const PAIRS_MAX: u64 = 10_000_000;

/// What a run knew of its pairs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pairs {
    /// The recipe under which they were found.
    pub recipe: Recipe,
    /// The engine that found them: `Exact` or `Minhash`.
    pub engine: Engine,
    /// The bands of the MinHash engine.
    pub banding: Option<Banding>,
    /// As [`Outcome::related_lists_cut`].
    pub related_lists_cut: usize,
    /// How many documents there were.
    pub documents: u32,
    /// A checksum of the hashes of their records, in order.
    pub records: Hash128,
    /// The documents without a word, ascending.
    pub wordless: Vec<u32>,
    /// How many documents were compared without their boilerplate.
    pub documents_masked: u64,
    /// The passages that were masked, by number.
    pub boilerplate: Vec<BoilerplatePassage>,
    /// The texts that are told twice, are in a pair or have boilerplate, by
    /// their first document.
    #[serde(skip)]
    pub texts: Vec<PairedText>,
    /// The pairs, ascending by `a`, then by `b`.
    #[serde(skip)]
    pub pairs: Vec<Pair>,
}

/// What decides about a text, and about the documents that have it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PairedText {
    /// Its documents, ascending.
    pub documents: Vec<u32>,
    /// The hash of the normalised text.
    pub same_hash: Hash128,
    /// Its length in words.
    pub words: u32,
    /// The different numbers in it, as hashes, ascending.
    pub numbers: Vec<u32>,
    /// How many shingles were compared.
    pub shingles: u32,
    /// How many it has with those that were masked.
    pub plain_shingles: u32,
    /// The positions of its passages in [`Pairs::boilerplate`], ascending.
    pub boilerplate: Vec<u32>,
}

/// Two texts that match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[u32; 4]", into = "[u32; 4]")]
pub struct Pair {
    /// A text, by its position.
    pub a: u32,
    /// A later one.
    pub b: u32,
    /// How many of the shingles that were compared they share.
    pub shared: u32,
    /// How many of all shingles they share.
    pub plain_shared: u32,
}

impl From<[u32; 4]> for Pair {
    fn from([a, b, shared, plain_shared]: [u32; 4]) -> Self {
        Self { a, b, shared, plain_shared }
    }
}

impl From<Pair> for [u32; 4] {
    fn from(Pair { a, b, shared, plain_shared }: Pair) -> Self {
        [a, b, shared, plain_shared]
    }
}

impl Pairs {
    /// The connected components of the copies: any two documents of one are joined
    /// by a chain of pairs that match so that `recipe` would drop one for the other,
    /// templates too. Each document that is in one, ascending, with the first
    /// document of its component.
    pub fn connected(&self, recipe: &Recipe) -> Vec<(DocId, DocId)> {
        let rules = Rules::new(recipe);
        let mut forest = Forest::new(self.documents);
        for PairedText { documents, .. } in &self.texts {
            documents[1..].iter().for_each(|document| forest.unite(documents[0], *document));
        }
        for Pair { a, b, shared, .. } in &self.pairs {
            let [a, b] = [a, b].map(|text| &self.texts[*text as usize]);
            let similarity = Similarity { shared: *shared, left: a.shingles, right: b.shingles };
            let drops = |similarity| rules.drop(similarity).is_some();
            if drops(&similarity) || drops(&similarity.turned()) {
                forest.unite(a.documents[0], b.documents[0]);
            }
        }
        let roots: Vec<u32> = (0..self.documents).map(|document| forest.root(document)).collect();
        let mut sizes = vec![0u32; roots.len()];
        roots.iter().for_each(|root| sizes[*root as usize] += 1);
        (0..)
            .zip(roots)
            .filter(|(_, root)| sizes[*root as usize] > 1)
            .map(|(document, root)| (DocId(document), DocId(root)))
            .collect()
    }

    /// What an outcome's own decision was made of; `pairs` are in terms of
    /// `classes`.
    pub(super) fn new(
        outcome: &Outcome,
        classes: &Ranked,
        measures: Measures<'_>,
        pairs: &[Related],
    ) -> Result<Self> {
        const NOT_INVOLVED: u32 = u32::MAX;
        let boilerplate = &outcome.boilerplate;
        let passages = |class: u32| boilerplate.of(crate::document::DocId(classes.head(class)));
        let mut is_paired = vec![false; classes.len()];
        for pair in pairs {
            is_paired[pair.text as usize] = true;
            is_paired[pair.other as usize] = true;
        }
        let mut involved: Vec<u32> = (0..classes.len() as u32)
            .filter(|&class| {
                is_paired[class as usize] || classes.size(class) > 1 || !passages(class).is_empty()
            })
            .collect();
        involved.sort_unstable_by_key(|class| classes.first(*class));
        let mut position_of = vec![NOT_INVOLVED; classes.len()];
        for (position, class) in (0u32..).zip(&involved) {
            position_of[*class as usize] = position;
        }
        let text = |&class: &u32| {
            let mut documents = classes.documents(class).to_vec();
            documents.sort_unstable();
            let article = &outcome.articles[classes.head(class) as usize];
            let shingles = (measures.shingles)(class);
            let whole = Similarity { shared: shingles, left: shingles, right: shingles };
            Ok(PairedText {
                documents,
                same_hash: article.same_hash,
                words: article.words,
                numbers: article.numbers.to_vec(),
                shingles,
                plain_shingles: (measures.plain)(whole, class, class)?.left,
                boilerplate: passages(class).to_vec(),
            })
        };
        let pair = |pair: &Related| {
            let [x, y] = [pair.text, pair.other].map(|class| position_of[class as usize]);
            let plain = (measures.plain)(pair.similarity, pair.text, pair.other)?;
            Ok(Pair {
                a: x.min(y),
                b: x.max(y),
                shared: pair.similarity.shared,
                plain_shared: plain.shared,
            })
        };
        let mut pairs: Vec<Pair> = pairs.iter().map(pair).collect::<Result<_>>()?;
        pairs.sort_unstable_by_key(|pair| (pair.a, pair.b));
        let wordless = (0u32..).zip(&outcome.articles).filter(|(_, article)| article.wordless);
        Ok(Self {
            recipe: outcome.recipe.clone(),
            engine: outcome.engine,
            banding: outcome.banding,
            related_lists_cut: outcome.related_lists_cut,
            documents: outcome.articles.len() as u32,
            records: checksum(&outcome.articles),
            wordless: wordless.map(|(document, _)| document).collect(),
            documents_masked: boilerplate.documents_masked,
            boilerplate: boilerplate.passages.clone(),
            texts: involved.iter().map(text).collect::<Result<_>>()?,
            pairs,
        })
    }

    /// Refuses what no run can have known.
    ///
    /// # Errors
    /// What is wrong, in plain words.
    pub fn check(&self) -> Result<(), String> {
        let is_document = |document: &u32| *document < self.documents;
        let mut is_taken = vec![false; self.documents as usize];
        let mut take = |documents: &[u32]| {
            documents.is_sorted_by(|a, b| a < b)
                && documents.iter().all(|document| {
                    is_document(document)
                        && !std::mem::replace(&mut is_taken[*document as usize], true)
                })
        };
        let passages = self.boilerplate.len() as u64;
        if !take(&self.wordless)
            || !self.boilerplate.iter().all(|passage| is_document(&passage.example.0))
        {
            return Err("a document that is none".to_owned());
        }
        for text in &self.texts {
            let is_sound = !text.documents.is_empty()
                && take(&text.documents)
                && (1..=text.plain_shingles).contains(&text.shingles)
                && text.boilerplate.iter().all(|passage| u64::from(*passage) < passages);
            if !is_sound {
                return Err("a text that cannot be".to_owned());
            }
        }
        let is_sound = |pair: &Pair| {
            let texts = [pair.a, pair.b].map(|at| self.texts.get(at as usize));
            let [Some(a), Some(b)] = texts else { return false };
            pair.a < pair.b
                && pair.shared <= a.shingles.min(b.shingles)
                && pair.plain_shared <= a.plain_shingles.min(b.plain_shingles)
        };
        let is_ascending = self.pairs.is_sorted_by(|x, y| (x.a, x.b) < (y.a, y.b));
        match is_ascending && self.pairs.iter().all(is_sound) {
            true => Ok(()),
            false => Err("a pair that cannot be".to_owned()),
        }
    }
}

/// A checksum of the hashes of all records.
pub(super) fn checksum(articles: &[Article]) -> Hash128 {
    let mut checksum = FileChecksum::default();
    for article in articles {
        checksum.update(&article.record_hash.0.to_le_bytes());
    }
    checksum.finish()
}

/// Whether there are no more pairs than can be kept, if the texts that are
/// linked to one keeper all match each other.
pub(super) fn are_few_enough(links: &[Option<Link>]) -> bool {
    let mut linked = vec![0u64; links.len()];
    for link in links.iter().flatten() {
        linked[link.keeper as usize] += 1;
    }
    linked.iter().map(|linked| linked * (linked + 1) / 2).sum::<u64>() <= PAIRS_MAX
}

/// All pairs, by the exact join; `None` if there are too many. Complete for
/// those that make one text go; of those that are only related, as complete as
/// the outcome's own list of them.
pub(super) fn by_shingles(
    texts: &mut Texts,
    shared: &SharedKeys,
    rules: &Rules,
    counts: PairFilter<'_>,
    watch: &dyn Watch,
) -> Result<Option<Vec<Related>>> {
    let mut found = Vec::new();
    for (floors, list_limit) in
        [(rules.drop_floors(), usize::MAX), (rules.related_floors(), RELATED_LIST_MAX)]
    {
        let scope = Scope { floors, from_both_sides: true, list_limit };
        let mut index = PrefixIndex::new(texts, shared, scope, watch)?;
        found.extend(all(texts, &mut index, rules, counts, watch)?);
    }
    Ok(unique(found))
}

/// All pairs that `index`, which holds none yet, brings together; `None` if
/// there are too many.
pub(super) fn by_bands(
    texts: &mut Texts,
    mut index: BandIndex<'_>,
    rules: &Rules,
    counts: PairFilter<'_>,
    watch: &dyn Watch,
) -> Result<Option<Vec<Related>>> {
    Ok(unique(all(texts, &mut index, rules, counts, watch)?))
}

fn all(
    texts: &mut Texts,
    index: &mut dyn CandidateIndex,
    rules: &Rules,
    counts: PairFilter<'_>,
    watch: &dyn Watch,
) -> Result<Vec<Related>> {
    let all: Vec<u32> = (0..texts.len()).collect();
    watch.phase("pairing", Unit::Documents, Some(u64::from(texts.len())));
    for &text in &all {
        watch.check()?;
        index.insert(text);
    }
    let compared = Compared { met_max: usize::MAX, always: &HashSet::new() };
    Ok(related_pairs(texts, &all, index, rules, counts, compared, watch)?.pairs)
}

/// Each pair once, if they are not too many.
fn unique(mut pairs: Vec<Related>) -> Option<Vec<Related>> {
    pairs.sort_unstable_by_key(|pair| (pair.text, pair.other));
    pairs.dedup_by_key(|pair| (pair.text, pair.other));
    (pairs.len() as u64 <= PAIRS_MAX).then_some(pairs)
}
