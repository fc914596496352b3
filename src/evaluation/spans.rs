//! Passages against gold passages.
//!
//! The measures of the PAN shared tasks (Potthast, Stein, Barrón-Cedeño and
//! Rosso, *An Evaluation Framework for Plagiarism Detection*, COLING 2010),
//! for spans of single documents: a case is a gold span, a detection a span
//! that was found; a detection that overlaps a case detects it.
//!
//! * *Precision*: of each detection the share that lies in cases, averaged
//!   over detections. *Recall*: of each case the share that lies in
//!   detections, averaged over cases.
//! * *Granularity*: how many detections a detected case has, on average; 1 is
//!   best.
//! * *Plagdet*: F1 over the binary logarithm of 1 + granularity.
//!
//! Beside these there are precision and recall of characters, and how well the
//! families agree.

use std::collections::HashMap;
use std::ops::Range;

use super::{Draws, Formula, Measure, clusters, estimate, f1, ratio};

/// A stretch of a document that is told elsewhere too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The document, by some number.
    pub document: u32,
    /// Its place, in characters or bytes; not empty.
    pub place: Range<u64>,
    /// The family, by some number.
    pub family: u32,
}

/// Sums of one document.
const DETECTIONS: usize = 0;
const PRECISIONS: usize = 1;
const CASES: usize = 2;
const RECALLS: usize = 3;
const DETECTED: usize = 4;
/// Detections, counted once for each case they detect.
const DETECTING: usize = 5;
const CHARS_BOTH: usize = 6;
const CHARS_SAID: usize = 7;
const CHARS_GOLD: usize = 8;
type Sums = [f64; 9];

/// Scores passages; intervals are over documents. The family measures are over
/// the detected cases, each with the family of the detection that covers most
/// of it.
pub fn score(mut gold: Vec<Passage>, mut said: Vec<Passage>, draws: Draws) -> Vec<Measure> {
    let order = |p: &Passage| (p.document, p.place.start, p.place.end, p.family);
    gold.sort_unstable_by_key(order);
    said.sort_unstable_by_key(order);
    let formulas: &[Formula<9>] = &[
        Formula {
            name: "precision",
            value: precision,
            of: |sums| sums[DETECTIONS],
            of_what: "detections",
        },
        Formula { name: "recall", value: recall, of: |sums| sums[CASES], of_what: "cases" },
        Formula {
            name: "granularity",
            value: granularity,
            of: |sums| sums[DETECTED],
            of_what: "detected cases",
        },
        Formula {
            name: "plagdet",
            value: |sums| {
                let f1 = f1(precision(sums), recall(sums))?;
                Some(f1 / (1.0 + granularity(sums).unwrap_or(1.0)).log2())
            },
            of: |sums| sums[CASES] + sums[DETECTIONS],
            of_what: "cases and detections",
        },
        Formula {
            name: "character precision",
            value: |sums| ratio(sums[CHARS_BOTH], sums[CHARS_SAID]),
            of: |sums| sums[CHARS_SAID],
            of_what: "characters said",
        },
        Formula {
            name: "character recall",
            value: |sums| ratio(sums[CHARS_BOTH], sums[CHARS_GOLD]),
            of: |sums| sums[CHARS_GOLD],
            of_what: "gold characters",
        },
    ];
    let mut families = (Vec::new(), Vec::new());
    let units: Vec<Sums> = by_document(&gold, &said)
        .into_iter()
        .map(|(gold, said)| sums(gold, said, &mut families))
        .collect();
    let mut measures = estimate(&units, formulas, draws);
    let agreement = clusters::score(&families.0, &families.1, draws);
    measures.extend(
        agreement.into_iter().filter(|measure| measure.name.starts_with("adjusted")).map(
            |measure| Measure {
                name: "families: adjusted Rand index",
                of_what: "detected cases",
                ..measure
            },
        ),
    );
    measures
}

fn precision(sums: &Sums) -> Option<f64> {
    ratio(sums[PRECISIONS], sums[DETECTIONS])
}

fn recall(sums: &Sums) -> Option<f64> {
    ratio(sums[RECALLS], sums[CASES])
}

fn granularity(sums: &Sums) -> Option<f64> {
    ratio(sums[DETECTING], sums[DETECTED])
}

/// The passages of each document that has any, of both kinds; in order.
fn by_document<'p>(
    gold: &'p [Passage],
    said: &'p [Passage],
) -> Vec<(&'p [Passage], &'p [Passage])> {
    let in_one = |a: &Passage, b: &Passage| a.document == b.document;
    let mut documents: HashMap<u32, (&[Passage], &[Passage])> = HashMap::new();
    for cases in gold.chunk_by(in_one) {
        documents.entry(cases[0].document).or_default().0 = cases;
    }
    for detections in said.chunk_by(in_one) {
        documents.entry(detections[0].document).or_default().1 = detections;
    }
    let mut documents: Vec<_> = documents.into_iter().collect();
    documents.sort_unstable_by_key(|(document, _)| *document);
    documents.into_iter().map(|(_, passages)| passages).collect()
}

fn sums(cases: &[Passage], detections: &[Passage], families: &mut (Vec<u32>, Vec<u32>)) -> Sums {
    let (case_union, detection_union) = (union(cases), union(detections));
    let mut sums = Sums::default();
    (sums[CASES], sums[DETECTIONS]) = (cases.len() as f64, detections.len() as f64);
    (sums[CHARS_GOLD], sums[CHARS_SAID]) = (length(&case_union), length(&detection_union));
    sums[CHARS_BOTH] = case_union.iter().map(|place| covered(place, &detection_union)).sum();
    for detection in detections {
        let place = &detection.place;
        sums[PRECISIONS] += covered(place, &case_union) / size(place);
    }
    let overlapping = Overlapping::new(detections);
    for case in cases {
        sums[RECALLS] += covered(&case.place, &detection_union) / size(&case.place);
        let mut detecting = 0;
        // The most of it, then the lowest family.
        let mut best: Option<(u64, std::cmp::Reverse<u32>)> = None;
        overlapping.each(&case.place, |detection| {
            detecting += 1;
            let common = common(&case.place, &detection.place);
            best = best.max(Some((common, std::cmp::Reverse(detection.family))));
        });
        if let Some((_, std::cmp::Reverse(family))) = best {
            sums[DETECTED] += 1.0;
            sums[DETECTING] += f64::from(detecting);
            families.0.push(case.family);
            families.1.push(family);
        }
    }
    sums
}

fn size(place: &Range<u64>) -> f64 {
    place.end.saturating_sub(place.start) as f64
}

fn common(a: &Range<u64>, b: &Range<u64>) -> u64 {
    a.end.min(b.end).saturating_sub(a.start.max(b.start))
}

fn length(places: &[Range<u64>]) -> f64 {
    places.iter().map(size).sum()
}

/// What passages in order of their beginnings cover, joined where they touch.
fn union(passages: &[Passage]) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::new();
    for Passage { place, .. } in passages {
        match joined.last_mut() {
            Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
            _ => joined.push(place.clone()),
        }
    }
    joined
}

/// How much of a place lies in some that are in order and apart.
fn covered(place: &Range<u64>, places: &[Range<u64>]) -> f64 {
    let first = places.partition_point(|other| other.end <= place.start);
    let overlapping = places[first..].iter().take_while(|other| other.start < place.end);
    overlapping.map(|other| common(place, other) as f64).sum()
}

/// Passages of one document, by place.
struct Overlapping<'p> {
    /// In order of their beginnings.
    passages: &'p [Passage],
    /// The farthest end of each and those before it.
    farthest: Vec<u64>,
}

impl<'p> Overlapping<'p> {
    fn new(passages: &'p [Passage]) -> Self {
        let farthest = passages
            .iter()
            .scan(0, |end: &mut u64, passage| {
                *end = passage.place.end.max(*end);
                Some(*end)
            })
            .collect();
        Self { passages, farthest }
    }

    /// Visits those that overlap with a place.
    fn each(&self, place: &Range<u64>, mut visit: impl FnMut(&'p Passage)) {
        let first = self.farthest.partition_point(|end| *end <= place.start);
        self.passages[first..]
            .iter()
            .take_while(|passage| passage.place.start < place.end)
            .filter(|passage| passage.place.end > place.start)
            .for_each(&mut visit);
    }
}
