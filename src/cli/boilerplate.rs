//! The texts of what `dedup` masked, read again from its examples.

use anyhow::Result;

use twicetold::Error;
use twicetold::dedup::{BoilerplateQuote, Outcome};
use twicetold::document::{Document, Place};
use twicetold::io::{Inputs, ReadOptions, read};
use twicetold::watch::{Unit, Watch};

/// Reads the input again, for the texts of the boilerplate; of all records only
/// the examples are looked at.
pub(crate) fn quote(
    inputs: &Inputs,
    options: &ReadOptions,
    outcome: &Outcome,
    watch: &dyn Watch,
) -> Result<Vec<BoilerplateQuote>> {
    let passages = &outcome.boilerplate.passages;
    let mut quotes = vec![BoilerplateQuote::default(); passages.len()];
    if passages.is_empty() {
        return Ok(quotes);
    }
    let key = |place: &Place| (place.file, place.offset);
    let place_of = |at: usize| outcome.articles[passages[at].example.index()].place;
    let mut by_place: Vec<usize> = (0..passages.len()).collect();
    by_place.sort_unstable_by_key(|at| key(&place_of(*at)));
    let mut only: Vec<Place> = by_place.iter().map(|at| place_of(*at)).collect();
    only.dedup();
    let examples = only.len() as u64;
    let last = only[only.len() - 1];
    let changed = |place: &Place| Error::InputChanged {
        file: inputs.files[place.file as usize].shown(),
        line: place.line,
    };
    let quote = |_: &mut (), document: Document<'_>| {
        let here = key(&document.place);
        let first = by_place.partition_point(|at| key(&place_of(*at)) < here);
        let mut quotes = Vec::new();
        for &at in by_place[first..].iter().take_while(|at| key(&place_of(**at)) == here) {
            let example = passages[at].example;
            if outcome.articles[example.index()].record_hash != document.record_hash {
                return Err(changed(&document.place));
            }
            quotes.push((at, passages[at].quote(&outcome.recipe, &document)));
        }
        Ok(quotes)
    };
    let report = read(
        inputs,
        &ReadOptions { only: Some(only), ..options.clone() },
        &Quoting(watch),
        || (),
        quote,
        |quoted| {
            for (at, quote) in quoted? {
                quotes[at] = quote;
            }
            Ok(())
        },
    )?;
    if report.documents != examples {
        return Err(changed(&last).into());
    }
    Ok(quotes)
}

/// Watches a second reading under a name of its own.
pub(crate) struct Quoting<'w>(pub(crate) &'w dyn Watch);

impl Watch for Quoting<'_> {
    fn phase(&self, _: &'static str, unit: Unit, total: Option<u64>) {
        self.0.phase("quoting", unit, total);
    }

    fn advance(&self, units: u64) {
        self.0.advance(units);
    }

    fn stopped(&self) -> bool {
        self.0.stopped()
    }
}
