//! Copies rows of a Parquet file, column by column, as they are: physical
//! values with their levels under the same schema, so that no type, null or
//! nested value can change on the way. Each row group becomes one with the
//! rows that stay.

use std::array;
use std::sync::Arc;

use parquet::basic::Encoding;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::{
    BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type,
    Int64Type, Int96Type,
};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::FileReader;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};

use super::super::SharedFile;
use super::super::copy::{Copied, Fates, Outputs, Sink, WAYS, readable};
use super::{reader, words};

/// How many rows of a column are held at a time.
pub(super) const ROWS_HELD: usize = 1024;

/// Copies all rows to the files of their ways.
pub(crate) fn copy(
    file: SharedFile,
    fates: Fates<'_>,
    outputs: &Outputs<'_>,
) -> Result<Copied, String> {
    let reader = reader(file)?;
    let metadata = reader.metadata();
    let schema = metadata.file_metadata().schema_descr();
    let properties = Arc::new(properties(metadata));
    let mut files = Vec::new();
    for (way, _) in fates.files().into_iter().enumerate().filter(|(_, is_used)| *is_used) {
        let (sink, schema) = (outputs.open(way)?, schema.root_schema_ptr());
        let file = SerializedFileWriter::new(sink, schema, Arc::clone(&properties));
        files.push((way, file.map_err(words)?));
    }
    let (mut first_row, mut groups) = (0, Vec::new());
    for index in 0..reader.num_row_groups() {
        let group = reader.get_row_group(index).map_err(words)?;
        let rows = fates.of(first_row, group.metadata().num_rows() as usize);
        first_row += rows.len();
        groups.push(rows.len() as u64);
        let mut parts = Vec::new();
        for (way, file) in &mut files {
            if fates.is_used(*way, rows) {
                parts.push((*way, file.next_row_group().map_err(words)?));
            }
        }
        if parts.is_empty() {
            continue;
        }
        for column in 0..schema.num_columns() {
            let leaf = schema.column(column);
            let mut writers: [Option<SerializedColumnWriter<'_>>; WAYS] = [const { None }; WAYS];
            for (way, part) in &mut parts {
                writers[*way] = part.next_column().map_err(words)?;
            }
            let levels = (leaf.max_def_level(), leaf.max_rep_level());
            let mut copying = Copying { levels, rows, fates, writers: &mut writers };
            match group.get_column_reader(column).map_err(words)? {
                ColumnReader::BoolColumnReader(reader) => copying.copy::<BoolType>(reader),
                ColumnReader::Int32ColumnReader(reader) => copying.copy::<Int32Type>(reader),
                ColumnReader::Int64ColumnReader(reader) => copying.copy::<Int64Type>(reader),
                ColumnReader::Int96ColumnReader(reader) => copying.copy::<Int96Type>(reader),
                ColumnReader::FloatColumnReader(reader) => copying.copy::<FloatType>(reader),
                ColumnReader::DoubleColumnReader(reader) => copying.copy::<DoubleType>(reader),
                ColumnReader::ByteArrayColumnReader(reader) => {
                    copying.copy::<ByteArrayType>(reader)
                }
                ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                    copying.copy::<FixedLenByteArrayType>(reader)
                }
            }?;
            for writer in writers.into_iter().flatten() {
                writer.close().map_err(words)?;
            }
        }
        for (_, part) in parts {
            part.close().map_err(words)?;
        }
    }
    let finish = |(_, file): (usize, SerializedFileWriter<Sink>)| file.into_inner().map_err(words);
    Ok((files.into_iter().map(finish).collect::<Result<_, String>>()?, groups))
}

/// How the file was written, as far as that can be told: metadata of all
/// kinds (pandas, Hugging Face, Arrow), and of each column codec, dictionary,
/// encoding and Bloom filter.
pub(super) fn properties(metadata: &ParquetMetaData) -> WriterProperties {
    let file = metadata.file_metadata();
    let mut properties = WriterProperties::builder()
        .set_key_value_metadata(file.key_value_metadata().cloned())
        .set_max_row_group_row_count(None);
    if let Some(group) = metadata.row_groups().first() {
        properties = properties.set_sorting_columns(group.sorting_columns().cloned());
        for column in group.columns() {
            let path = column.column_path();
            let mut has_dictionary = false;
            for encoding in column.encodings() {
                match encoding {
                    Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY => has_dictionary = true,
                    Encoding::DELTA_BINARY_PACKED
                    | Encoding::DELTA_LENGTH_BYTE_ARRAY
                    | Encoding::DELTA_BYTE_ARRAY
                    | Encoding::BYTE_STREAM_SPLIT => {
                        properties = properties.set_column_encoding(path.clone(), encoding);
                    }
                    _ => {}
                }
            }
            properties = properties
                .set_column_compression(path.clone(), column.compression())
                .set_column_dictionary_enabled(path.clone(), has_dictionary)
                .set_column_bloom_filter_enabled(
                    path.clone(),
                    column.bloom_filter_offset().is_some(),
                );
        }
    }
    properties.build()
}

/// The copying of one column of a row group.
struct Copying<'c, 'w> {
    /// The highest definition and repetition levels.
    levels: (i16, i16),
    /// Where the rows of the group go.
    rows: &'c [u8],
    fates: Fates<'c>,
    writers: &'c mut [Option<SerializedColumnWriter<'w>>; WAYS],
}

/// Values with their levels.
pub(super) struct Levelled<T> {
    pub(super) values: Vec<T>,
    pub(super) definitions: Vec<i16>,
    pub(super) repetitions: Vec<i16>,
}

impl<T> Levelled<T> {
    pub(super) fn new() -> Self {
        Self { values: Vec::new(), definitions: Vec::new(), repetitions: Vec::new() }
    }

    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.definitions.clear();
        self.repetitions.clear();
    }
}

impl Copying<'_, '_> {
    fn copy<T: DataType>(&mut self, mut reader: ColumnReaderImpl<T>) -> Result<(), String> {
        let (mut read, mut parts) = (Levelled::new(), array::from_fn(|_| Levelled::new()));
        let mut rows = &self.rows[..readable(self.rows)];
        while !rows.is_empty() {
            if self.fates.watch.stopped() {
                return Err("interrupted".to_owned());
            }
            let (now, later) = rows.split_at(ROWS_HELD.min(rows.len()));
            rows = later;
            read.clear();
            let Levelled { values, definitions, repetitions } = &mut read;
            let (records, ..) = reader
                .read_records(now.len(), Some(definitions), Some(repetitions), values)
                .map_err(words)?;
            if records != now.len() {
                return Err("a column ends before its row group does".to_owned());
            }
            self.part(&mut read, now, &mut parts)?;
            for (part, writer) in parts.iter_mut().zip(self.writers.iter_mut()) {
                if let Some(writer) = writer
                    && !part.definitions.is_empty()
                {
                    self::write(writer.typed::<T>(), self.levels, part)?;
                }
                part.clear();
            }
        }
        Ok(())
    }

    /// Parts what was read of some rows by the ways they go.
    fn part<T>(
        &self,
        read: &mut Levelled<T>,
        rows: &[u8],
        parts: &mut [Levelled<T>; WAYS],
    ) -> Result<(), String> {
        let (definition_max, repetition_max) = self.levels;
        let short = || "a column has fewer values than it says".to_owned();
        let mut values = read.values.drain(..);
        let mut ways = rows.iter();
        let mut way = usize::MAX;
        let levels = if definition_max > 0 { read.definitions.len() } else { values.len() };
        for at in 0..levels {
            let repetition = if repetition_max > 0 { read.repetitions[at] } else { 0 };
            if repetition == 0 {
                way = usize::from(*ways.next().ok_or_else(short)?);
            }
            let definition = if definition_max > 0 { read.definitions[at] } else { 0 };
            let value = match definition == definition_max {
                true => Some(values.next().ok_or_else(short)?),
                false => None,
            };
            let Some(part) = parts.get_mut(way) else { continue };
            part.values.extend(value);
            part.definitions.push(definition);
            part.repetitions.push(repetition);
        }
        if ways.next().is_some() { Err(short()) } else { Ok(()) }
    }
}

pub(super) fn write<T: DataType>(
    writer: &mut ColumnWriterImpl<'_, T>,
    (definition_max, repetition_max): (i16, i16),
    part: &Levelled<T::T>,
) -> Result<(), String> {
    let definitions = (definition_max > 0).then_some(&part.definitions[..]);
    let repetitions = (repetition_max > 0).then_some(&part.repetitions[..]);
    writer.write_batch(&part.values, definitions, repetitions).map_err(words)?;
    Ok(())
}
