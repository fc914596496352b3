//! Which columns of a table hold the fields of a document.
//!
//! The names and their order are those of JSON records ([`Fields`]); that
//! columns are known before the first row is the difference.

use crate::io::json::{self, Fields};

/// The columns of each field, best first.
#[derive(Clone, Debug)]
pub(crate) struct Columns<C> {
    /// At least one.
    pub text: Vec<C>,
    pub id: Vec<C>,
    pub date: Vec<C>,
    pub source: Vec<C>,
    pub title: Vec<C>,
}

impl<C> Columns<C> {
    /// Asks `find` for the column of every name that may hold a field.
    ///
    /// # Errors
    /// No column for the text, in plain words that list the names in `there`.
    pub(crate) fn new<'n>(
        fields: &Fields,
        mut find: impl FnMut(&str, Use) -> Option<C>,
        there: impl Iterator<Item = &'n str>,
    ) -> Result<Self, String> {
        let mut all = |given: &Option<String>, names: &[&str], role| match given {
            Some(path) => find(path, role).into_iter().collect(),
            None => names.iter().filter_map(|name| find(name, role)).collect(),
        };
        let columns = Self {
            text: all(&fields.text, json::TEXT_NAMES, Use::Text),
            id: all(&fields.id, json::ID_NAMES, Use::Label),
            date: all(&fields.date, json::DATE_NAMES, Use::Date),
            source: all(&fields.source, json::SOURCE_NAMES, Use::Label),
            title: all(&fields.title, json::TITLE_NAMES, Use::Label),
        };
        if !columns.text.is_empty() {
            return Ok(columns);
        }
        let names = json::listed(there);
        let names = if names.is_empty() { "there are no columns".to_owned() } else { names };
        Err(match &fields.text {
            Some(path) => format!(
                "no text column {}; the columns are {names} (check --text-field)",
                json::quoted(path)
            ),
            None => format!(
                "no text column: {} are looked for, the columns are {names} (name it with \
                 --text-field)",
                json::listed(json::TEXT_NAMES.iter().copied())
            ),
        })
    }
}

impl<C> Columns<C> {
    /// Every column of every field.
    pub(crate) fn all(&self) -> impl Iterator<Item = &C> {
        let Self { text, id, date, source, title } = self;
        [text, id, date, source, title].into_iter().flatten()
    }

    /// What becomes of every column, or the first error.
    pub(crate) fn map<D, E>(
        &self,
        mut act: impl FnMut(&C) -> Result<D, E>,
    ) -> Result<Columns<D>, E> {
        let mut all = |columns: &[C]| columns.iter().map(&mut act).collect::<Result<_, E>>();
        Ok(Columns {
            text: all(&self.text)?,
            id: all(&self.id)?,
            date: all(&self.date)?,
            source: all(&self.source)?,
            title: all(&self.title)?,
        })
    }

    /// Likewise, of columns that change by it.
    pub(crate) fn map_mut<D, E>(
        &mut self,
        mut act: impl FnMut(&mut C) -> Result<D, E>,
    ) -> Result<Columns<D>, E> {
        let mut all =
            |columns: &mut [C]| columns.iter_mut().map(&mut act).collect::<Result<_, E>>();
        Ok(Columns {
            text: all(&mut self.text)?,
            id: all(&mut self.id)?,
            date: all(&mut self.date)?,
            source: all(&mut self.source)?,
            title: all(&mut self.title)?,
        })
    }
}

/// What a column is wanted for, which decides what types will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// The text to compare.
    Text,
    /// An id, a source or a title.
    Label,
    /// A date.
    Date,
}
