//! Parquet, read by columns without Arrow in between: the values of the few
//! columns that are wanted, in their physical types.

use std::io::BufReader;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, Int96};
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::reader::{ChunkReader, FileReader, Length};
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::schema::types::ColumnDescriptor;

use super::cells::{Batch, Cell, Column};
use super::{Damage, From, ROWS_MAX, Rows, SharedFile, guarded};
use crate::io::fields::{Columns, Use};
use crate::io::json::Fields;

mod join;
mod write;

pub(super) use join::join;
pub(super) use write::copy;

/// A row group whose wanted columns are larger than this, unpacked, is
/// decoded by one thread and read by all: many writers make a single one of
/// millions of rows. Smaller ones are decoded by whoever reads them.
const GROUP_BYTES_MAX: i64 = 64 << 20;

/// The most rows decoded at once, however short.
const BATCH_ROWS_MAX: u64 = 4096;

impl Length for SharedFile {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for SharedFile {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(BufReader::new(self.from(start)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.bytes) {
            return Err(ParquetError::EOF("it is shorter than it says".to_owned()));
        }
        let mut bytes = vec![0; length];
        self.read_exact_at(start, &mut bytes)?;
        Ok(bytes.into())
    }
}

/// A Parquet file that can be read.
pub(crate) struct Table {
    reader: SerializedFileReader<SharedFile>,
    columns: Columns<Leaf>,
}

/// A row group, and how it is read.
pub(crate) struct Group {
    table: Arc<Table>,
    index: usize,
    /// The number of its first row in the file.
    first_row: u64,
    rows: u64,
    batch_rows: u64,
}

impl Table {
    pub(super) fn open(file: SharedFile, fields: &Fields) -> Result<Self, String> {
        let reader = reader(file)?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let roots = schema.root_schema().get_fields().iter().map(|field| field.name());
        let columns = Columns::new(
            fields,
            |path, role| {
                let leaves = (0..schema.num_columns()).map(|at| (at, schema.column(at)));
                leaves
                    .filter(|(_, leaf)| leaf.max_rep_level() == 0 && leaf.path().string() == path)
                    // A name that holds the dots itself wins over the path.
                    .min_by_key(|(_, leaf)| leaf.path().parts().len())
                    .and_then(|(index, leaf)| Some(Leaf { index, kind: Kind::of(&leaf, role)? }))
            },
            roots,
        )?;
        Ok(Self { reader, columns })
    }

    pub(super) fn for_each<E>(
        self,
        block_bytes: usize,
        mut send: impl FnMut(Rows) -> Result<(), E>,
    ) -> Result<(u64, Option<Damage>), E> {
        let table = Arc::new(self);
        let mut first_row = 0;
        for (index, group) in table.reader.metadata().row_groups().iter().enumerate() {
            let rows = group.num_rows() as u64;
            let leaves = table.columns.all();
            let bytes: i64 = leaves
                .map(|leaf| group.column(leaf.index).uncompressed_size())
                .fold(0, i64::saturating_add);
            let rows_a_block = (block_bytes as u64).saturating_mul(rows) / (bytes.max(1) as u64);
            let batch_rows = rows_a_block.clamp(1, BATCH_ROWS_MAX);
            let group = Group { table: Arc::clone(&table), index, first_row, rows, batch_rows };
            first_row += rows;
            if bytes <= GROUP_BYTES_MAX {
                send(Rows::Group(group))?;
                continue;
            }
            let mut sent = Ok(());
            let read = group.read(|batch| {
                sent = send(Rows::Decoded(batch));
                sent.is_ok()
            });
            sent?;
            if let Err(damage) = read {
                return Ok((first_row, Some(damage)));
            }
        }
        Ok((first_row, None))
    }
}

/// Opens a file and checks what its end says of it.
fn reader(file: SharedFile) -> Result<SerializedFileReader<SharedFile>, String> {
    let reader = guarded(|| SerializedFileReader::new(file).map_err(words))?;
    let mut rows = 0u64;
    for group in reader.metadata().row_groups() {
        let in_group = u64::try_from(group.num_rows()).map_err(|_| "less than no rows")?;
        rows = rows.saturating_add(in_group);
    }
    if rows > ROWS_MAX {
        return Err(format!("{rows} rows, at most {ROWS_MAX} are supported"));
    }
    Ok(reader)
}

fn words(error: ParquetError) -> String {
    match error {
        ParquetError::General(words) | ParquetError::EOF(words) => words,
        other => other.to_string(),
    }
}

impl Group {
    /// Decodes the group batch by batch until `take` says false.
    pub(super) fn read(&self, mut take: impl FnMut(Batch) -> bool) -> Result<(), Damage> {
        let mut row = 0;
        let damaged = |row: u64| move |cause: String| Damage { row: self.first_row + row, cause };
        let group = guarded(|| self.table.reader.get_row_group(self.index).map_err(words))
            .map_err(damaged(0))?;
        let open = |leaf: &Leaf| {
            let reader = guarded(|| group.get_column_reader(leaf.index).map_err(words))?;
            let descriptor =
                self.table.reader.metadata().file_metadata().schema_descr().column(leaf.index);
            Ok((reader, descriptor.max_def_level(), leaf.kind))
        };
        let mut readers = self.table.columns.map(open).map_err(damaged(0))?;
        while row < self.rows {
            let count = self.batch_rows.min(self.rows - row) as usize;
            let decode = |(reader, nulls_below, kind): &mut (ColumnReader, i16, Kind)| {
                guarded(|| decode(reader, *nulls_below, *kind, count))
            };
            let columns = readers.map_mut(decode).map_err(damaged(row))?;
            let batch = Batch {
                first_row: self.first_row + row,
                rows: 0..count,
                columns: Arc::new(columns),
            };
            if !take(batch) {
                break;
            }
            row += count as u64;
        }
        Ok(())
    }
}

/// A column that is wanted.
#[derive(Clone, Copy, Debug)]
struct Leaf {
    index: usize,
    kind: Kind,
}

/// What the values of a column mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Signed,
    Unsigned,
    Float,
    /// Days since 1970-01-01.
    Days,
    /// So many a second since 1970-01-01.
    Moments(i64),
    /// Nanoseconds of a Julian day, as Spark and Impala wrote them.
    Julian,
}

impl Kind {
    /// What the values of a column mean for a use; `None` if it is of none.
    fn of(leaf: &ColumnDescriptor, role: Use) -> Option<Self> {
        let (logical, converted) = (leaf.logical_type_ref(), leaf.converted_type());
        let kind = match (leaf.physical_type(), logical, converted) {
            (
                Type::BYTE_ARRAY,
                None | Some(LogicalType::String | LogicalType::Enum | LogicalType::Json),
                ConvertedType::NONE
                | ConvertedType::UTF8
                | ConvertedType::ENUM
                | ConvertedType::JSON,
            ) => Self::Text,
            (Type::INT96, ..) => Self::Julian,
            (Type::INT32, Some(LogicalType::Date), _) | (Type::INT32, _, ConvertedType::DATE) => {
                Self::Days
            }
            (Type::INT64, Some(LogicalType::Timestamp(of)), _) => match of.unit {
                TimeUnit::MILLIS => Self::Moments(1_000),
                TimeUnit::MICROS => Self::Moments(1_000_000),
                TimeUnit::NANOS => Self::Moments(1_000_000_000),
            },
            (Type::INT64, _, ConvertedType::TIMESTAMP_MILLIS) => Self::Moments(1_000),
            (Type::INT64, _, ConvertedType::TIMESTAMP_MICROS) => Self::Moments(1_000_000),
            (Type::INT32 | Type::INT64, Some(LogicalType::Integer(of)), _) => {
                if of.is_signed {
                    Self::Signed
                } else {
                    Self::Unsigned
                }
            }
            (
                Type::INT32 | Type::INT64,
                None,
                ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64,
            ) => Self::Unsigned,
            (
                Type::INT32 | Type::INT64,
                None,
                ConvertedType::NONE
                | ConvertedType::INT_8
                | ConvertedType::INT_16
                | ConvertedType::INT_32
                | ConvertedType::INT_64,
            ) => Self::Signed,
            (Type::FLOAT | Type::DOUBLE, None, _) => Self::Float,
            _ => return None,
        };
        let is_moment = matches!(kind, Self::Days | Self::Moments(_) | Self::Julian);
        match role {
            Use::Text => kind == Self::Text,
            Use::Label => !is_moment,
            Use::Date => true,
        }
        .then_some(kind)
    }
}

/// The values of some rows.
struct Values<T> {
    values: Vec<Option<T>>,
    cell: fn(&T, Kind) -> Cell<'_>,
    kind: Kind,
}

impl<T: Send + Sync> Column for Values<T> {
    fn cell(&self, row: usize) -> Cell<'_> {
        self.values[row].as_ref().map_or(Cell::Null, |value| (self.cell)(value, self.kind))
    }
}

/// The next `count` values of a column.
fn decode(
    reader: &mut ColumnReader,
    nulls_below: i16,
    kind: Kind,
    count: usize,
) -> Result<Box<dyn Column>, String> {
    fn typed<T: DataType>(
        reader: &mut ColumnReaderImpl<T>,
        nulls_below: i16,
        kind: Kind,
        count: usize,
        cell: fn(&T::T, Kind) -> Cell<'_>,
    ) -> Result<Box<dyn Column>, String>
    where
        T::T: Sync,
    {
        let (mut levels, mut values) = (Vec::new(), Vec::new());
        let (records, ..) =
            reader.read_records(count, Some(&mut levels), None, &mut values).map_err(words)?;
        if records != count {
            return Err("a column ends before its row group does".to_owned());
        }
        let values: Vec<Option<T::T>> = match nulls_below {
            0 => values.into_iter().map(Some).collect(),
            _ => {
                let mut values = values.into_iter();
                let next = |level| if level == nulls_below { values.next() } else { None };
                levels.into_iter().map(next).collect()
            }
        };
        if values.len() != count {
            return Err("a column has other rows than its row group".to_owned());
        }
        Ok(Box::new(Values { values, cell, kind }))
    }
    match reader {
        ColumnReader::ByteArrayColumnReader(reader) => {
            typed(reader, nulls_below, kind, count, |value: &ByteArray, _| Cell::Text(value.data()))
        }
        ColumnReader::Int32ColumnReader(reader) => {
            typed(reader, nulls_below, kind, count, |&value, kind| match kind {
                Kind::Days => Cell::Moment(i64::from(value) * 86_400),
                Kind::Unsigned => Cell::Number((value as u32).to_string()),
                _ => Cell::Number(value.to_string()),
            })
        }
        ColumnReader::Int64ColumnReader(reader) => {
            typed(reader, nulls_below, kind, count, |&value, kind| match kind {
                Kind::Moments(a_second) => Cell::Moment(value.div_euclid(a_second)),
                Kind::Unsigned => Cell::Number((value as u64).to_string()),
                _ => Cell::Number(value.to_string()),
            })
        }
        ColumnReader::Int96ColumnReader(reader) => {
            typed(reader, nulls_below, kind, count, |value: &Int96, _| {
                Cell::Moment(value.to_seconds())
            })
        }
        ColumnReader::FloatColumnReader(reader) => {
            typed(reader, nulls_below, kind, count, |value, _| Cell::Number(value.to_string()))
        }
        ColumnReader::DoubleColumnReader(reader) => {
            typed(reader, nulls_below, kind, count, |value, _| Cell::Number(value.to_string()))
        }
        ColumnReader::BoolColumnReader(_) | ColumnReader::FixedLenByteArrayColumnReader(_) => {
            unreachable!("no kind of value has these types")
        }
    }
}
