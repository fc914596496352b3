//! Shingles put in order.

/// At most 2^16 buckets, whose counts a core's second cache holds.
const BUCKET_BITS_MAX: u32 = 16;

/// More values in a bucket than chance brings there are sorted by comparing them:
/// one comes again and again, and what stands beside it would be moved too often.
const CROWD: usize = 32;

/// Below so many values to count them costs more than to sort them.
const FEW: usize = 24;

/// Sorts hashes: one distribution by their upper bits leaves hardly any out of
/// order. Its memory is used again.
#[derive(Default)]
pub struct Sorter {
    scratch: Vec<u64>,
}

impl Sorter {
    /// Puts each value once to the front, ascending; how many they are. What
    /// follows them means nothing.
    pub fn sort(&mut self, values: &mut [u64]) -> usize {
        if values.len() < FEW {
            values.sort_unstable();
            return distinct(values, |at, values| values[at]);
        }
        if self.scratch.len() < values.len() {
            self.scratch.resize(values.len(), 0);
        }
        let sorted = &mut self.scratch[..values.len()];
        distribute(values, sorted);
        distinct(values, |at, _| sorted[at])
    }
}

/// Fills `sorted` with the values, ascending.
pub(super) fn distribute(values: &[u64], sorted: &mut [u64]) {
    let bits = values.len().next_power_of_two().ilog2().clamp(1, BUCKET_BITS_MAX);
    let bucket = |value: u64| (value >> (u64::BITS - bits)) as usize;
    let mut few = [0_u32; SMALL + 1];
    let mut many = Vec::new();
    let ends = match 1 << bits {
        buckets @ ..=SMALL => &mut few[..=buckets],
        buckets => {
            many.resize(buckets + 1, 0);
            &mut many[..]
        }
    };
    for &value in values {
        ends[bucket(value) + 1] += 1;
    }
    for at in 1..ends.len() {
        ends[at] += ends[at - 1];
    }
    for &value in values {
        let next = &mut ends[bucket(value)];
        sorted[*next as usize] = value;
        *next += 1;
    }
    // Each bucket now ends where the next one began.
    let mut start = 0;
    for end in &ends[..ends.len() - 1] {
        let end = *end as usize;
        match end - start {
            0 | 1 => {}
            2..CROWD => insert(&mut sorted[start..end]),
            _ => sorted[start..end].sort_unstable(),
        }
        start = end;
    }
}

/// So many buckets need no allocation.
const SMALL: usize = 1 << 9;

/// Sorts a few values.
#[inline]
fn insert(values: &mut [u64]) {
    for at in 1..values.len() {
        let value = values[at];
        let mut to = at;
        while to > 0 && values[to - 1] > value {
            values[to] = values[to - 1];
            to -= 1;
        }
        values[to] = value;
    }
}

/// Puts the first of all neighbours with one value to the front.
fn distinct(values: &mut [u64], sorted: impl Fn(usize, &[u64]) -> u64) -> usize {
    let (mut len, mut before) = (0, None);
    for at in 0..values.len() {
        let value = sorted(at, values);
        values[len] = value;
        len += usize::from(before != Some(value));
        before = Some(value);
    }
    len
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[u64]) {
        let mut sorter = Sorter { scratch: vec![7; 5] };
        let (mut plain, mut sorted) = (values.to_vec(), values.to_vec());
        plain.sort_unstable();
        plain.dedup();
        let len = sorter.sort(&mut sorted);
        assert!(sorted[..len] == plain, "{} values", values.len());
    }

    #[test]
    fn any_number_of_values_is_put_in_order_each_once() {
        check(&[]);
        check(&[9 << 40, 5 << 40, 9 << 40, 1 << 40]);
        check(&[7, 3, 7, 5, 1 << 16, 3]);
        // One comes so often that its bucket is crowded.
        check(&[vec![2 << 32; 100], vec![1 << 32; 100]].concat());
        let mut random = fastrand::Rng::with_seed(1);
        for count in [1, 2, 23, 24, 25, 100, 375, 2_048, 2_049, 20_000, 200_000] {
            let random = (0..count).map(|_| random.u64(..) >> random.u32(..3) << random.u32(..3));
            check(&random.collect::<Vec<u64>>());
        }
    }
}
