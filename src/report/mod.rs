//! The outcome, told to people and programs: tables, summary, a few lines of
//! text. Rows and lines only: it opens and writes nothing.

mod calibration;
mod columns;
mod comparison;
mod datasheet;
mod families;
mod listing;
mod paint;
mod passages_summary;
mod stripped;
mod summary;
mod tables;
mod words;

pub use calibration::{Calibration, DrawnRow, pair_heading};
pub use columns::{TABLES, TableFacts};
pub use comparison::{
    AlignedRow, AlignedText, Compared, ComparedArticle, ComparisonRow, Layout, Look,
};
pub use datasheet::{articles_datasheet, passages_datasheet};
pub use families::{EditRow, FamilyRow, FamilyTables, OccurrenceRow, Stretch};
pub use listing::listing;
pub use paint::Paint;
pub use passages_summary::{FamiliesSummary, PassagesSummary};
pub use stripped::{LeftRow, StripSummary, StrippedRow};
pub use summary::{
    BadSummary, BoilerplateSummary, InputFileSummary, InputSummary, Records, Summary, Timing,
};
pub use tables::{
    BadRow, BoilerplateRow, ClusterRow, ConnectedRow, RelatedRow, RemovedRow, Tables,
};
pub use words::{grouped, plural, size};

use crate::document::{Date, Timestamp};

/// A moment as ISO 8601 in UTC; `None` outside the years -9999 to 9999.
fn iso(time: Timestamp) -> Option<String> {
    jiff::Timestamp::from_second(time.0).ok().map(|t| t.to_string())
}

/// The month of a date as `YYYY-MM`; "unknown" where there is none.
fn month(date: Date) -> String {
    let iso = date.timestamp().and_then(iso);
    iso.and_then(|text| Some(text.get(..7)?.to_owned())).unwrap_or_else(|| UNKNOWN.to_owned())
}

/// The name under which documents without a source or a date are counted.
const UNKNOWN: &str = "unknown";
