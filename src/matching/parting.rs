//! Parts the shingles that are hidden in a text from those that stay.

/// Bits that tell most values from those that go.
const BITS: u64 = 4096;

/// Parts the values that go from those that stay; its memory is used again.
pub(super) struct Parting {
    sorted: Vec<u64>,
    bits: [u64; BITS as usize / 64],
    go: Vec<u64>,
}

impl Default for Parting {
    fn default() -> Self {
        Self { sorted: Vec::new(), bits: [0; BITS as usize / 64], go: Vec::new() }
    }
}

impl Parting {
    /// Moves the values at these places, ascending, behind the others, with those
    /// that are equal to one of them; both keep their order. Gives how many go: none
    /// if fewer than `rest_min` would be left.
    pub(super) fn part(&mut self, values: &mut [u64], places: &[u32], rest_min: usize) -> u32 {
        let Self { sorted, bits, go } = self;
        sorted.clear();
        sorted.extend(places.iter().map(|place| values[*place as usize]));
        bits.fill(0);
        for value in &*sorted {
            bits[(value % BITS / 64) as usize] |= 1 << (value % 64);
        }
        sorted.sort_unstable();
        let goes = |value: u64| {
            bits[(value % BITS / 64) as usize] >> (value % 64) & 1 == 1
                && sorted.binary_search(&value).is_ok()
        };
        if values.iter().filter(|value| !goes(**value)).count() < rest_min {
            return 0;
        }
        go.clear();
        let mut stay = 0;
        for at in 0..values.len() {
            let value = values[at];
            if goes(value) {
                go.push(value);
            } else {
                values[stay] = value;
                stay += 1;
            }
        }
        values[stay..].copy_from_slice(go);
        go.len() as u32
    }
}
