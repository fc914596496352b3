//! Joins the rows of Parquet files, column by column: the other half of
//! [`super::write`].

use std::array;
use std::sync::Arc;

use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{
    BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type,
    Int64Type, Int96Type,
};
use parquet::file::reader::FileReader;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};

use super::super::SharedFile;
use super::super::copy::{Outputs, Sink, WAYS};
use super::super::join::{Group, Parts};
use super::write::{Levelled, ROWS_HELD, properties, write};
use super::{reader, words};
use crate::watch::Watch;

const ROWS: &str = "its parts have other rows than the tables beside them say";

/// Joins the rows of some files that were one.
pub(crate) fn join(
    files: [Option<SharedFile>; WAYS],
    parts: &Parts<'_>,
    outputs: &Outputs<'_>,
    watch: &dyn Watch,
) -> Result<Sink, String> {
    let mut readers = [const { None }; WAYS];
    for (slot, file) in readers.iter_mut().zip(files) {
        *slot = file.map(reader).transpose()?;
    }
    let known = || readers.iter().flatten();
    // A file without row groups does not tell how its columns were written.
    let model = known().find(|reader| reader.num_row_groups() > 0).or_else(|| known().next());
    let metadata = model.ok_or("it has no parts")?.metadata();
    let schema = metadata.file_metadata().schema_descr();
    if !known().all(|part| part.metadata().file_metadata().schema() == schema.root_schema()) {
        return Err("its parts have different columns".to_owned());
    }
    let properties = Arc::new(properties(metadata));
    let sink = outputs.open_joined()?;
    let mut file =
        SerializedFileWriter::new(sink, schema.root_schema_ptr(), properties).map_err(words)?;
    let mut next = [0; WAYS];
    for group in parts.groups() {
        let mut sources = [const { None }; WAYS];
        for way in 0..WAYS {
            if group.counts[way] == 0 {
                continue;
            }
            let reader = readers[way].as_ref().filter(|part| next[way] < part.num_row_groups());
            let source = reader.ok_or(ROWS)?.get_row_group(next[way]).map_err(words)?;
            if source.metadata().num_rows() as usize != group.counts[way] {
                return Err(ROWS.to_owned());
            }
            next[way] += 1;
            sources[way] = Some(source);
        }
        let mut out = file.next_row_group().map_err(words)?;
        for column in 0..schema.num_columns() {
            let leaf = schema.column(column);
            let levels = (leaf.max_def_level(), leaf.max_rep_level());
            let mut columns: [Option<ColumnReader>; WAYS] = [const { None }; WAYS];
            for (slot, source) in columns.iter_mut().zip(&sources) {
                let column = source.as_ref().map(|source| source.get_column_reader(column));
                *slot = column.transpose().map_err(words)?;
            }
            let mut writer = out.next_column().map_err(words)?.ok_or("a column is missing")?;
            let joining = Joining { levels, group: &group, watch };
            match columns.iter().flatten().next().ok_or(ROWS)? {
                ColumnReader::BoolColumnReader(_) => joining.join::<BoolType>(columns, &mut writer),
                ColumnReader::Int32ColumnReader(_) => {
                    joining.join::<Int32Type>(columns, &mut writer)
                }
                ColumnReader::Int64ColumnReader(_) => {
                    joining.join::<Int64Type>(columns, &mut writer)
                }
                ColumnReader::Int96ColumnReader(_) => {
                    joining.join::<Int96Type>(columns, &mut writer)
                }
                ColumnReader::FloatColumnReader(_) => {
                    joining.join::<FloatType>(columns, &mut writer)
                }
                ColumnReader::DoubleColumnReader(_) => {
                    joining.join::<DoubleType>(columns, &mut writer)
                }
                ColumnReader::ByteArrayColumnReader(_) => {
                    joining.join::<ByteArrayType>(columns, &mut writer)
                }
                ColumnReader::FixedLenByteArrayColumnReader(_) => {
                    joining.join::<FixedLenByteArrayType>(columns, &mut writer)
                }
            }?;
            writer.close().map_err(words)?;
        }
        out.close().map_err(words)?;
    }
    let is_at_end =
        |way: usize| readers[way].as_ref().is_none_or(|part| part.num_row_groups() == next[way]);
    match (0..WAYS).all(is_at_end) {
        true => file.into_inner().map_err(words),
        false => Err(ROWS.to_owned()),
    }
}

/// The joining of one column of a row group.
struct Joining<'j> {
    /// The highest definition and repetition levels.
    levels: (i16, i16),
    group: &'j Group<'j>,
    watch: &'j dyn Watch,
}

impl Joining<'_> {
    fn join<T: DataType>(
        &self,
        columns: [Option<ColumnReader>; WAYS],
        writer: &mut SerializedColumnWriter<'_>,
    ) -> Result<(), String> {
        let mut readers: [Option<ColumnReaderImpl<T>>; WAYS] =
            columns.map(|column| column.map(get_typed_column_reader::<T>));
        let mut read: [Levelled<T::T>; WAYS] = array::from_fn(|_| Levelled::new());
        let mut joined = Levelled::new();
        for ways in self.group.ways.chunks(ROWS_HELD) {
            if self.watch.stopped() {
                return Err("interrupted".to_owned());
            }
            for (way, (reader, read)) in readers.iter_mut().zip(&mut read).enumerate() {
                read.clear();
                let rows = ways.iter().filter(|to| usize::from(**to) == way).count();
                let Some(reader) = reader.as_mut().filter(|_| rows > 0) else { continue };
                let Levelled { values, definitions, repetitions } = read;
                let (records, ..) = reader
                    .read_records(rows, Some(definitions), Some(repetitions), values)
                    .map_err(words)?;
                if records != rows {
                    return Err("a column ends before its row group does".to_owned());
                }
            }
            joined.clear();
            self.merge(ways, &mut read, &mut joined)?;
            write(writer.typed::<T>(), self.levels, &joined)?;
        }
        Ok(())
    }

    /// Takes a row from the part it went to, for each of some rows.
    fn merge<T>(
        &self,
        ways: &[u8],
        read: &mut [Levelled<T>; WAYS],
        joined: &mut Levelled<T>,
    ) -> Result<(), String> {
        let (definition_max, repetition_max) = self.levels;
        let short = || "a column has fewer values than it says".to_owned();
        let mut at = [0; WAYS];
        let [a, b, c] = read;
        let mut levels = [a, b, c].map(|part| {
            let Levelled { values, definitions, repetitions } = part;
            (values.drain(..), &*definitions, &*repetitions)
        });
        for &way in ways {
            let way = usize::from(way);
            let (values, definitions, repetitions) = levels.get_mut(way).ok_or_else(short)?;
            let at = &mut at[way];
            loop {
                let definition = match definition_max {
                    0 => 0,
                    _ => *definitions.get(*at).ok_or_else(short)?,
                };
                let repetition = match repetition_max {
                    0 => 0,
                    _ => *repetitions.get(*at).ok_or_else(short)?,
                };
                *at += 1;
                if definition == definition_max {
                    joined.values.push(values.next().ok_or_else(short)?);
                }
                joined.definitions.push(definition);
                joined.repetitions.push(repetition);
                // More of a row are those that repeat something of it.
                if repetition_max == 0 || repetitions.get(*at).is_none_or(|next| *next == 0) {
                    break;
                }
            }
        }
        Ok(())
    }
}
