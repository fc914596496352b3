//! `twicetold passages --strip`: writes every record without its repeated
//! passages, and what went.

use std::ops::Range;

use anyhow::Result;

use twicetold::boilerplate::{DocumentCuts, Outcome};
use twicetold::document::{DocId, Document, Place};
use twicetold::hash::Hash128;
use twicetold::io::{
    Cutting, Fields, Format, Inputs, ReadReport, Rewrite, RewriteReport, Staging, TableFormat,
    rewrite, write_rows,
};
use twicetold::report::FamilyTables;
use twicetold::watch::Watch;

/// Whether the first line of a document tells readers where it begins: in
/// plain text, for every article but the file's first.
pub(crate) fn first_line_stays(inputs: &Inputs, document: &Document<'_>) -> bool {
    let Place { file, line, .. } = document.place;
    inputs.files[file as usize].format == Format::Text && line > 1
}

/// What was read, and what was found in it.
pub(crate) struct Writing<'a> {
    pub(crate) inputs: &'a Inputs,
    pub(crate) fields: &'a Fields,
    pub(crate) report: &'a ReadReport,
    pub(crate) outcome: &'a Outcome,
    pub(crate) formats: &'a [TableFormat],
}

/// Writes the stripped records to `kept/`, what went to `removed/`, and the
/// tables `stripped.jsonl` and `left.jsonl`.
pub(crate) fn write(
    writing: &Writing<'_>,
    cuts: &[DocumentCuts],
    tables: &FamilyTables<'_>,
    staging: &Staging,
    watch: &dyn Watch,
) -> Result<RewriteReport> {
    let Writing { inputs, fields, report, outcome, formats } = *writing;
    let articles = &outcome.articles.articles;
    let documents: Vec<(Place, Hash128)> =
        articles.iter().map(|article| (article.place, article.record_hash)).collect();
    let stretches = |document: usize| -> Vec<Range<usize>> {
        let doc = DocId(document as u32);
        match cuts.binary_search_by_key(&doc, |of| of.doc) {
            Ok(at) => cuts[at].cuts.iter().map(|cut| cut.bytes.clone()).collect(),
            Err(_) => Vec::new(),
        }
    };
    let cutting = Cutting { fields, stretches: &stretches };
    let how = Rewrite { cutting: Some(cutting), ..Rewrite::default() };
    let written = rewrite(inputs, report, &documents, how, staging, watch)?;
    let places = written.cuts.iter().map(|cut| (cut.offset, cut.bytes));
    write_rows(staging, formats, tables.stripped(cuts, places), watch)?;
    write_rows(staging, formats, tables.left(cuts), watch)?;
    Ok(written)
}
