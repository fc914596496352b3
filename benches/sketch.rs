//! What a signature costs: `cargo bench --bench sketch`.
//!
//! Prints the microseconds a document of so many shingles takes, as the
//! median of several runs: the fast sketch, and the classical one it is
//! measured against, with the best kernel and with portable code.

use std::hint::black_box;
use std::time::Instant;

use twicetold::sketch::bands::Banding;
use twicetold::sketch::{Kernel, Sketcher, classical};

/// Slots of the signatures.
const SLOTS: usize = 128;
/// Different documents of each size, so that branches cannot be learnt.
const DOCUMENTS: usize = 500;
/// Runs over all documents, of which the median counts.
const RUNS: usize = 15;

fn main() {
    // `cargo test` runs every benchmark once; one small run is enough then.
    let (documents, runs) =
        if std::env::args().any(|arg| arg == "--bench") { (DOCUMENTS, RUNS) } else { (2, 1) };
    println!("us/document, {SLOTS} slots, best kernel {:?}", Kernel::best());
    println!(
        "{:>8} {:>8} {:>8} {:>11} {:>10} {:>10} {:>6}",
        "shingles", "fast", "scalar", "classical", "scalar", "classical/", "fast"
    );
    let mut random = 0;
    for size in [10, 30, 100, 350, 1000, 3000] {
        let texts: Vec<Vec<u64>> =
            (0..documents).map(|_| (0..size).map(|_| next(&mut random)).collect()).collect();
        let mut signature = [0; SLOTS];
        let mut fast = |kernel| {
            let sketcher = Sketcher::new(SLOTS, kernel);
            median_us(runs, &texts, |text| {
                black_box(sketcher.sketch(text, black_box(&mut signature)));
            })
        };
        let (fast_best, fast_scalar) = (fast(Kernel::best()), fast(Kernel::Scalar));
        let mut plain = |kernel| {
            median_us(runs, &texts, |text| {
                black_box(classical::sketch(text, black_box(&mut signature), kernel));
            })
        };
        let (plain_best, plain_scalar) = (plain(Kernel::best()), plain(Kernel::Scalar));
        println!(
            "{size:>8} {fast_best:>8.2} {fast_scalar:>8.2} {plain_best:>11.2} \
             {plain_scalar:>10.2} {:>17.1}",
            plain_best / fast_best
        );
    }
    let banding = Banding { bands: 26, rows: 4 };
    let signatures: Vec<Vec<u64>> = vec![vec![0]; documents];
    let (signature, mut keys) = ([7; SLOTS], [0; 26]);
    let keys = median_us(runs, &signatures, |_| {
        banding.keys(black_box(&signature), black_box(&mut keys));
    });
    println!("band keys (26 bands of 4 rows): {keys:.2} us/document");
}

/// The median time of a document over some runs, in microseconds.
fn median_us(runs: usize, texts: &[Vec<u64>], mut work: impl FnMut(&[u64])) -> f64 {
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            for text in texts {
                work(text);
            }
            start.elapsed().as_secs_f64() * 1e6 / texts.len() as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}

/// The next number of a fixed sequence (Weyl steps through a mixer).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
