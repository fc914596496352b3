//! Colours on a terminal, where they are wanted.

/// Paints text, or leaves it as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Paint {
    on: bool,
}

/// What a piece of text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// Words that the other text does not have.
    Removed,
    /// Words that only the other text has.
    Added,
    /// Our own words between those of a corpus.
    Quiet,
}

impl Paint {
    /// Paints if `on`.
    pub fn new(on: bool) -> Self {
        Self { on }
    }

    /// The text in the colour of what it stands for (ECMA-48 section 8.3.117).
    pub(super) fn ink(self, ink: Ink, text: &str) -> String {
        let begin = match ink {
            _ if !self.on => return text.to_owned(),
            Ink::Removed => "\u{1B}[31m",
            Ink::Added => "\u{1B}[32m",
            Ink::Quiet => "\u{1B}[2m",
        };
        format!("{begin}{text}\u{1B}[0m")
    }
}
