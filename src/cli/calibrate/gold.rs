//! What a gold says of the documents of a corpus, by their ids.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Result, bail};

use twicetold::Error;
use twicetold::dedup::calibration::Judged;
use twicetold::document::DocId;
use twicetold::io::{Labels, judgement};
use twicetold::visible::visible;

const ID: usize = 0;
const CLUSTER: usize = 1;
const A: usize = 2;
const B: usize = 3;
const JUDGEMENT: usize = 4;

/// A gold before its documents are known.
pub(super) enum Gold {
    /// The cluster of each id, by number; one that is alone has its own.
    Clusters(HashMap<String, u32>),
    /// Judged pairs.
    Pairs(Vec<JudgedPair>),
}

/// Two ids and whether they are copies.
pub(super) struct JudgedPair {
    /// The line of the table.
    pub(super) line: u64,
    pub(super) a: String,
    pub(super) b: String,
    pub(super) is: bool,
}

impl Gold {
    /// Reads a gold table; `label` is the column of a pair's judgement.
    pub(super) fn read(path: &Path, columns: Option<&[String]>, label: &str) -> Result<Self> {
        let labels = Labels::read(path, columns, &["id", "cluster", "a", "b", label])?;
        if labels.has[A] && labels.has[B] {
            return Ok(Self::Pairs(judged_pairs(labels)?));
        }
        if !labels.has[ID] || !labels.has[CLUSTER] {
            bail!(
                "{}: its columns are neither id and cluster nor a and b; name them with --columns",
                labels.file
            );
        }
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut clusters: HashMap<String, u32> = HashMap::new();
        for (next, (line, row)) in (0u32..).zip(labels.rows) {
            // A row's number is nobody else's: good for one that is alone too.
            let cluster = match &*row[CLUSTER] {
                "" | "-1" => next,
                name => *numbers.entry(name.to_owned()).or_insert(next),
            };
            if *clusters.entry(row[ID].clone()).or_insert(cluster) != cluster {
                let id = visible(&row[ID]);
                let cause = format!("`{id}` is in two clusters; ids must be unique");
                return Err(Error::BadRecord { file: labels.file, line, cause }.into());
            }
        }
        Ok(Self::Clusters(clusters))
    }

    /// The ids it speaks of, with the document of each once it is known.
    pub(super) fn ids(&self) -> HashMap<String, Option<DocId>> {
        let ids: Vec<&String> = match self {
            Self::Clusters(clusters) => clusters.keys().collect(),
            Self::Pairs(pairs) => pairs.iter().flat_map(|pair| [&pair.a, &pair.b]).collect(),
        };
        ids.into_iter().map(|id| (id.clone(), None)).collect()
    }

    /// What it says of documents; what is not in the corpus is left out.
    pub(super) fn of_documents(&self, documents: &HashMap<String, Option<DocId>>) -> Judged {
        let document = |id: &String| documents.get(id).copied().flatten();
        match self {
            Self::Clusters(clusters) => Judged::Clusters(
                clusters
                    .iter()
                    .filter_map(|(id, cluster)| Some((document(id)?, *cluster)))
                    .collect(),
            ),
            Self::Pairs(pairs) => Judged::Pairs(
                pairs
                    .iter()
                    .filter_map(|pair| Some((document(&pair.a)?, document(&pair.b)?, pair.is)))
                    .collect(),
            ),
        }
    }
}

/// The pairs of a table with the columns of [`Gold::read`].
fn judged_pairs(labels: Labels) -> Result<Vec<JudgedPair>> {
    let Labels { file, has, rows } = labels;
    rows.into_iter()
        .map(|(line, row)| {
            let bad = |cause| Error::BadRecord { file: file.clone(), line, cause };
            // Without judgements, all pairs of the table are copies.
            let is = match has[JUDGEMENT] {
                false => true,
                true => judgement(&row[JUDGEMENT]).ok_or_else(|| {
                    bad(format!(
                        "`{}` is neither 1, true or yes nor 0, false or no; name the column of \
                         the judgement with --label",
                        visible(&row[JUDGEMENT])
                    ))
                })?,
            };
            if row[A].is_empty() || row[B].is_empty() {
                return Err(bad("an id is empty".to_owned()).into());
            }
            Ok(JudgedPair { line, a: row[A].clone(), b: row[B].clone(), is })
        })
        .collect()
}
