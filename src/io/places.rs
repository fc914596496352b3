//! Places in a text as places in its spelling: bytes of another encoding, or a
//! JSON string with escapes.

/// Goes over a text and its spelling, both cut into units, and finds where
/// some places of the text are in the spelling.
pub(super) struct Places<'p> {
    /// Ascending offsets into the text.
    wanted: &'p [usize],
    found: Vec<usize>,
    /// How much of the text was gone over.
    said: usize,
    /// How much of the spelling.
    pub(super) spelled: usize,
}

impl<'p> Places<'p> {
    pub(super) fn new(wanted: &'p [usize]) -> Self {
        Self { wanted, found: Vec::with_capacity(wanted.len()), said: 0, spelled: 0 }
    }

    /// Some bytes that stand for themselves.
    pub(super) fn run(&mut self, bytes: usize) {
        let run = self.said..=self.said + bytes;
        while let Some(place) = self.next().filter(|place| run.contains(place)) {
            self.found.push(self.spelled + place - self.said);
        }
        self.said += bytes;
        self.spelled += bytes;
    }

    /// Some bytes of the text that some of the spelling stand for as a whole.
    pub(super) fn unit(&mut self, said: usize, spelled: usize) {
        self.run(0);
        self.said += said;
        self.spelled += spelled;
    }

    /// The places; `None` if one lies inside a unit or behind the text.
    pub(super) fn finish(mut self) -> Option<Vec<usize>> {
        self.run(0);
        (self.found.len() == self.wanted.len()).then_some(self.found)
    }

    fn next(&self) -> Option<usize> {
        self.wanted.get(self.found.len()).copied()
    }
}
