//! Clusters against gold clusters.
//!
//! * *Adjusted Rand index* (Hubert and Arabie, *Journal of Classification* 2,
//!   1985): the share of pairs on which both agree, corrected for chance; 1 is
//!   the same clustering, 0 is chance.
//! * *Pairwise* precision and recall: of the pairs said to be together those
//!   that are, and of those that are those said. A cluster of a thousand
//!   weighs as half a million pairs.
//! * *B-cubed* (Bagga and Baldwin, 1998; Amigó et al., *Information Retrieval*
//!   12, 2009): of each document, which share of its cluster belongs there and
//!   which share of its gold cluster is there; averaged over documents.

use std::collections::HashMap;

use super::{Draws, Formula, Measure, estimate, f1, pairs_of, ratio};

/// Sums of one gold cluster.
const DOCUMENTS: usize = 0;
/// Pairs that are together in both.
const BOTH: usize = 1;
/// Pairs of the gold cluster.
const GOLD: usize = 2;
/// Pairs said to be together; of a pair between two gold clusters, half.
const SAID: usize = 3;
const B3_PRECISION: usize = 4;
const B3_RECALL: usize = 5;
type Sums = [f64; 6];

/// Scores a clustering. `gold` and `said` give each document's cluster by
/// some number; a document in no cluster is one of its own.
///
/// Intervals are over gold clusters. A cluster drawn twice counts twice, but
/// makes no pairs with itself.
///
/// # Panics
/// If the two are not of one length.
pub fn score(gold: &[u32], said: &[u32], draws: Draws) -> Vec<Measure> {
    assert_eq!(gold.len(), said.len(), "each document is in one cluster of both");
    let formulas: &[Formula<6>] = &[
        Formula {
            name: "adjusted Rand index",
            value: adjusted_rand_index,
            of: |sums| sums[DOCUMENTS],
            of_what: "documents",
        },
        Formula {
            name: "pairwise precision",
            value: |sums| ratio(sums[BOTH], sums[SAID]),
            of: |sums| sums[SAID],
            of_what: "pairs said",
        },
        Formula {
            name: "pairwise recall",
            value: |sums| ratio(sums[BOTH], sums[GOLD]),
            of: |sums| sums[GOLD],
            of_what: "gold pairs",
        },
        Formula {
            name: "pairwise F1",
            value: |sums| f1(ratio(sums[BOTH], sums[SAID]), ratio(sums[BOTH], sums[GOLD])),
            of: |sums| sums[GOLD] + sums[SAID] - sums[BOTH],
            of_what: "pairs of either",
        },
        Formula {
            name: "B-cubed precision",
            value: |sums| ratio(sums[B3_PRECISION], sums[DOCUMENTS]),
            of: |sums| sums[DOCUMENTS],
            of_what: "documents",
        },
        Formula {
            name: "B-cubed recall",
            value: |sums| ratio(sums[B3_RECALL], sums[DOCUMENTS]),
            of: |sums| sums[DOCUMENTS],
            of_what: "documents",
        },
        Formula {
            name: "B-cubed F1",
            value: |sums| {
                f1(
                    ratio(sums[B3_PRECISION], sums[DOCUMENTS]),
                    ratio(sums[B3_RECALL], sums[DOCUMENTS]),
                )
            },
            of: |sums| sums[DOCUMENTS],
            of_what: "documents",
        },
    ];
    estimate(&sums_by_gold_cluster(gold, said), formulas, draws)
}

fn sums_by_gold_cluster(gold: &[u32], said: &[u32]) -> Vec<Sums> {
    let count = |labels: &mut dyn Iterator<Item = u32>| {
        let mut sizes: HashMap<u32, u64> = HashMap::new();
        labels.for_each(|label| *sizes.entry(label).or_default() += 1);
        sizes
    };
    let gold_sizes = count(&mut gold.iter().copied());
    let said_sizes = count(&mut said.iter().copied());
    let mut cells: HashMap<(u32, u32), u64> = HashMap::new();
    for cell in gold.iter().copied().zip(said.iter().copied()) {
        *cells.entry(cell).or_default() += 1;
    }
    // In order, so that sums of floating point numbers are the same each time.
    let mut cells: Vec<((u32, u32), u64)> = cells.into_iter().collect();
    cells.sort_unstable();
    cells
        .chunk_by(|((a, _), _), ((b, _), _)| a == b)
        .map(|cluster| {
            let size = gold_sizes[&cluster[0].0.0] as f64;
            let mut sums = Sums::default();
            (sums[DOCUMENTS], sums[GOLD]) = (size, pairs_of(size));
            for ((_, said), common) in cluster {
                let (said_size, common) = (said_sizes[said] as f64, *common as f64);
                sums[BOTH] += pairs_of(common);
                sums[SAID] += common * (said_size - 1.0) / 2.0;
                sums[B3_PRECISION] += common * common / said_size;
                sums[B3_RECALL] += common * common / size;
            }
            sums
        })
        .collect()
}

/// 1 where chance leaves nothing to be said: all documents alone in both, or
/// all together in both.
fn adjusted_rand_index(sums: &Sums) -> Option<f64> {
    let all = pairs_of(sums[DOCUMENTS]);
    if all <= 0.0 {
        return None;
    }
    let by_chance = sums[GOLD] * sums[SAID] / all;
    let most = (sums[GOLD] + sums[SAID]) / 2.0;
    match most - by_chance {
        0.0 => Some(1.0),
        range => Some((sums[BOTH] - by_chance) / range),
    }
}
