//! The documents that were drawn, read again.

use std::collections::HashMap;

use anyhow::Result;

use twicetold::Error;
use twicetold::dedup::calibration::Drawn;
use twicetold::document::{DocId, Document, Place};
use twicetold::io::{Inputs, ReadOptions, read};
use twicetold::watch::Watch;

use super::super::boilerplate::Quoting;
use super::super::named::owned;

/// Reads the documents of all drawn pairs; of all records only these are
/// looked at, and each must be what it was.
pub(super) fn read_again(
    inputs: &Inputs,
    options: &ReadOptions,
    drawn: &Drawn,
    watch: &dyn Watch,
) -> Result<HashMap<DocId, Document<'static>>> {
    let place = |document: DocId| drawn.articles[document.index()].place;
    let key = |place: &Place| (place.file, place.offset);
    let mut wanted: Vec<DocId> = drawn.pairs.iter().flat_map(|pair| [pair.a, pair.b]).collect();
    wanted.sort_unstable_by_key(|document| key(&place(*document)));
    wanted.dedup();
    let Some(last) = wanted.last().copied() else { return Ok(HashMap::new()) };
    let changed = |place: &Place| Error::InputChanged {
        file: inputs.files[place.file as usize].shown(),
        line: place.line,
    };
    let only = wanted.iter().map(|document| place(*document)).collect();
    let mut found = HashMap::with_capacity(wanted.len());
    read(
        inputs,
        &ReadOptions { only: Some(only), ..options.clone() },
        &Quoting(watch),
        || (),
        |(), document| owned(document),
        |document| {
            let here = key(&document.place);
            let at = wanted.binary_search_by_key(&here, |wanted| key(&place(*wanted)));
            let wanted = at.ok().map(|at| wanted[at]);
            match wanted
                .filter(|wanted| drawn.articles[wanted.index()].record_hash == document.record_hash)
            {
                Some(wanted) => found.insert(wanted, document),
                None => return Err(changed(&document.place)),
            };
            Ok(())
        },
    )?;
    if found.len() < wanted.len() {
        return Err(changed(&place(last)).into());
    }
    Ok(found)
}
