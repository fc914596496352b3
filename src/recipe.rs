//! The recipe: every parameter that changes a result, and its fingerprint.
//!
//! What does not change a result (threads, colours, memory) is a setting and
//! lives with whoever runs the job.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::hash::Hash128;
use crate::text::NORM_VERSION;
use crate::{Error, Result};

/// How a dropped document relates to its keeper, from the closest down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// The texts are equal byte for byte.
    Identical,
    /// The normalised texts are equal.
    Same,
    /// Jaccard similarity at or above [`Recipe::jaccard`].
    Near,
    /// The shorter lies in the longer: containment at or above
    /// [`Recipe::containment`].
    Contained,
    /// The same report, re-edited: Jaccard similarity at or above
    /// [`Recipe::variant_jaccard`], or containment of the shorter at or above
    /// [`Recipe::variant_containment`] with no more of its own than
    /// [`Recipe::variant_unshared_max`].
    Variant,
    /// The same words with other numbers: two market reports, two dividend
    /// notices. They would be closer, were it not for
    /// [`Recipe::template_numbers`]; nothing is ever dropped for it.
    Template,
}

impl Relation {
    /// All relations, from the closest down.
    pub const ALL: [Relation; 6] =
        [Self::Identical, Self::Same, Self::Near, Self::Contained, Self::Variant, Self::Template];

    /// The relations a document can be dropped for, from the closest down.
    pub const DROPPABLE: [Relation; 5] =
        [Self::Identical, Self::Same, Self::Near, Self::Contained, Self::Variant];

    /// The word used in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::Same => "same",
            Self::Near => "near",
            Self::Contained => "contained",
            Self::Variant => "variant",
            Self::Template => "template",
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which copy stays. Every policy is a total order; ties go to the text's
/// content, then the id, so that the kept set does not depend on file order
/// (except, by its nature, under `First`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// The one that comes first in the input.
    First,
    /// The one with the most tokens.
    Longest,
    /// The one with the earliest date; documents without a date come last.
    Earliest,
    /// The one with the latest date; documents without a date come last.
    Latest,
    /// The one whose source comes first in this list; other sources come last.
    Source(Vec<String>),
}

/// How candidate pairs are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Prefix-filter set-similarity join: every match is found.
    Exact,
    /// MinHash signatures in bands: a match at the threshold is found with
    /// probability [`Recipe::recall`] or more.
    Minhash,
    /// `Exact` up to [`AUTO_EXACT_SHINGLES_MAX`] shingles, `Minhash` above.
    Auto,
}

/// Up to how many shingles in all documents together `Engine::Auto` takes the
/// exact engine: some four hundred thousand articles. Beyond, it costs several
/// times what MinHash costs, which finds nearly the same.
pub const AUTO_EXACT_SHINGLES_MAX: u64 = 100_000_000;

/// Which pairs count, by source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sources {
    /// Any two documents.
    Any,
    /// Only two documents of one source.
    Within,
    /// Only two documents of different sources.
    Across,
}

/// What is boilerplate, and masked before texts are compared: a passage that
/// stands in many texts, each time beside text that only that document has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mask {
    /// In how many different texts it stands at least. With fewer, what many
    /// papers printed of one report, each in its own way, would count.
    pub min_texts: u32,
    /// How many words it has at least. With fewer, the long titles of princes
    /// and ministers would count; and less weighs little beside an article.
    pub min_words: u32,
}

impl Default for Mask {
    fn default() -> Self {
        Self { min_texts: 20, min_words: 25 }
    }
}

/// Every parameter that changes the result of `dedup`.
///
/// Similarities are in [0, 1] and over distinct shingles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// The version of the normalisation table.
    pub norm_version: u32,
    /// Tokens in a shingle (words; characters of unspaced scripts count less).
    pub shingle_words: u32,
    /// Characters in a shingle, where shingles are of characters and not of
    /// words: for texts with misread characters.
    pub shingle_chars: Option<u32>,
    /// Texts with fewer words than this match only as `identical` or `same`.
    pub min_words: u32,
    /// Jaccard similarity from which two documents are `near`.
    pub jaccard: f64,
    /// Containment of the shorter from which it is `contained`.
    pub containment: f64,
    /// Jaccard similarity from which two documents are `variant`s.
    pub variant_jaccard: f64,
    /// Containment of the shorter from which two documents are `variant`s.
    pub variant_containment: f64,
    /// A text is a `variant` by its containment only if no more than so many
    /// of its shingles are not in the other: about the words that would be
    /// lost with it. `None` sets no limit.
    pub variant_unshared_max: Option<u32>,
    /// Boilerplate that is masked before texts are compared; `None` compares
    /// them as they are.
    pub mask: Option<Mask>,
    /// Two documents are a `template`, whatever their similarity, if the one
    /// with fewer different numbers has at least this share of them alone
    /// (and see [`Recipe::template_words`]). `None` tells no templates apart.
    pub template_numbers: Option<f64>,
    /// Two documents are a `template` only if the shorter has at least one of
    /// the numbers that differ in so many words: a figure corrected in a long
    /// report makes no template of it.
    pub template_words: u32,
    /// The relations whose documents are dropped; the others are reported.
    pub drop: Vec<Relation>,
    /// Which copy stays.
    pub keep: Keep,
    /// Which pairs count, by source.
    pub sources: Sources,
    /// Only documents at most this many seconds apart count as a pair.
    pub window_seconds: Option<u64>,
    /// How candidates are found.
    pub engine: Engine,
    /// The wished probability that the MinHash engine finds a pair exactly at
    /// the threshold.
    pub recall: f64,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            norm_version: NORM_VERSION,
            shingle_words: 3,
            shingle_chars: None,
            min_words: 10,
            jaccard: 0.7,
            containment: 0.9,
            variant_jaccard: 0.4,
            variant_containment: 0.5,
            variant_unshared_max: None,
            mask: Some(Mask::default()),
            template_numbers: Some(0.25),
            template_words: 20,
            drop: vec![Relation::Identical, Relation::Same, Relation::Near, Relation::Contained],
            keep: Keep::Longest,
            sources: Sources::Any,
            window_seconds: None,
            engine: Engine::Auto,
            recall: 0.999,
        }
    }
}

impl Recipe {
    /// Only what is nearly the same: Jaccard of at least 0.9. Abridged copies
    /// are reported, not dropped.
    pub fn strict() -> Self {
        Self {
            jaccard: 0.9,
            drop: vec![Relation::Identical, Relation::Same, Relation::Near],
            ..Self::default()
        }
    }

    /// The same agency report in different papers is one story: variants count
    /// as copies, as long as little is lost with them.
    ///
    /// A developing story shares as large a part with its next version as a
    /// report with its abridgement, but the next version brings hundreds of
    /// new words: so what is contained to a good part may have a hundred
    /// shingles of its own at most, and a longer text must be alike as a
    /// whole. Chosen on every second title pair of SaudiNewsNet and every
    /// second judged pair of `ecir20_core`; `docs/accuracy.md` has the figures
    /// of the other halves.
    pub fn wire() -> Self {
        Self {
            variant_jaccard: 0.6,
            variant_containment: 0.45,
            variant_unshared_max: Some(100),
            drop: Relation::DROPPABLE.to_vec(),
            ..Self::default()
        }
    }

    /// Noisy text, as optical character recognition leaves it: up to about one
    /// character in twelve misread, in every copy.
    ///
    /// Compared by runs of seven characters. Of those, 0.92^14 = 0.31 are whole
    /// in two copies of which each has 8 % of its characters misread; texts
    /// that have nothing to do with each other share 0.06 of the shorter's or
    /// less (ANT, 99.9 % of pairs). Misread digits make other numbers, so
    /// templates are not told apart; boilerplate, which is found word by word, is
    /// not masked.
    pub fn ocr() -> Self {
        Self {
            shingle_chars: Some(7),
            jaccard: 0.13,
            containment: 0.23,
            variant_jaccard: 0.13,
            variant_containment: 0.23,
            mask: None,
            template_numbers: None,
            ..Self::default()
        }
    }

    /// Refuses values that make no sense together.
    ///
    /// # Errors
    /// [`Error::Usage`], with what to change.
    pub fn check(&self) -> Result<()> {
        let shares = [
            ("threshold", self.jaccard),
            ("containment", self.containment),
            ("variant", self.variant_jaccard),
            ("variant-containment", self.variant_containment),
            ("template-numbers", self.template_numbers.unwrap_or(1.0)),
            ("recall", self.recall),
        ];
        for (name, share) in shares {
            if !(share > 0.0 && share <= 1.0) {
                return Err(Error::Usage(format!(
                    "{name} is {share}; it must be above 0, at most 1"
                )));
            }
        }
        if self.recall >= 1.0 && self.engine == Engine::Minhash {
            return Err(Error::Usage(
                "no MinHash finds every pair; take a recall below 1 or --engine exact".to_owned(),
            ));
        }
        if self.drop.contains(&Relation::Template) {
            return Err(Error::Usage(
                "templates are different articles and never dropped; \
                 with --no-templates they count as what they are otherwise"
                    .to_owned(),
            ));
        }
        if self.shingle_words == 0 || self.shingle_chars == Some(0) {
            return Err(Error::Usage("a shingle has at least one word or character".to_owned()));
        }
        if self.min_words < self.shingle_words {
            return Err(Error::Usage(format!(
                "min-words is {}; texts shorter than a shingle of {} words are compared by \
                 equality only, so it must be at least {}",
                self.min_words, self.shingle_words, self.shingle_words
            )));
        }
        if let Some(mask) = self.mask
            && (mask.min_texts < 2 || mask.min_words < self.shingle_words)
        {
            return Err(Error::Usage(format!(
                "boilerplate is a passage of at least {} words (a shingle) in at least 2 texts, \
                 not one of {} in {}",
                self.shingle_words, mask.min_words, mask.min_texts
            )));
        }
        Ok(())
    }

    /// A hash of every parameter: two runs with one fingerprint over the same
    /// documents have the same outcome.
    pub fn fingerprint(&self) -> Hash128 {
        let canonical = serde_json::to_vec(self).expect("a recipe holds numbers, words and lists");
        Hash128::of(&canonical)
    }
}
