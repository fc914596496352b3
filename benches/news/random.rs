//! Random numbers: the same on every machine and for every order of asking.

/// The SplitMix64 generator (Steele, Lea, Flood, *Fast splittable pseudorandom
/// number generators*, OOPSLA 2014).
#[derive(Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// The numbers that go with a seed, a purpose and a number within it, so
    /// that no article waits for the one before.
    pub(crate) fn of(seed: u64, purpose: u64, number: u64) -> Self {
        Self(mix(mix(mix(seed) ^ purpose) ^ number))
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `bound`, which is at least 1.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// A number in `from..to`.
    pub(crate) fn between(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to - from)
    }

    /// A number in [0, 1).
    pub(crate) fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// One of several.
    pub(crate) fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// About normal, with mean 0 and deviation 1: the sum of twelve uniform
    /// numbers (their variance is 1/12 each).
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }

    /// A whole number in `from..=to` with probability proportional to
    /// `k^-exponent` (by the inverse of the continuous distribution).
    pub(crate) fn power_law(&mut self, from: usize, to: usize, exponent: f64) -> usize {
        let e = 1.0 - exponent;
        let (a, b) = ((from as f64 - 0.5).powf(e), (to as f64 + 0.5).powf(e));
        let drawn = (a + self.share() * (b - a)).powf(1.0 / e);
        (drawn.round() as usize).clamp(from, to)
    }

    /// Puts items into another order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// SplitMix64's last step: every bit of the result depends on every bit given.
pub(crate) fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
