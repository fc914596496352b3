//! Copies rows of an Arrow file, batch by batch: same schema and metadata,
//! same codec, file or stream as it was.

use arrow_array::{BooleanArray, RecordBatch};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{DictionaryHandling, FileWriter, IpcWriteOptions, StreamWriter};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::filter::filter_record_batch;

use super::super::SharedFile;
use super::super::copy::{Copied, Fates, Outputs, Sink, readable};
use super::messages::{Messages, words};

/// Copies all rows to the files of their ways.
pub(crate) fn copy(
    file: SharedFile,
    fates: Fates<'_>,
    outputs: &Outputs<'_>,
) -> Result<Copied, String> {
    let mut messages = Messages::open(file)?;
    let ways = fates.files().into_iter().enumerate().filter(|(_, is_used)| *is_used);
    let ways: Vec<usize> = ways.map(|(way, _)| way).collect();
    let mut writers: Vec<Writer> = Vec::new();
    let open = |messages: &Messages| {
        let writer = |way: &usize| {
            let footer = messages.footer();
            Writer::new(outputs.open(*way)?, messages.schema(), messages.codec(), footer)
        };
        ways.iter().map(writer).collect::<Result<Vec<Writer>, String>>()
    };
    let (mut first_row, mut groups) = (0, Vec::new());
    let rows_readable = readable(fates.of(0, usize::MAX));
    while first_row < rows_readable {
        if fates.watch.stopped() {
            return Err("interrupted".to_owned());
        }
        let batch = messages.next(None)?.ok_or("it has fewer rows than before")?;
        // The codec is known with the first batch.
        if writers.is_empty() {
            writers = open(&messages)?;
        }
        let rows = fates.of(first_row, batch.num_rows());
        first_row += rows.len();
        groups.push(rows.len() as u64);
        for (way, writer) in ways.iter().zip(&mut writers) {
            if fates.is_used(*way, rows) {
                let goes: BooleanArray =
                    rows.iter().map(|to| Some(usize::from(*to) == *way)).collect();
                writer.write(&filter_record_batch(&batch, &goes).map_err(words)?).map_err(words)?;
            }
        }
    }
    if writers.is_empty() {
        writers = open(&messages)?;
    }
    let finish = |writer: Writer| writer.finish().map_err(words);
    Ok((writers.into_iter().map(finish).collect::<Result<_, String>>()?, groups))
}

/// A file being written in one of the two formats.
pub(super) enum Writer {
    File(Box<FileWriter<Sink>>),
    Stream(Box<StreamWriter<Sink>>),
}

impl Writer {
    pub(super) fn new(
        sink: Sink,
        schema: &SchemaRef,
        codec: Option<CompressionType>,
        footer: Option<&[(String, String)]>,
    ) -> Result<Self, String> {
        // A dictionary that grew while it was read is no other one.
        let options = IpcWriteOptions::default()
            .with_dictionary_handling(DictionaryHandling::Delta)
            .try_with_compression(codec)
            .map_err(words)?;
        Ok(match footer {
            Some(members) => {
                let mut file =
                    FileWriter::try_new_with_options(sink, schema, options).map_err(words)?;
                for (key, value) in members {
                    file.write_metadata(key, value);
                }
                Self::File(Box::new(file))
            }
            None => Self::Stream(Box::new(
                StreamWriter::try_new_with_options(sink, schema, options).map_err(words)?,
            )),
        })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        match self {
            Self::File(file) => file.write(batch),
            Self::Stream(stream) => stream.write(batch),
        }
    }

    pub(super) fn finish(self) -> Result<Sink, ArrowError> {
        match self {
            Self::File(file) => file.into_inner(),
            Self::Stream(stream) => stream.into_inner(),
        }
    }
}
