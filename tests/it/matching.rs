//! The join, both engines and the stars against brute force.

use std::collections::{BTreeSet, HashSet};

use proptest::prelude::*;
use rayon::prelude::*;

use twicetold::Error;
use twicetold::matching::banded::{BandIndex, Meetings};
use twicetold::matching::cluster::Link;
use twicetold::matching::keys::SharedKeys;
use twicetold::matching::prefix::{PrefixIndex, Scope, shared_shingles};
use twicetold::matching::related::Compared;
use twicetold::matching::{
    CandidateIndex, Rules, ShingleSet, Similarity, Texts, link_to_keepers, related_pairs,
};
use twicetold::recipe::{Recipe, Relation};
use twicetold::sketch::bands::Banding;
use twicetold::sketch::{Kernel, SLOTS, Sketcher};
use twicetold::text::{Tokens, shingles};
use twicetold::watch::{Unwatched, Watch};

use crate::corpora;

type Pairs = BTreeSet<(u32, u32)>;

/// The texts of a corpus as `dedup` compares them; texts without words left
/// out.
fn texts(name: &str, at_most: usize) -> Option<Vec<ShingleSet>> {
    let docs = corpora::docs(name)?;
    let shingle_words = Recipe::default().shingle_words;
    let text = |doc: &serde_json::Value| {
        let mut tokens = Tokens::new();
        tokens.read(doc["text"].as_str().expect("every document has a text"));
        let mut found = Vec::new();
        shingles(&tokens, shingle_words, &mut found);
        found.sort_unstable();
        found.dedup();
        found.into_boxed_slice()
    };
    let texts: Vec<ShingleSet> = docs.par_iter().take(at_most).map(text).collect();
    Some(texts.into_iter().filter(|text| !text.is_empty()).collect())
}

/// Rules under which every pair at a Jaccard or containment threshold counts.
fn rules(jaccard: f64, containment: f64) -> Rules {
    Rules::new(&Recipe {
        jaccard,
        containment,
        variant_jaccard: jaccard,
        variant_containment: containment,
        ..Recipe::default()
    })
}

/// All pairs that count, by comparing every pair.
fn brute_force(texts: &[ShingleSet], rules: &Rules) -> Pairs {
    (0..texts.len() as u32)
        .into_par_iter()
        .flat_map_iter(|a| {
            (0..a)
                .filter(move |b| {
                    plain_similarity(&texts[a as usize], &texts[*b as usize])
                        .is_some_and(|similarity| rules.relation(&similarity).is_some())
                })
                .map(move |b| (a, b))
        })
        .collect()
}

/// Counting in the plainest way.
fn plain_similarity(left: &ShingleSet, right: &ShingleSet) -> Option<Similarity> {
    let shared = left.iter().filter(|shingle| right.binary_search(shingle).is_ok()).count() as u32;
    (shared > 0).then_some(Similarity {
        shared,
        left: left.len() as u32,
        right: right.len() as u32,
    })
}

/// All pairs that count, by an index that holds every text.
fn joined(texts: &mut Texts, rules: &Rules, index: &mut dyn CandidateIndex) -> Pairs {
    let everyone: Vec<u32> = (0..texts.len()).collect();
    everyone.iter().for_each(|text| index.insert(*text));
    let compared = Compared { met_max: usize::MAX, always: &HashSet::new() };
    related_pairs(texts, &everyone, index, rules, &|_, _| true, compared, &Unwatched)
        .expect("nobody interrupts")
        .pairs
        .into_iter()
        .map(|pair| (pair.text, pair.other))
        .collect()
}

fn exact_join(texts: &[ShingleSet], rules: &Rules) -> Pairs {
    let scope =
        Scope { floors: rules.related_floors(), from_both_sides: true, list_limit: usize::MAX };
    let mut texts = Texts::of(texts);
    let shared = shared(&texts);
    let index = PrefixIndex::new(&texts, &shared, scope, &Unwatched);
    joined(&mut texts, rules, &mut index.expect("nobody interrupts"))
}

fn shared(texts: &Texts) -> SharedKeys {
    shared_shingles(texts, &Unwatched).expect("nobody interrupts")
}

#[test]
fn the_exact_engine_finds_what_brute_force_finds() {
    #[track_caller]
    fn check(name: &str, texts: &[ShingleSet], jaccard: f64, containment: f64) {
        let rules = rules(jaccard, containment);
        let (expected, got) = (brute_force(texts, &rules), exact_join(texts, &rules));
        assert!(!expected.is_empty(), "{name}: there are pairs to find");
        assert!(
            expected == got,
            "{name}, J >= {jaccard} or C >= {containment}: {} missed, {} too many of {}",
            expected.difference(&got).count(),
            got.difference(&expected).count(),
            expected.len()
        );
    }
    for (name, at_most) in [("ant", 3000), ("ecir20_core", usize::MAX)] {
        let Some(texts) = texts(name, at_most) else { continue };
        for jaccard in [0.5, 0.7, 0.8] {
            check(name, &texts, jaccard, 1.0);
        }
        check(name, &texts, 1.0, 0.9);
        check(name, &texts, 0.7, 0.9);
    }
}

#[test]
fn minhash_finds_nearly_all_that_the_exact_engine_finds_and_nothing_else() {
    let Some(texts) = texts("saudinewsnet", usize::MAX) else { return };
    for threshold in [0.5, 0.7, 0.8] {
        // Containment is not what bands are for.
        let rules = rules(threshold, 1.0);
        let near = |pairs: Pairs| -> Pairs {
            pairs
                .into_iter()
                .filter(|(a, b)| {
                    plain_similarity(&texts[*a as usize], &texts[*b as usize])
                        .is_some_and(|s| s.jaccard() >= threshold)
                })
                .collect()
        };
        let exact = near(exact_join(&texts, &rules));
        let banding = Banding::for_threshold(threshold, 0.999, SLOTS);
        let sketcher = Sketcher::new(banding.slots(), Kernel::best());
        let mut sets = Texts::of(&texts);
        let meetings = Meetings::new(&mut sets, &sketcher, banding, None, &Unwatched)
            .expect("nobody interrupts");
        let index = BandIndex::new(&meetings, &Unwatched);
        let found = near(joined(&mut sets, &rules, &mut index.expect("nobody interrupts")));
        let (of, hits) = (exact.len(), exact.intersection(&found).count());
        let recall = hits as f64 / of as f64;
        println!(
            "saudinewsnet at {threshold}: {of} pairs, {}x{} bands find {hits}: recall {recall:.5}",
            banding.bands, banding.rows
        );
        assert!(recall >= 0.999, "recall {recall} at {threshold}");
        assert_eq!(hits, found.len(), "precision at {threshold}");
    }
}

/// The stars, one text after the other, each compared with every keeper.
pub(crate) fn plain_stars(
    texts: &[ShingleSet],
    rules: &Rules,
    counts: &dyn Fn(u32, u32) -> bool,
) -> Vec<Option<Link>> {
    let mut links: Vec<Option<Link>> = Vec::new();
    for (number, text) in (0u32..).zip(texts) {
        let matches =
            (0..number).filter(|keeper| links[*keeper as usize].is_none()).filter_map(|keeper| {
                let similarity = plain_similarity(text, &texts[keeper as usize])?;
                let relation = rules.drop(&similarity)?;
                counts(number, keeper).then_some(Link { keeper, relation, similarity })
            });
        links.push(matches.min_by(|a, b| {
            (a.relation.cmp(&b.relation))
                .then(b.similarity.jaccard().total_cmp(&a.similarity.jaccard()))
                .then(b.similarity.containment().total_cmp(&a.similarity.containment()))
                .then(a.keeper.cmp(&b.keeper))
        }));
    }
    links
}

fn stars(
    texts: &[ShingleSet],
    rules: &Rules,
    counts: &(dyn Fn(u32, u32) -> bool + Sync),
) -> Vec<Option<Link>> {
    let scope =
        Scope { floors: rules.drop_floors(), from_both_sides: false, list_limit: usize::MAX };
    let mut texts = Texts::of(texts);
    let shared = shared(&texts);
    let index = PrefixIndex::new(&texts, &shared, scope, &Unwatched);
    let mut index = index.expect("nobody interrupts");
    link_to_keepers(&mut texts, &mut index, rules, counts, &Unwatched).expect("nobody interrupts")
}

fn recipe_that_drops(variants: bool) -> Recipe {
    if variants { Recipe::wire() } else { Recipe::default() }
}

/// Texts that overlap in many ways: sets over a small alphabet of shingles.
fn overlapping_texts() -> impl Strategy<Value = Vec<ShingleSet>> {
    let text = proptest::collection::btree_set(0..24u64, 1..20)
        .prop_map(|set| set.into_iter().map(|value| value << 40).collect());
    proptest::collection::vec(text, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn stars_agree_with_the_plain_twin(texts in overlapping_texts(), variants: bool, odd: bool) {
        let rules = Rules::new(&recipe_that_drops(variants));
        let counts = move |a: u32, b: u32| !odd || a % 3 != b % 3;
        prop_assert_eq!(stars(&texts, &rules, &counts), plain_stars(&texts, &rules, &counts));
    }

    #[test]
    fn stars_agree_with_the_plain_twin_at_any_thresholds(
        texts in overlapping_texts(),
        jaccard in 0.2..1.0f64,
        containment in 0.2..1.0f64,
        drop in proptest::sample::subsequence(Relation::DROPPABLE.to_vec(), 0..=5),
    ) {
        let rules = Rules::new(&Recipe { jaccard, containment, drop, ..Recipe::default() });
        let every = |_, _| true;
        prop_assert_eq!(stars(&texts, &rules, &every), plain_stars(&texts, &rules, &every));
    }

    #[test]
    fn the_join_agrees_with_brute_force_on_any_texts(
        texts in overlapping_texts(), jaccard in 0.2..1.0f64, containment in 0.2..1.0f64,
    ) {
        let rules = rules(jaccard, containment);
        prop_assert_eq!(exact_join(&texts, &rules), brute_force(&texts, &rules));
    }
}

/// Watches a run that was told to end before it began.
struct Stopped;

impl Watch for Stopped {
    fn stopped(&self) -> bool {
        true
    }
}

#[test]
fn every_long_step_ends_when_it_is_told_to() {
    let mut texts = Texts::of([[1u64 << 40, 2 << 40]; 3]);
    let rules = Rules::new(&Recipe::default());
    let scope =
        Scope { floors: rules.drop_floors(), from_both_sides: true, list_limit: usize::MAX };
    let shared = shared(&texts);
    let mut index =
        PrefixIndex::new(&texts, &shared, scope, &Unwatched).expect("nobody interrupts");
    let banding = Banding::for_threshold(0.7, 0.999, SLOTS);
    let sketcher = Sketcher::new(banding.slots(), Kernel::Scalar);
    let compared = Compared { met_max: usize::MAX, always: &HashSet::new() };
    let ends = [
        shared_shingles(&texts, &Stopped).err(),
        PrefixIndex::new(&texts, &shared, scope, &Stopped).err(),
        Meetings::new(&mut texts, &sketcher, banding, None, &Stopped).err(),
        link_to_keepers(&mut texts, &mut index, &rules, &|_, _| true, &Stopped).err(),
        related_pairs(&mut texts, &[0, 1, 2], &index, &rules, &|_, _| true, compared, &Stopped)
            .err(),
    ];
    for (step, end) in ends.iter().enumerate() {
        assert!(matches!(end, Some(Error::Interrupted)), "step {step}: {end:?}");
    }
}

#[test]
fn bands_can_be_told_to_look_at_the_first_keepers_only() {
    let mut texts = Texts::of([[1u64 << 40, 2 << 40, 3 << 40]; 10]);
    let banding = Banding::for_threshold(0.7, 0.999, SLOTS);
    let sketcher = Sketcher::new(banding.slots(), Kernel::Scalar);
    let meetings =
        Meetings::new(&mut texts, &sketcher, banding, None, &Unwatched).expect("nobody interrupts");
    let mut index = BandIndex::new(&meetings, &Unwatched).expect("nobody interrupts");
    (0..10).for_each(|text| index.insert(text));
    let candidates = |index: &BandIndex| {
        let mut found = BTreeSet::new();
        index.candidates(9, 0, &mut |keeper, _| {
            found.insert(keeper);
        });
        found
    };
    assert_eq!((candidates(&index).len(), index.lists_cut()), (10, 0));
    index.limit_lists(2);
    assert_eq!(candidates(&index), BTreeSet::from([0, 1]));
    assert_eq!(index.lists_cut(), banding.bands);
}

#[test]
fn stars_of_real_articles_agree_with_the_plain_twin() {
    let Some(texts) = texts("ant", 3000) else { return };
    for variants in [false, true] {
        let rules = Rules::new(&recipe_that_drops(variants));
        let (got, expected) =
            (stars(&texts, &rules, &|_, _| true), plain_stars(&texts, &rules, &|_, _| true));
        assert!(got == expected, "variants dropped: {variants}");
        for link in got.iter().flatten() {
            assert!(got[link.keeper as usize].is_none(), "a keeper is never dropped");
            assert!(variants || link.relation != Relation::Variant);
        }
    }
}
