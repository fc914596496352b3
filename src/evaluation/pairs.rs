//! Judged pairs against clusters: are the two documents of a pair together?

use super::{Draws, Formula, Measure, estimate, f1, ratio};

/// A pair of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// True if they are near-duplicates.
    pub is: bool,
    /// True if they were said to be.
    pub said: bool,
}

/// Scores pairs; intervals are over pairs.
pub fn score(pairs: &[Judged], draws: Draws) -> Vec<Measure> {
    const HITS: usize = 0;
    const SAID: usize = 1;
    const ARE: usize = 2;
    const SAID_WRONGLY: usize = 3;
    const ARE_NOT: usize = 4;
    let share = |is: bool| f64::from(u8::from(is));
    let units: Vec<[f64; 5]> = pairs
        .iter()
        .map(|Judged { is, said }| {
            [share(*is && *said), share(*said), share(*is), share(!is && *said), share(!is)]
        })
        .collect();
    let formulas: &[Formula<5>] = &[
        Formula {
            name: "precision",
            value: |sums| ratio(sums[HITS], sums[SAID]),
            of: |sums| sums[SAID],
            of_what: "pairs said",
        },
        Formula {
            name: "recall",
            value: |sums| ratio(sums[HITS], sums[ARE]),
            of: |sums| sums[ARE],
            of_what: "gold pairs",
        },
        Formula {
            name: "F1",
            value: |sums| f1(ratio(sums[HITS], sums[SAID]), ratio(sums[HITS], sums[ARE])),
            of: |sums| sums[ARE] + sums[SAID_WRONGLY],
            of_what: "pairs of either",
        },
        Formula {
            name: "false positive rate",
            value: |sums| ratio(sums[SAID_WRONGLY], sums[ARE_NOT]),
            of: |sums| sums[ARE_NOT],
            of_what: "pairs judged different",
        },
    ];
    estimate(&units, formulas, draws)
}
