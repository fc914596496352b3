//! The messages of an Arrow file or stream, each checked before it is decoded.
//!
//! Layout: <https://arrow.apache.org/docs/format/Columnar.html>, section
//! "Serialization and Interprocess Communication". What a message says of its
//! lengths is held against the file and against what codecs can do, because
//! the decoder allocates what it is told.

use std::collections::HashMap;
use std::io::Read;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_buffer::{Buffer, MutableBuffer};
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{read_dictionary, read_record_batch};
use arrow_ipc::{
    CompressionType, Endianness, Message, MessageHeader, root_as_footer, root_as_message,
};
use arrow_schema::{ArrowError, SchemaRef};

use super::super::{From, SharedFile};

/// Begins and ends the file format.
const MAGIC: &[u8; 6] = b"ARROW1";
/// The least there is before the footer of the file format: the magic word,
/// padded.
const FILE_HEAD_BYTES: u64 = 8;
/// Behind the footer of the file format: its length and the magic word.
const FILE_TAIL_BYTES: u64 = 10;
/// Begins Feather version 1, another format.
const FEATHER_1: &[u8; 4] = b"FEA1";
/// Begins a message, since format version 0.15.
const CONTINUATION: [u8; 4] = [0xFF; 4];

/// The most that a byte of zstd or LZ4 can stand for: a zstd block of 128 KiB
/// that repeats one byte takes four.
const RATIO_MAX: u64 = (128 << 10) / 4;
/// The longest buffer that is unpacked, so that a few bytes cannot ask for
/// all memory there is.
const BUFFER_BYTES_MAX: u64 = 8 << 30;

/// An Arrow file or stream that is being read.
pub(super) struct Messages {
    source: From,
    /// Where the messages end: at the end of the file, or at its footer.
    end: u64,
    schema: SchemaRef,
    dictionaries: HashMap<i64, ArrayRef>,
    /// What there is in the file format only.
    footer: Option<Footer>,
    /// The codec of the last message with data.
    codec: Option<CompressionType>,
}

impl Messages {
    /// Opens a file and reads its schema.
    pub(super) fn open(file: SharedFile) -> Result<Self, String> {
        let mut start = [0; MAGIC.len()];
        let there = start.len().min(usize::try_from(file.bytes).unwrap_or(usize::MAX));
        file.read_exact_at(0, &mut start[..there]).map_err(|e| e.to_string())?;
        if start.starts_with(FEATHER_1) {
            return Err("this is Feather version 1; write it again as version 2".to_owned());
        }
        let mut messages = Self {
            source: file.from(0),
            end: file.bytes,
            schema: SchemaRef::new(arrow_schema::Schema::empty()),
            dictionaries: HashMap::new(),
            footer: None,
            codec: None,
        };
        if &start == MAGIC {
            let (schema, footer, at) = footer(&file)?;
            (messages.schema, messages.footer, messages.end) = (schema, Some(footer), at);
        } else {
            let (meta, _) = messages.message()?.ok_or("it holds no schema")?;
            let message = parse(&meta)?;
            messages.schema = schema_of(message.header_as_schema())?;
        }
        Ok(messages)
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// What the footer of the file format says beside the schema; `None` in
    /// the stream format.
    pub(super) fn footer(&self) -> Option<&[(String, String)]> {
        self.footer.as_ref().map(|footer| &footer.members[..])
    }

    /// The codec of what was read last.
    pub(super) fn codec(&self) -> Option<CompressionType> {
        self.codec
    }

    /// The next record batch, of it only the columns of a projection.
    pub(super) fn next(
        &mut self,
        projection: Option<&[usize]>,
    ) -> Result<Option<RecordBatch>, String> {
        while let Some((meta, body)) = self.message()? {
            let message = parse(&meta)?;
            let version = message.version();
            match message.header_type() {
                MessageHeader::DictionaryBatch => {
                    let batch = message.header_as_dictionary_batch().ok_or("no dictionary")?;
                    self.check(batch.data().ok_or("a dictionary without data")?, &body)?;
                    let dictionaries = &mut self.dictionaries;
                    read_dictionary(&body, batch, &self.schema, dictionaries, &version)
                        .map_err(words)?;
                }
                MessageHeader::RecordBatch => {
                    let batch = message.header_as_record_batch().ok_or("no record batch")?;
                    self.check(batch, &body)?;
                    let schema = SchemaRef::clone(&self.schema);
                    let dictionaries = &self.dictionaries;
                    return read_record_batch(
                        &body,
                        batch,
                        schema,
                        dictionaries,
                        projection,
                        &version,
                    )
                    .map(Some)
                    .map_err(words);
                }
                MessageHeader::NONE => {}
                _ => return Err("a message that is no data".to_owned()),
            }
        }
        Ok(None)
    }

    /// The next message: what it says of itself, and its body. `None` at the
    /// end of the stream.
    fn message(&mut self) -> Result<Option<(Buffer, Buffer)>, String> {
        if let Some(footer) = &mut self.footer {
            let Some(at) = footer.messages.next() else { return Ok(None) };
            self.source.at = at;
        } else if self.left() == 0 {
            return Ok(None);
        }
        let mut word = self.word()?;
        if word == CONTINUATION {
            word = self.word()?;
        }
        let meta_bytes = u64::from(u32::from_le_bytes(word));
        if meta_bytes == 0 {
            return Ok(None);
        }
        let meta = self.bytes(meta_bytes)?;
        let body_bytes = u64::try_from(parse(&meta)?.bodyLength());
        let body = self.bytes(body_bytes.map_err(|_| "a message of less than no bytes")?)?;
        Ok(Some((meta, body)))
    }

    fn left(&self) -> u64 {
        self.end.saturating_sub(self.source.at)
    }

    fn word(&mut self) -> Result<[u8; 4], String> {
        let bytes = self.bytes(4)?;
        Ok(bytes.as_slice().try_into().expect("four bytes were asked for"))
    }

    fn bytes(&mut self, count: u64) -> Result<Buffer, String> {
        if count > self.left() {
            return Err("it is shorter than it says: a truncated or corrupt file".to_owned());
        }
        let count = usize::try_from(count).map_err(|e| e.to_string())?;
        let mut bytes = MutableBuffer::try_from_len_zeroed(count).map_err(|e| e.to_string())?;
        self.source.read_exact(bytes.as_slice_mut()).map_err(|e| format!("cannot read: {e}"))?;
        Ok(bytes.into())
    }

    /// Checks the buffers of a batch against its body, and what packed ones
    /// say of their lengths against what is possible.
    fn check(&mut self, batch: arrow_ipc::RecordBatch<'_>, body: &Buffer) -> Result<(), String> {
        self.codec = batch.compression().map(|compression| compression.codec());
        for buffer in batch.buffers().into_iter().flatten() {
            let range = usize::try_from(buffer.offset())
                .ok()
                .zip(usize::try_from(buffer.length()).ok())
                .and_then(|(start, length)| Some(start..start.checked_add(length)?))
                .and_then(|range| body.as_slice().get(range));
            let packed = range.ok_or("a buffer outside of its message")?;
            let Some((length, _)) = packed.split_first_chunk().filter(|_| self.codec.is_some())
            else {
                continue;
            };
            // -1: not packed after all.
            let Ok(length) = u64::try_from(i64::from_le_bytes(*length)) else { continue };
            let possible = (packed.len() as u64).saturating_mul(RATIO_MAX).min(BUFFER_BYTES_MAX);
            let is_there = usize::try_from(length)
                .is_ok_and(|length| Vec::<u8>::new().try_reserve_exact(length).is_ok());
            if length > possible || !is_there {
                return Err(format!(
                    "a buffer of {} bytes says it holds {length}, more than is possible or than \
                     there is memory for",
                    packed.len()
                ));
            }
        }
        Ok(())
    }
}

fn parse(meta: &[u8]) -> Result<Message<'_>, String> {
    root_as_message(meta).map_err(|e| format!("a broken message: {e}"))
}

pub(super) fn words(error: ArrowError) -> String {
    error.to_string()
}

/// What there is in the file format only.
struct Footer {
    /// Where the messages begin: dictionaries first. What else lies between
    /// them is nobody's business.
    messages: std::vec::IntoIter<u64>,
    /// Metadata beside the schema's.
    members: Vec<(String, String)>,
}

/// Reads the footer of the file format, and says where it begins.
fn footer(file: &SharedFile) -> Result<(SchemaRef, Footer, u64), String> {
    let truncated = "its end is missing: a truncated file";
    let tail_at = file.bytes.checked_sub(FILE_TAIL_BYTES).filter(|at| *at >= FILE_HEAD_BYTES);
    let tail_at = tail_at.ok_or(truncated)?;
    let mut tail = [0; FILE_TAIL_BYTES as usize];
    file.read_exact_at(tail_at, &mut tail).map_err(|e| e.to_string())?;
    let [a, b, c, d, ref magic @ ..] = tail;
    if magic != MAGIC {
        return Err(truncated.to_owned());
    }
    let at = u64::try_from(i32::from_le_bytes([a, b, c, d]))
        .ok()
        .and_then(|bytes| tail_at.checked_sub(bytes))
        .filter(|at| *at >= FILE_HEAD_BYTES)
        .ok_or("its footer is longer than it is")?;
    let mut bytes = vec![0; (tail_at - at) as usize];
    file.read_exact_at(at, &mut bytes).map_err(|e| e.to_string())?;
    let footer = root_as_footer(&bytes).map_err(|e| format!("a broken footer: {e}"))?;
    let members = footer.custom_metadata().into_iter().flatten();
    let members = members.filter_map(|m| Some((m.key()?.to_owned(), m.value()?.to_owned())));
    let blocks = footer.dictionaries().into_iter().flatten();
    let blocks = blocks.chain(footer.recordBatches().into_iter().flatten());
    let messages = blocks
        .map(|block| u64::try_from(block.offset()).map_err(|_| "a message before its beginning"))
        .collect::<Result<Vec<u64>, _>>()?;
    let members = members.collect();
    let footer_read = Footer { messages: messages.into_iter(), members };
    Ok((schema_of(footer.schema())?, footer_read, at))
}

fn schema_of(schema: Option<arrow_ipc::Schema<'_>>) -> Result<SchemaRef, String> {
    let schema = schema.ok_or("it does not begin with a schema")?;
    if schema.endianness() != Endianness::Little {
        return Err("its numbers have their high bytes first, which is not supported".to_owned());
    }
    try_fb_to_schema(schema).map(SchemaRef::new).map_err(words)
}
