//! What the tables of an outcome are made of: one definition of columns for
//! every format a table is written in, and for its documentation.

use serde::Serialize;

/// A row of a table. Serialised, it is an object whose members are the columns,
/// in order.
pub trait Row: Serialize {
    /// The table's name: its file's, without the extension.
    const TABLE: &'static str;
    /// What a row stands for, and when the table is written.
    const ABOUT: &'static str;
    /// The columns.
    const COLUMNS: &'static [Column];
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in every format.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Whether a value may be missing; `about` says what that means.
    pub nullable: bool,
    /// What it says, with unit and origin.
    pub about: &'static str,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number that is not negative and fits in 63 bits.
    Whole,
    /// A similarity or share, in [0, 1].
    Share,
    /// Yes or no.
    Flag,
    /// A moment in UTC; in JSON and CSV as ISO 8601.
    Moment,
    /// A list of whole numbers.
    Wholes,
    /// A list of texts.
    Texts,
    /// An object of these members.
    Group(&'static [Column]),
    /// A list of objects of these members.
    Groups(&'static [Column]),
}

impl Column {
    /// A column that always has a value.
    pub const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, nullable: false, about }
    }

    /// A column whose value may be missing.
    pub const fn nullable(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self { name, kind, nullable: true, about }
    }
}
