//! Arrow IPC: the file format (`.arrow`, Feather version 2) and the stream
//! format (`.arrows`, and `.arrow` as Hugging Face `datasets` writes it).
//!
//! Both are read message by message; in a file, the footer says where they
//! are. A record batch is held whole, because that is what the format packs.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Fields as ArrowFields, TimeUnit};

use super::cells::{Batch, Cell, Column};
use super::{Damage, ROWS_MAX, Rows, SharedFile, guarded};
use crate::io::fields::{Columns, Use};
use crate::io::json::Fields;

mod join;
mod messages;
mod write;

pub(super) use join::join;
use messages::Messages;
pub(super) use write::copy;

/// An Arrow file that can be read.
pub(crate) struct Table {
    messages: Messages,
    columns: Columns<Path>,
    /// The columns of the top level that are decoded, in order.
    projection: Vec<usize>,
}

/// A column: which of the top level, then which of its children, and so on.
type Path = Vec<usize>;

impl Table {
    pub(super) fn open(file: SharedFile, fields: &Fields) -> Result<Self, String> {
        let messages = guarded(|| Messages::open(file))?;
        let top = messages.schema().fields();
        let find = |path: &str, role| {
            let path = find(top, path)?;
            serves(type_at(top, &path), role).then_some(path)
        };
        let columns = Columns::new(fields, find, top.iter().map(|field| field.name().as_str()))?;
        let mut projection: Vec<usize> = columns.all().map(|path| path[0]).collect();
        projection.sort_unstable();
        projection.dedup();
        Ok(Self { messages, columns, projection })
    }

    pub(super) fn for_each<E>(
        mut self,
        block_bytes: usize,
        mut send: impl FnMut(Rows) -> Result<(), E>,
    ) -> Result<(u64, Option<Damage>), E> {
        let mut first_row = 0;
        loop {
            let next = guarded(|| {
                let batch = self.messages.next(Some(&self.projection))?;
                let Some(batch) = batch else { return Ok(None) };
                if first_row + batch.num_rows() as u64 > ROWS_MAX {
                    return Err(format!("more than {ROWS_MAX} rows"));
                }
                let column = |path: &Path| ArrowColumn::of(&batch, &self.projection, path);
                let columns = Arc::new(self.columns.map(column)?);
                Ok(Some((columns, batch.num_rows(), batch.get_array_memory_size())))
            });
            let (columns, rows, bytes) = match next {
                Ok(Some(next)) => next,
                Ok(None) => return Ok((first_row, None)),
                Err(cause) => {
                    return Ok((first_row, Some(Damage { row: first_row, cause })));
                }
            };
            let rows_a_block = (block_bytes.saturating_mul(rows) / bytes.max(1)).max(1);
            for start in (0..rows).step_by(rows_a_block) {
                let end = rows.min(start.saturating_add(rows_a_block));
                let columns = Arc::clone(&columns);
                send(Rows::Decoded(Batch { first_row, rows: start..end, columns }))?;
            }
            first_row += rows as u64;
        }
    }
}

/// The column a dotted path leads to. A name that holds the dots itself wins.
fn find(fields: &ArrowFields, path: &str) -> Option<Path> {
    let dots = path.match_indices('.').map(|(dot, _)| dot);
    let ends: Vec<usize> = dots.chain([path.len()]).collect();
    ends.into_iter().rev().find_map(|end| {
        let at = fields.iter().position(|field| field.name() == &path[..end])?;
        if end == path.len() {
            return Some(vec![at]);
        }
        let DataType::Struct(children) = fields[at].data_type() else { return None };
        let rest = find(children, &path[end + 1..])?;
        Some([vec![at], rest].concat())
    })
}

fn type_at<'f>(fields: &'f ArrowFields, path: &Path) -> &'f DataType {
    let (mut fields, mut found) = (fields, &DataType::Null);
    for at in path {
        found = fields[*at].data_type();
        if let DataType::Struct(children) = found {
            fields = children;
        }
    }
    found
}

/// Whether values of a type are of use.
fn serves(data_type: &DataType, role: Use) -> bool {
    let is_text = matches!(
        data_type,
        DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Binary
            | DataType::LargeBinary
            | DataType::BinaryView
    );
    let is_number =
        data_type.is_integer() || matches!(data_type, DataType::Float32 | DataType::Float64);
    let is_moment =
        matches!(data_type, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..));
    match data_type {
        DataType::Dictionary(_, values) => serves(values, role),
        _ => match role {
            Use::Text => is_text,
            Use::Label => is_text || is_number,
            Use::Date => is_text || is_number || is_moment,
        },
    }
}

/// A wanted column of a record batch.
struct ArrowColumn {
    array: ArrayRef,
    /// Where the structs it lies in are null.
    parents: Vec<NullBuffer>,
    /// Of a dictionary: which of its values is in each row.
    keys: Option<Vec<usize>>,
    /// Whether a row has a value, for dictionaries.
    nulls: Option<NullBuffer>,
}

impl ArrowColumn {
    fn of(
        batch: &RecordBatch,
        projection: &[usize],
        path: &Path,
    ) -> Result<Box<dyn Column>, String> {
        let missing = || "a record batch has other columns than its schema".to_owned();
        let top = projection.binary_search(&path[0]).map_err(|_| missing())?;
        let mut array = batch.columns().get(top).ok_or_else(missing)?;
        let mut parents = Vec::new();
        for at in &path[1..] {
            parents.extend(array.nulls().cloned());
            array = array.as_struct_opt().and_then(|s| s.columns().get(*at)).ok_or_else(missing)?;
        }
        let nulls = array.nulls().cloned();
        Ok(Box::new(match array.as_any_dictionary_opt() {
            None => Self { array: Arc::clone(array), parents, keys: None, nulls },
            Some(dictionary) => {
                let values = Arc::clone(dictionary.values());
                // An empty dictionary has no values to point at.
                let keys = match values.is_empty() {
                    true => vec![0; array.len()],
                    false => dictionary.normalized_keys(),
                };
                Self { array: values, parents, keys: Some(keys), nulls }
            }
        }))
    }
}

impl Column for ArrowColumn {
    fn cell(&self, row: usize) -> Cell<'_> {
        let is_null = |nulls: &NullBuffer| nulls.is_null(row);
        if self.parents.iter().any(is_null) || self.nulls.as_ref().is_some_and(is_null) {
            return Cell::Null;
        }
        let at = self.keys.as_ref().map_or(row, |keys| keys[row]);
        if self.array.is_null(at) {
            return Cell::Null;
        }
        value(&self.array, at)
    }
}

/// A value that is not null.
fn value(array: &dyn Array, at: usize) -> Cell<'_> {
    macro_rules! number {
        ($type:ty) => {
            Cell::Number(array.as_primitive::<$type>().value(at).to_string())
        };
    }
    macro_rules! moment {
        ($type:ty, $a_second:expr) => {
            Cell::Moment(array.as_primitive::<$type>().value(at).div_euclid($a_second))
        };
    }
    match array.data_type() {
        DataType::Utf8 => Cell::Text(array.as_string::<i32>().value(at).as_bytes()),
        DataType::LargeUtf8 => Cell::Text(array.as_string::<i64>().value(at).as_bytes()),
        DataType::Utf8View => Cell::Text(array.as_string_view().value(at).as_bytes()),
        DataType::Binary => Cell::Text(array.as_binary::<i32>().value(at)),
        DataType::LargeBinary => Cell::Text(array.as_binary::<i64>().value(at)),
        DataType::BinaryView => Cell::Text(array.as_binary_view().value(at)),
        DataType::Int8 => number!(Int8Type),
        DataType::Int16 => number!(Int16Type),
        DataType::Int32 => number!(Int32Type),
        DataType::Int64 => number!(Int64Type),
        DataType::UInt8 => number!(UInt8Type),
        DataType::UInt16 => number!(UInt16Type),
        DataType::UInt32 => number!(UInt32Type),
        DataType::UInt64 => number!(UInt64Type),
        DataType::Float32 => number!(Float32Type),
        DataType::Float64 => number!(Float64Type),
        DataType::Date32 => {
            Cell::Moment(i64::from(array.as_primitive::<Date32Type>().value(at)) * 86_400)
        }
        DataType::Date64 => moment!(Date64Type, 1_000),
        DataType::Timestamp(TimeUnit::Second, _) => moment!(TimestampSecondType, 1),
        DataType::Timestamp(TimeUnit::Millisecond, _) => moment!(TimestampMillisecondType, 1_000),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            moment!(TimestampMicrosecondType, 1_000_000)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            moment!(TimestampNanosecondType, 1_000_000_000)
        }
        _ => Cell::Null,
    }
}
