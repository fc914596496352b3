//! Finds passages: stretches of text that are told again, within one document
//! or across the corpus, though edited, renumbered, or glued into other text.
//!
//! [`TokenTexts`] keep what is needed of documents, and [`find_families`] does the
//! work in four steps:
//!
//! 1. *Seeds* (`seeds`): runs of a few words that occur more than once.
//! 2. *Links* (`link`, `align`, `snap`): what agrees around two occurrences of
//!    a seed, words changed, dropped and put in along the way; its ends moved
//!    to a sentence or paragraph border where one is near.
//! 3. *Families* (`families`, `agree`): links grouped around representatives,
//!    each occurrence measured exactly against its own.
//!
//! No seed is too frequent: a passage in every document is found, and the time
//! it takes grows with the number of documents. Nothing here reads files, and
//! the result depends on the documents, their order and the recipe only.

mod agree;
mod align;
mod components;
mod families;
mod graph;
mod join;
mod link;
mod meet;
mod seeds;
mod snap;
mod token_text;
mod told;

use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use agree::{Edit, edits};
pub(crate) use components::Forest;
pub use token_text::{Border, TokenTexts, ends_sentence};

use seeds::SeedTable;

use crate::document::DocId;
use crate::hash::Hash128;
use crate::text::{NORM_VERSION, WORD_WEIGHT};
use crate::watch::{Unit, Watch};
use crate::{Error, Result};

/// Every parameter that changes which passages are found.
///
/// Words are words of spaced scripts, or as many characters of unspaced ones as
/// weigh the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PassageRecipe {
    /// The version of the normalisation table.
    pub norm_version: u32,
    /// Words in a seed: what two copies must have in common somewhere, without
    /// a change. Fewer find more and take longer.
    pub seed_words: u32,
    /// How many words in a row may differ within a passage.
    pub gap_words: u32,
    /// In how many words two occurrences agree at least.
    pub min_words: u32,
    /// Identity of two occurrences at least, in [0, 1]: the words in which they
    /// agree, in the same order in both, over the words of the longer one.
    pub identity: f64,
    /// A seed with at most so many occurrences is looked at from each to each;
    /// of a more frequent one, some stand for the others.
    pub all_pairs_max: u32,
    /// How many words away a sentence or paragraph border may be for the end of
    /// a passage to be moved there.
    pub snap_words: u32,
}

impl Default for PassageRecipe {
    fn default() -> Self {
        Self {
            norm_version: NORM_VERSION,
            seed_words: 3,
            gap_words: 12,
            min_words: 12,
            identity: 0.5,
            all_pairs_max: 50,
            snap_words: 4,
        }
    }
}

/// More words than this are no seed, gap or least length of a passage: it is
/// about as long as what is followed at once.
const WORDS_MAX: u32 = 10_000;

impl PassageRecipe {
    /// A hash of every parameter: two runs with one fingerprint over the same
    /// documents have the same families.
    pub fn fingerprint(&self) -> Hash128 {
        let canonical = serde_json::to_vec(self).expect("a recipe holds numbers");
        Hash128::of(&canonical)
    }

    /// Refuses values that make no sense.
    ///
    /// # Errors
    /// [`Error::Usage`], with what to change.
    pub fn check(&self) -> Result<()> {
        let Self { seed_words, gap_words, min_words, identity, all_pairs_max, .. } = *self;
        for (name, value, least) in [
            ("seed-words", seed_words, 1),
            ("min-words", min_words, seed_words),
            ("all-pairs-max", all_pairs_max, 1),
        ] {
            if value < least {
                return Err(Error::Usage(format!("{name} is {value}; it must be {least} or more")));
            }
        }
        for (name, value) in
            [("seed-words", seed_words), ("gap-words", gap_words), ("min-words", min_words)]
        {
            if value > WORDS_MAX {
                return Err(Error::Usage(format!(
                    "{name} is {value}; it must be {WORDS_MAX} or less"
                )));
            }
        }
        if !(0.0..=1.0).contains(&identity) {
            return Err(Error::Usage(format!("identity is {identity}; it must be from 0 to 1")));
        }
        Ok(())
    }

    /// Whether two stretches that agree in `matched` tokens are occurrences of
    /// one passage.
    fn accepts(&self, texts: &TokenTexts, a: &Range<u32>, b: &Range<u32>, matched: u32) -> bool {
        let longer = a.len().max(b.len());
        f64::from(matched) >= self.identity * longer as f64 && self.is_long(texts, a, b, matched)
    }

    /// Whether two stretches agree in enough words if they agree in `matched`
    /// tokens, which weigh as much as the others on average.
    fn is_long(&self, texts: &TokenTexts, a: &Range<u32>, b: &Range<u32>, matched: u32) -> bool {
        let weight_min = u64::from(self.min_words) * u64::from(WORD_WEIGHT);
        let weight = texts.weights(a.clone()) + texts.weights(b.clone());
        u64::from(matched) * weight >= weight_min * (a.len() + b.len()) as u64
    }
}

/// A passage told more than once.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// Two or more, in order of document and place; no two of them overlap.
    pub occurrences: Vec<Occurrence>,
    /// The position of the one that the others were compared with.
    pub representative: usize,
    /// In how many documents it occurs.
    pub documents: u32,
}

impl Family {
    /// The occurrence that the others were compared with.
    pub fn representative(&self) -> &Occurrence {
        &self.occurrences[self.representative]
    }
}

/// One place where a passage is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Occurrence {
    /// The document.
    pub doc: DocId,
    /// Its tokens, counted from the document's first one.
    pub tokens: Range<u32>,
    /// Its bytes in the document's original text, on character boundaries. At a
    /// sentence's begin or end, punctuation belongs to it.
    pub bytes: Range<usize>,
    /// In how many tokens it agrees with the representative, in the same order
    /// in both; exact.
    pub matched: u32,
    /// `matched` over the tokens of the longer of the two.
    pub identity: f64,
}

/// All families of a corpus, and where a limit was met.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Families {
    /// Those in most documents first, then those with most occurrences, then
    /// the longest, then by place.
    ///
    /// A family may lie inside another (it occurs where the other doesn't) or
    /// overlap with it (other documents cut the passage at other places).
    pub families: Vec<Family>,
    /// Limits that were met.
    pub limits: Limits,
}

/// How often a limit of the method was met; zeros mean that nothing was cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Occurrences of seeds that are more frequent than
    /// [`PassageRecipe::all_pairs_max`] and agreed with none of the occurrences
    /// that stood for the others: turns of phrase, as a rule.
    pub unlinked_seeds: u64,
    /// Comparisons that were ended because two texts differed in thousands of
    /// words, or went on in another piece because they were longer than 16,384.
    pub cut_alignments: u64,
}

/// The families of a corpus.
///
/// The outcome depends on the documents, their order and the recipe, not on the
/// number of threads (those of the current `rayon` pool).
///
/// # Errors
/// [`crate::Error::Interrupted`] if `watch` asks for it; [`crate::Error::Usage`]
/// if the recipe makes no sense.
pub fn find_families(
    texts: &TokenTexts,
    recipe: &PassageRecipe,
    watch: &dyn Watch,
) -> Result<Families> {
    recipe.check()?;
    watch.phase("finding seeds", Unit::Documents, None);
    let seeds = SeedTable::new(texts, recipe, watch)?;
    watch.phase("linking passages", Unit::Documents, None);
    let matches = link::find_matches(texts, recipe, seeds, watch)?;
    watch.phase("forming families", Unit::Documents, None);
    let groups = families::group(texts, recipe, &matches.found, watch)?;
    watch.phase("joining families", Unit::Documents, None);
    let groups = join::join(texts, recipe, groups, watch)?;
    let mut families: Vec<Family> = groups.into_iter().map(|group| family(texts, group)).collect();
    families.sort_by_key(|family| {
        let first = &family.occurrences[0];
        (
            std::cmp::Reverse((
                family.documents,
                family.occurrences.len(),
                family.representative().tokens.len(),
            )),
            first.doc,
            first.tokens.start,
        )
    });
    let limits = Limits { unlinked_seeds: matches.unlinked, cut_alignments: matches.cut };
    Ok(Families { families, limits })
}

/// A family by documents and bytes; of `group` the representative comes first.
fn family(texts: &TokenTexts, mut group: Vec<families::Found>) -> Family {
    let first = group[0].places.clone();
    group.sort_by_key(|found| found.places.start);
    let representative =
        group.iter().position(|found| found.places == first).expect("sorting loses nothing");
    let occurrences: Vec<Occurrence> = group
        .into_iter()
        .map(|found| {
            let doc = texts.doc_of(found.places.start);
            let start = texts.places(doc).start;
            let tokens = found.places.start - start..found.places.end - start;
            let longer = tokens.len().max(first.len());
            Occurrence {
                doc,
                bytes: texts.bytes(doc, &tokens),
                tokens,
                matched: found.matched,
                identity: f64::from(found.matched) / longer as f64,
            }
        })
        .collect();
    let documents = occurrences.chunk_by(|a, b| a.doc == b.doc).count() as u32;
    Family { occurrences, representative, documents }
}

impl Families {
    /// For each of `documents` documents, its tokens that lie in occurrences:
    /// in order, those that touch or overlap joined.
    pub fn covered(&self, documents: usize) -> Vec<Vec<Range<u32>>> {
        let mut covered = vec![Vec::new(); documents];
        for occurrence in self.families.iter().flat_map(|family| &family.occurrences) {
            covered[occurrence.doc.index()].push(occurrence.tokens.clone());
        }
        for ranges in &mut covered {
            ranges.sort_by_key(|range| range.start);
            ranges.dedup_by(|next, range| {
                let joined = next.start <= range.end;
                if joined {
                    range.end = range.end.max(next.end);
                }
                joined
            });
        }
        covered
    }
}
