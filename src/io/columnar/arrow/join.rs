//! Joins the rows of Arrow files, batch by batch: the other half of
//! [`super::write`].

use arrow_array::RecordBatch;
use arrow_select::interleave::interleave_record_batch;

use super::super::SharedFile;
use super::super::copy::{Outputs, Sink, WAYS};
use super::super::join::Parts;
use super::messages::{Messages, words};
use super::write::Writer;
use crate::watch::Watch;

const ROWS: &str = "its parts have other rows than the tables beside them say";

/// Joins the rows of some files that were one.
pub(crate) fn join(
    files: [Option<SharedFile>; WAYS],
    parts: &Parts<'_>,
    outputs: &Outputs<'_>,
    watch: &dyn Watch,
) -> Result<Sink, String> {
    let mut sources = [const { None }; WAYS];
    for (slot, file) in sources.iter_mut().zip(files) {
        *slot = file.map(Messages::open).transpose()?;
    }
    let mut sink = Some(outputs.open_joined()?);
    let mut writer: Option<Writer> = None;
    let mut open = |messages: &Messages| {
        let sink = sink.take().ok_or("opened twice")?;
        Writer::new(sink, messages.schema(), messages.codec(), messages.footer())
    };
    for group in parts.groups() {
        if watch.stopped() {
            return Err("interrupted".to_owned());
        }
        let mut batches: Vec<RecordBatch> = Vec::new();
        let mut position = [0; WAYS];
        for way in (0..WAYS).filter(|way| group.counts[*way] > 0) {
            let messages = sources[way].as_mut().ok_or(ROWS)?;
            let batch = messages.next(None)?.ok_or(ROWS)?;
            if batch.num_rows() != group.counts[way] {
                return Err(ROWS.to_owned());
            }
            // The codec is known with the first batch.
            if writer.is_none() {
                writer = Some(open(messages)?);
            }
            position[way] = batches.len();
            batches.push(batch);
        }
        let batch = match &batches[..] {
            [batch] => batch.clone(),
            _ => {
                let mut at = [0; WAYS];
                let place = |way: &u8| {
                    let way = usize::from(*way);
                    at[way] += 1;
                    (position[way], at[way] - 1)
                };
                let places: Vec<(usize, usize)> = group.ways.iter().map(place).collect();
                let batches: Vec<&RecordBatch> = batches.iter().collect();
                interleave_record_batch(&batches, &places).map_err(words)?
            }
        };
        writer.as_mut().ok_or(ROWS)?.write(&batch).map_err(words)?;
    }
    let writer = match writer {
        Some(writer) => writer,
        None => open(sources.iter().flatten().next().ok_or("it has no parts")?)?,
    };
    for messages in sources.iter_mut().flatten() {
        if messages.next(None)?.is_some() {
            return Err(ROWS.to_owned());
        }
    }
    writer.finish().map_err(words)
}
