//! Posting lists of keepers: for each key, the keepers that were filed under
//! it, in ascending order.
//!
//! How long a list can become is known beforehand (the owners that could be
//! filed there), so all lists lie in one allocation.

/// Posting lists with room for a known number of entries each.
pub struct Postings {
    /// Where each list's room begins, and the end of the last.
    starts: Vec<usize>,
    /// How many entries each list has.
    lens: Vec<u32>,
    entries: Vec<u32>,
}

impl Postings {
    /// Empty lists for `lists` keys; each key in `room` makes room for one
    /// entry of its list.
    pub fn with_room<'a>(lists: usize, room: impl Iterator<Item = &'a [u32]>) -> Self {
        let mut starts = vec![0usize; lists + 1];
        for keys in room {
            for &key in keys {
                starts[key as usize + 1] += 1;
            }
        }
        for list in 0..lists {
            starts[list + 1] += starts[list];
        }
        let entries = vec![0; starts[lists]];
        Self { starts, lens: vec![0; lists], entries }
    }

    /// Empty lists for keys of which each is had by so many.
    pub fn for_all(frequencies: &[u32]) -> Self {
        let mut starts = Vec::with_capacity(frequencies.len() + 1);
        let mut end = 0;
        starts.push(end);
        starts.extend(frequencies.iter().map(|frequency| {
            end += *frequency as usize;
            end
        }));
        Self { starts, lens: vec![0; frequencies.len()], entries: vec![0; end] }
    }

    /// Files `keeper` under each of `keys`, for which room was made. Keepers
    /// come in ascending order.
    pub fn insert(&mut self, keys: &[u32], keeper: u32) {
        for &key in keys {
            let len = &mut self.lens[key as usize];
            self.entries[self.starts[key as usize] + *len as usize] = keeper;
            *len += 1;
        }
    }

    /// The keepers filed under `key`, ascending.
    fn list(&self, key: u32) -> &[u32] {
        let start = self.starts[key as usize];
        &self.entries[start..start + self.lens[key as usize] as usize]
    }

    /// The keepers `>= since` among the first `limit` filed under `key`,
    /// latest first.
    pub fn since(&self, key: u32, since: u32, limit: usize) -> impl Iterator<Item = u32> + '_ {
        let list = self.list(key);
        let looked_at = &list[..list.len().min(limit)];
        looked_at.iter().rev().copied().take_while(move |keeper| *keeper >= since)
    }

    /// How many lists have more than `limit` entries.
    pub fn longer_than(&self, limit: usize) -> usize {
        self.lens.iter().filter(|len| **len as usize > limit).count()
    }
}
