//! A whole run as a function over documents: no files, no printing.
//!
//! ```text
//! Document -add, batch-> Prepared -take-> Dedup -finish-> Outcome
//! ```
//!
//! [`Scratch::add`] is pure and runs on as many threads as the caller likes;
//! [`Dedup::take`] is given its results in input order; [`Dedup::finish`]
//! finds the copies. The outcome depends on the documents and the recipe only.

pub mod again;
mod article;
pub mod audit;
pub mod calibration;
mod classes;
mod masked;
mod order;
mod outcome;
pub mod pairs;
mod templates;

use crate::matching::banded::{BandIndex, Meetings};
use crate::matching::mask::{MaskRules, Passages, mask, plain_similarity};
use crate::matching::prefix::{PrefixIndex, Scope, shared_shingles};
use crate::matching::related::{Compared, RELATED_LIST_MAX, RELATED_MET_MAX};
use crate::matching::rules::Floors;
use crate::matching::{
    CandidateIndex, Link, PairFilter, Related, RelatedPairs, Rules, Similarity, Texts, cluster,
    link_to_keepers, related_pairs,
};
use crate::memory::Memory;
use crate::recipe::{AUTO_EXACT_SHINGLES_MAX, Engine, Mask, Recipe};
use crate::sketch::bands::Banding;
use crate::sketch::{Kernel, SLOTS, Sketcher};
use crate::watch::{Unit, Watch};
use crate::{Error, Result};

pub use article::{Article, Prepared, Scratch, prepare};
pub use masked::{Boilerplate, BoilerplatePassage, BoilerplateQuote};
pub use outcome::{Cluster, Counts, Dropped, Outcome, RelatedArticles, Tally};

use article::PreparedDocument;
use classes::Classes;
use templates::Templates;

/// Most documents in one run: two numbers of 32 bits are made of each.
pub const DOCUMENTS_MAX: u64 = u32::MAX as u64 / 2;

/// Collects a corpus and finds its near-duplicate articles.
pub struct Dedup {
    recipe: Recipe,
    articles: Vec<Article>,
    sources: article::Sources,
    classes: Classes,
    ids: article::Ids,
    memory: Memory,
    wants_pairs: bool,
    wants_related: bool,
}

impl Dedup {
    /// A run without documents.
    pub fn new(recipe: Recipe) -> Self {
        Self::in_memory(recipe, Memory::unlimited())
    }

    /// A run without documents that holds as much as `memory` allows; the
    /// outcome does not depend on it.
    pub fn in_memory(recipe: Recipe, memory: Memory) -> Self {
        Self {
            classes: Classes::new(&recipe, memory.clone()),
            recipe,
            articles: Vec::new(),
            sources: article::Sources::default(),
            ids: article::Ids::default(),
            memory,
            wants_pairs: false,
            wants_related: true,
        }
    }

    /// Finds every pair of texts that match, not only those with keepers, so
    /// that the outcome can be decided again ([`Outcome::pairs`]).
    pub fn with_pairs(self) -> Self {
        Self { wants_pairs: true, ..self }
    }

    /// Finds copies only: [`Outcome::related`] may be empty.
    pub fn without_related(self) -> Self {
        Self { wants_related: false, ..self }
    }

    /// Takes the next documents of the input.
    ///
    /// # Errors
    /// [`Error::TooMany`] above [`DOCUMENTS_MAX`]; whatever the spill says if
    /// there is neither memory nor room outside it.
    pub fn take(&mut self, prepared: Prepared) -> Result<()> {
        let Prepared { documents, texts } = prepared;
        let found = (self.articles.len() + documents.len()) as u64;
        if found > DOCUMENTS_MAX {
            return Err(Error::TooMany { what: "documents", found, limit: DOCUMENTS_MAX });
        }
        let mut wanted = Vec::with_capacity(documents.len());
        for PreparedDocument { mut article, source, id } in documents {
            article.id = self.ids.add(id);
            article.source = source.map(|name| self.sources.number(name));
            self.memory.hold(article.bytes());
            wanted.push(self.classes.add(&article));
            self.articles.push(article);
        }
        self.classes.push(texts, &wanted)
    }

    /// Finds the copies among all documents taken.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if `watch` says so; [`Error::Usage`] if the
    /// recipe restricts pairs by something no document has.
    pub fn finish(self, kernel: Kernel, watch: &dyn Watch) -> Result<Outcome> {
        self.check_restrictions()?;
        let Self { recipe, articles, sources, classes, ids, wants_pairs, wants_related, .. } = self;
        let repeated_ids = ids.repeated;
        drop(ids);
        let sources = sources.into_names();
        let order = order::KeepOrder::new(&recipe.keep, &articles, &sources);
        let (classes, mut texts) = classes.in_keep_order(&order)?;
        let pairs = classes.pairs(&recipe, &articles);
        let counts = |a, b| pairs.count(a, b);
        let documents = |class| (classes.size(class), classes.first(class));
        let templates = Templates::new(&recipe, &classes, &articles);
        let asked = Asked { kernel, wants_pairs, wants_related };
        let (found, passages) =
            find(&recipe, &mut texts, &counts, &documents, &templates, asked, watch)?;
        let boilerplate = Boilerplate::new(passages, &texts, &classes);
        let measures = Measures {
            shingles: &|class| texts.size(class),
            plain: &|similarity, class, other| {
                plain_similarity(&texts, class, other, similarity.shared)
            },
        };
        let run = outcome::Run { recipe, articles, sources, repeated_ids };
        outcome::assemble(run, &classes, measures, &counts, found, boilerplate)
    }

    fn check_restrictions(&self) -> Result<()> {
        use crate::recipe::Sources;
        let usage = |text: &str| Err(Error::Usage(text.to_owned()));
        if self.articles.is_empty() {
            return Ok(());
        }
        if self.recipe.sources != Sources::Any && self.sources.is_empty() {
            return usage(
                "pairs are restricted by source, but no document has one; \
                 name the field with --source-field",
            );
        }
        if self.recipe.window_seconds.is_some()
            && self.articles.iter().all(|article| article.date.timestamp().is_none())
        {
            return usage(
                "pairs are restricted by --window, but no document has a date that can be read; \
                 name the field with --date-field",
            );
        }
        Ok(())
    }
}

/// What matching found, in terms of texts in keep order.
struct Found {
    links: Vec<Option<Link>>,
    related: RelatedPairs,
    engine: Engine,
    banding: Option<Banding>,
    /// Every pair that matches, where that was asked for.
    pairs: Option<Vec<Related>>,
}

/// What is known of classes beside that, in keep order.
#[derive(Clone, Copy)]
struct Measures<'a> {
    /// How many shingles of a class are compared.
    shingles: &'a (dyn Fn(u32) -> u32 + Sync),
    /// The similarity of two classes as they are, with all that is masked, from
    /// that without.
    plain: &'a (dyn Fn(Similarity, u32, u32) -> Result<Similarity> + Sync),
}

/// What a run was asked for beside its recipe.
#[derive(Clone, Copy)]
struct Asked {
    kernel: Kernel,
    wants_pairs: bool,
    wants_related: bool,
}

impl Asked {
    /// Whether related pairs must be found: a text that was released from one
    /// keeper may match another of them.
    fn relates(self, released: &[Related]) -> bool {
        self.wants_related || !released.is_empty()
    }
}

/// What is held of a text while it is matched, beside its shingles and their
/// lists: its link, its bands, where it was offered. About that on news.
const MATCHING_BYTES: usize = 150;

/// Masks boilerplate, links the texts to keepers and relates the keepers to
/// one another. `documents` tells for how many documents a text stands, and
/// which of them comes first.
fn find(
    recipe: &Recipe,
    texts: &mut Texts,
    counts: PairFilter<'_>,
    documents: &(dyn Fn(u32) -> (u32, u32) + Sync),
    templates: &Templates<'_>,
    asked: Asked,
    watch: &dyn Watch,
) -> Result<(Found, Passages)> {
    let Asked { kernel, wants_pairs, .. } = asked;
    let rules = Rules::new(recipe);
    let engine = chosen_engine(recipe, texts);
    let masked = masked(recipe, &rules, texts, documents, watch)?;
    texts.reserve(texts.len() as usize * MATCHING_BYTES)?;
    // Other texts become sets when they meet one another.
    let mut told_again = (0..texts.len()).filter(|text| documents(*text).0 > 1).collect();
    texts.sort(&mut told_again, watch)?;
    let (links, related, banding, pairs) = match engine {
        Engine::Exact => {
            texts.sort_all(watch)?;
            let shared = shared_shingles(texts, watch)?;
            // Posting lists take as much again.
            texts.reserve(2 * shared.bytes())?;
            let scope = Scope {
                floors: rules.drop_floors(),
                from_both_sides: false,
                list_limit: usize::MAX,
            };
            let mut index = PrefixIndex::new(texts, &shared, scope, watch)?;
            let mut links = link(texts, &mut index, &rules, counts, watch)?;
            drop(index);
            let wanted = wants_pairs && pairs::are_few_enough(&links);
            let released = release(templates, texts, &mut links, &rules, counts)?;
            let scope = Scope {
                floors: rules.related_floors(),
                from_both_sides: true,
                list_limit: RELATED_LIST_MAX,
            };
            let mut related = RelatedPairs::default();
            if asked.relates(&released) {
                let mut index = PrefixIndex::new(texts, &shared, scope, watch)?;
                for keeper in keepers(&links) {
                    watch.check()?;
                    index.insert(keeper);
                }
                related = relate(texts, &links, &released, &index, &rules, counts, watch)?;
                related.lists_cut += index.lists_cut();
                related.pairs = templates.settle(&mut links, related.pairs, released, &rules);
            }
            let every = match wanted {
                true => pairs::by_shingles(texts, &shared, &rules, counts, watch)?,
                false => None,
            };
            (links, related, None, every)
        }
        _ => {
            let Floors { jaccard, containment } = rules.drop_floors();
            let banding =
                Banding::for_threshold(jaccard.unwrap_or(recipe.jaccard), recipe.recall, SLOTS);
            let sketcher = Sketcher::new(banding.slots(), kernel);
            let meetings = Meetings::new(texts, &sketcher, banding, containment, watch)?;
            texts.reserve(2 * meetings.bytes())?;
            let mut index = BandIndex::new(&meetings, watch)?;
            let mut links = link(texts, &mut index, &rules, counts, watch)?;
            let wanted = wants_pairs && pairs::are_few_enough(&links);
            let released = release(templates, texts, &mut links, &rules, counts)?;
            let mut related = RelatedPairs::default();
            if asked.relates(&released) {
                index.limit_lists(RELATED_LIST_MAX);
                related = relate(texts, &links, &released, &index, &rules, counts, watch)?;
                related.lists_cut += index.lists_cut();
                related.pairs = templates.settle(&mut links, related.pairs, released, &rules);
            }
            let every = match wanted {
                true => {
                    let index = BandIndex::new(&meetings, watch)?;
                    pairs::by_bands(texts, index, &rules, counts, watch)?
                }
                false => None,
            };
            (links, related, Some(banding), every)
        }
    };
    Ok((Found { links, related, engine, banding, pairs }, masked))
}

/// Takes back the links between instances of a template.
fn release(
    templates: &Templates<'_>,
    texts: &Texts,
    links: &mut [Option<Link>],
    rules: &Rules,
    counts: PairFilter<'_>,
) -> Result<Vec<Related>> {
    // Both are linked to one keeper, so they are sets.
    let similarity = |a, b| texts.similarity(a, b).map(Some);
    templates.release(links, &similarity, rules, counts)
}

/// Takes boilerplate from the texts, if the recipe says so.
fn masked(
    recipe: &Recipe,
    rules: &Rules,
    texts: &mut Texts,
    documents: &(dyn Fn(u32) -> (u32, u32) + Sync),
    watch: &dyn Watch,
) -> Result<Passages> {
    let Some(Mask { min_texts, .. }) = recipe.mask else { return Ok(Passages::default()) };
    let rules = MaskRules {
        texts_min: min_texts,
        own_share: rules.own_share(),
        rest_min: recipe.min_words,
    };
    mask(texts, rules, documents, watch)
}

/// The engine of a recipe, `Auto` decided by the size of the corpus.
fn chosen_engine(recipe: &Recipe, texts: &Texts) -> Engine {
    match recipe.engine {
        Engine::Auto if texts.shingles() <= AUTO_EXACT_SHINGLES_MAX => Engine::Exact,
        Engine::Auto => Engine::Minhash,
        chosen => chosen,
    }
}

fn link(
    texts: &mut Texts,
    index: &mut dyn CandidateIndex,
    rules: &Rules,
    counts: PairFilter<'_>,
    watch: &dyn Watch,
) -> Result<Vec<Option<Link>>> {
    cluster::announce(texts, watch);
    link_to_keepers(texts, index, rules, counts, watch)
}

fn relate(
    texts: &mut Texts,
    links: &[Option<Link>],
    released: &[Related],
    index: &dyn CandidateIndex,
    rules: &Rules,
    counts: PairFilter<'_>,
    watch: &dyn Watch,
) -> Result<RelatedPairs> {
    let keepers: Vec<u32> = keepers(links).collect();
    watch.phase("relating", Unit::Documents, Some(keepers.len() as u64));
    // What was released may match another keeper, and must not stay then.
    let always = released.iter().map(|pair| pair.text).collect();
    let compared = Compared { met_max: RELATED_MET_MAX, always: &always };
    related_pairs(texts, &keepers, index, rules, counts, compared, watch)
}

/// The texts without a link, ascending.
fn keepers(links: &[Option<Link>]) -> impl Iterator<Item = u32> + '_ {
    (0u32..).zip(links).filter(|(_, link)| link.is_none()).map(|(text, _)| text)
}
