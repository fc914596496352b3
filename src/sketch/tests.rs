//! The statistics of signatures as facts, from fixed seeds.

use super::bands::Banding;
use super::*;
use crate::hash::hash64;

/// A fixed sequence of uniform numbers for tests.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(splitmix64(seed ^ 0x7465_7374))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        splitmix64(self.0)
    }

    /// A set of so many shingle hashes.
    pub(super) fn set(&mut self, shingles: usize) -> Vec<u64> {
        (0..shingles).map(|_| self.next()).collect()
    }

    /// Two sets: shingles of the first only, of both, of the second only.
    fn pair(&mut self, first: usize, both: usize, second: usize) -> (Vec<u64>, Vec<u64>) {
        let mut a = self.set(both);
        let mut b = a.clone();
        a.extend(self.set(first));
        b.extend(self.set(second));
        (a, b)
    }
}

/// A way to make signatures.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Method {
    Fast,
    Classical,
}

const METHODS: [Method; 2] = [Method::Fast, Method::Classical];

fn signature(method: Method, shingles: &[u64], slots: usize, kernel: Kernel) -> Vec<u32> {
    let mut signature = vec![0; slots];
    let made = match method {
        Method::Fast => Sketcher::new(slots, kernel).sketch(shingles, &mut signature),
        Method::Classical => classical::sketch(shingles, &mut signature, kernel),
    };
    assert!(made, "no signature of {} shingles", shingles.len());
    signature
}

/// Sets of one shape, and how the estimates of their similarity fell out.
struct Trials {
    similarity: f64,
    mean: f64,
    mean_squared_error: f64,
}

fn trials(
    method: Method,
    (first, both, second): (usize, usize, usize),
    slots: usize,
    trials: usize,
) -> Trials {
    let similarity = both as f64 / (first + both + second) as f64;
    let mut random = Random::new((first + 1000 * both + 1_000_000 * second) as u64);
    let (mut sum, mut squares) = (0.0, 0.0);
    for _ in 0..trials {
        let (a, b) = random.pair(first, both, second);
        let [a, b] = [a, b].map(|set| signature(method, &set, slots, Kernel::best()));
        let estimate = estimate(&a, &b);
        sum += estimate;
        squares += (estimate - similarity).powi(2);
    }
    let trials = trials as f64;
    Trials { similarity, mean: sum / trials, mean_squared_error: squares / trials }
}

#[test]
fn the_mean_estimate_is_the_similarity() {
    const SLOTS: usize = 128;
    const TRIALS: usize = 200;
    /// Standard deviations a mean may be off; one in 15,000 means is.
    const BOUND: f64 = 4.0;

    #[track_caller]
    fn check(first: usize, both: usize, second: usize) {
        for method in METHODS {
            let Trials { similarity, mean, .. } =
                trials(method, (first, both, second), SLOTS, TRIALS);
            let deviation = (similarity * (1.0 - similarity) / (SLOTS * TRIALS) as f64).sqrt();
            assert!(
                (mean - similarity).abs() <= BOUND * deviation,
                "{method:?}, {first} + {both} + {second} shingles: \
                 mean {mean:.4}, similarity {similarity:.4}, deviation {deviation:.4}"
            );
        }
    }
    for size in [5, 30, 100, 350, 1000] {
        for similarity in [0.1, 0.3, 0.5, 0.7, 0.9] {
            // Two sets of `size` with this similarity share 2 J size / (1 + J).
            let both = (2.0 * similarity * size as f64 / (1.0 + similarity)).round() as usize;
            check(size - both, both, size - both);
        }
    }
    // Unequal sizes: one set's slots are filled by later rounds than the
    // other's, or by the classical fill.
    check(0, 5, 45);
    check(0, 30, 70);
    check(10, 50, 440);
    check(5, 100, 895);
    check(0, 20, 1980);
}

#[test]
fn fast_estimates_vary_less_than_classical_ones() {
    const SLOTS: usize = 128;
    const TRIALS: usize = 2000;
    /// A mean of 2,000 squared errors has a relative deviation of 3 %.
    const TOLERANCE: f64 = 0.12;

    #[track_caller]
    fn check(method: Method, union: usize, expected: f64) {
        let both = union / 2;
        let rest = (union - both) / 2;
        let shape = (rest, both, union - both - rest);
        let Trials { similarity, mean_squared_error, .. } = trials(method, shape, SLOTS, TRIALS);
        let relative = mean_squared_error / (similarity * (1.0 - similarity) / SLOTS as f64);
        assert!(
            (relative - expected).abs() <= TOLERANCE,
            "{method:?}, {union} shingles in both sets together: mean squared error \
             {relative:.2} of J (1 - J) / {SLOTS}, expected {expected}"
        );
    }
    check(Method::Classical, 20, 1.0);
    check(Method::Classical, 200, 1.0);
    check(Method::Fast, 10, 0.81);
    check(Method::Fast, 20, 0.70);
    check(Method::Fast, 60, 0.54);
    check(Method::Fast, 200, 0.58);
    check(Method::Fast, 600, 0.79);
}

#[test]
fn candidates_follow_the_curve() {
    const TRIALS: usize = 3000;
    const UNION: usize = 100;

    #[track_caller]
    fn check(method: Method, banding: Banding, similarity: f64, tolerance: f64) {
        let both = (similarity * UNION as f64).round() as usize;
        let mut random = Random::new(both as u64);
        let mut met = 0;
        for _ in 0..TRIALS {
            let (a, b) = random.pair((UNION - both) / 2, both, (UNION - both).div_ceil(2));
            let [a, b] = [a, b].map(|set| {
                let mut keys = vec![0; banding.bands];
                banding.keys(&signature(method, &set, banding.slots(), Kernel::best()), &mut keys);
                keys
            });
            met += usize::from(a.iter().zip(&b).any(|(a, b)| a == b));
        }
        let got = met as f64 / TRIALS as f64;
        let expected = banding.candidate_probability(similarity);
        assert!(
            (got - expected).abs() <= tolerance,
            "{method:?}, {banding:?}, s = {similarity}: {got:.4} met, expected {expected:.4}"
        );
    }
    for banding in [Banding { bands: 26, rows: 4 }, Banding { bands: 52, rows: 3 }] {
        for similarity in [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7] {
            // Four standard deviations of a share near one half are 0.037.
            check(Method::Classical, banding, similarity, 0.037);
            // The slots of one set are not independent: what they agree on
            // lies closer to its mean, and the curve is a little steeper.
            check(Method::Fast, banding, similarity, 0.06);
        }
    }
}

#[test]
fn a_pair_at_the_threshold_is_missed_no_more_often_than_asked() {
    const TRIALS: usize = 10_000;
    #[track_caller]
    fn check(threshold: f64, union: usize) {
        let banding = Banding::for_threshold(threshold, 0.999, SLOTS);
        let sketcher = Sketcher::new(banding.slots(), Kernel::best());
        let both = (threshold * union as f64).ceil() as usize;
        let mut random = Random::new(union as u64);
        let [mut a_keys, mut b_keys] = [vec![0; banding.bands], vec![0; banding.bands]];
        let mut signature = vec![0; banding.slots()];
        let missed = (0..TRIALS)
            .filter(|_| {
                let (a, b) = random.pair((union - both) / 2, both, (union - both).div_ceil(2));
                for (set, keys) in [(&a, &mut a_keys), (&b, &mut b_keys)] {
                    assert!(sketcher.sketch(set, &mut signature));
                    banding.keys(&signature, keys);
                }
                a_keys.iter().zip(&b_keys).all(|(a, b)| a != b)
            })
            .count();
        // At most 10 are expected; 23 are four deviations more.
        assert!(missed <= 23, "{banding:?}, {union} shingles: {missed} of {TRIALS} missed");
    }
    for threshold in [0.5, 0.7, 0.8] {
        for union in [10, 60, 300] {
            check(threshold, union);
        }
    }
}

#[test]
fn kernels_give_the_same_bits() {
    for size in [1, 2, 3, 10, 63, 64, 65, 200, 400, 1500] {
        let set = Random::new(size as u64).set(size);
        for slots in [1, 8, 31, 32, 33, 104, 128, 156, 256] {
            for method in METHODS {
                let [scalar, avx2] = [Kernel::Scalar, Kernel::Avx2]
                    .map(|kernel| signature(method, &set, slots, kernel));
                assert_eq!(scalar, avx2, "{method:?}, {size} shingles, {slots} slots");
            }
        }
    }
}

#[test]
fn order_and_repeats_do_not_matter() {
    for size in [1, 7, 100, 500] {
        let set = Random::new(size as u64).set(size);
        let mut other: Vec<u64> = set.iter().rev().chain(&set[..size / 2]).copied().collect();
        other.rotate_left(size / 3);
        for method in METHODS {
            let [a, b] = [&set, &other].map(|set| signature(method, set, 128, Kernel::best()));
            assert_eq!(a, b, "{method:?}, {size} shingles");
        }
    }
}

#[test]
fn an_empty_set_has_no_signature() {
    let mut signature = [7; 16];
    assert!(!Sketcher::new(16, Kernel::best()).sketch(&[], &mut signature));
    assert!(!classical::sketch(&[], &mut signature, Kernel::best()));
    assert_eq!(signature, [7; 16], "the signature was written to");
}

#[test]
fn equal_sets_agree_everywhere_and_disjoint_ones_nowhere() {
    for size in [1, 10, 100, 1000] {
        let (a, b) = Random::new(size as u64).pair(size, 0, size);
        for method in METHODS {
            let [a, b] = [a.clone(), b.clone()].map(|s| signature(method, &s, 128, Kernel::best()));
            assert_eq!(estimate(&a, &a), 1.0, "{method:?}, {size} shingles");
            assert_eq!(estimate(&a, &b), 0.0, "{method:?}, {size} shingles");
        }
    }
}

#[test]
fn signatures_of_this_version_stay_as_they_are() {
    #[track_caller]
    fn check(method: Method, shingles: usize, slots: usize, expected: u64) {
        let set: Vec<u64> = (0..shingles as u64).map(|i| hash64(&i.to_le_bytes())).collect();
        let signature = signature(method, &set, slots, Kernel::Scalar);
        let bytes: Vec<u8> = signature.iter().flat_map(|slot| slot.to_le_bytes()).collect();
        let got = hash64(&bytes);
        assert_eq!(
            got, expected,
            "{method:?}, {shingles} shingles, {slots} slots: checksum {got:#018x}; \
             stored signatures no longer fit, raise SKETCH_VERSION (now {SKETCH_VERSION})"
        );
    }
    check(Method::Fast, 1, 128, 0x8d36_e305_cc85_3536);
    check(Method::Fast, 30, 104, 0x11d4_b997_a687_9646);
    check(Method::Fast, 300, 156, 0x800e_64e8_ed39_5d6b);
    check(Method::Fast, 1000, 128, 0x22e6_6701_a514_427b);
    check(Method::Classical, 30, 128, 0x5932_ffe8_4928_e72a);
    check(Method::Classical, 300, 256, 0xdf11_af6c_0293_6cc4);
}
