//! The bytes of one input file, unpacked as they are read.
//!
//! A gzip member is checked at its end only, so damage inside it may first
//! give records that are broken, and then the failure.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use liblzma::bufread::XzDecoder;

use crate::hash::{FileChecksum, Hash128};
use crate::io::inputs::InputFile;
use crate::io::kind::Compression;
use crate::watch::Watch;

/// How many unpacked bytes are asked for at a time. It is the same in every
/// run, because how much of a damaged file can be unpacked before the damage
/// shows depends on it.
const CHUNK_BYTES: usize = 256 * 1024;

/// The largest window a zstd frame may ask for, as a power of two; 31 is what
/// `zstd --ultra --long=31` writes, and large public corpora are packed so.
const ZSTD_WINDOW_LOG_MAX: u32 = 31;

/// The most memory an xz stream may ask for, in bytes: what a window as large
/// as zstd's takes, with its tables.
const XZ_MEMORY_BYTES_MAX: u64 = (1 << ZSTD_WINDOW_LOG_MAX) + (1 << 20);

/// Unpacks one source, through all its members or frames.
pub(crate) enum Decoder<R: BufRead> {
    Plain(R),
    // `GzDecoder` would stop silently after the first member.
    Gzip(Box<MultiGzDecoder<R>>),
    Zstd(zstd::Decoder<'static, R>),
    Bzip2(MultiBzDecoder<R>),
    Xz(XzDecoder<R>),
}

impl<R: BufRead> Decoder<R> {
    pub(crate) fn new(source: R, compression: Compression) -> io::Result<Self> {
        Ok(match compression {
            Compression::None => Self::Plain(source),
            Compression::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(source))),
            Compression::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(source)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                Self::Zstd(decoder)
            }
            Compression::Bzip2 => Self::Bzip2(MultiBzDecoder::new(source)),
            Compression::Xz => {
                let stream = liblzma::stream::Stream::new_stream_decoder(
                    XZ_MEMORY_BYTES_MAX,
                    liblzma::stream::CONCATENATED,
                )?;
                Self::Xz(XzDecoder::new_stream(source, stream))
            }
        })
    }

    fn source(&mut self) -> &mut R {
        match self {
            Self::Plain(source) => source,
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Zstd(decoder) => decoder.get_mut(),
            Self::Bzip2(decoder) => decoder.get_mut(),
            Self::Xz(decoder) => decoder.get_mut(),
        }
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(source) => source.read(buffer),
            Self::Gzip(decoder) => decoder.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
            Self::Bzip2(decoder) => decoder.read(buffer),
            Self::Xz(decoder) => decoder.read(buffer),
        }
    }
}

/// A file as it lies on disk, counted and summed while it is read.
struct Disk<'w> {
    file: File,
    bytes: u64,
    checksum: FileChecksum,
    watch: &'w dyn Watch,
}

impl Read for Disk<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.checksum.update(&buffer[..count]);
        self.bytes += count as u64;
        self.watch.advance(count as u64);
        Ok(count)
    }
}

/// One input file, unpacked.
pub(crate) struct Stream<'w> {
    decoder: Decoder<BufReader<Disk<'w>>>,
    chunk_bytes: usize,
    is_packed: bool,
}

/// A file's length and checksum, as it lies on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OnDisk {
    pub bytes: u64,
    pub checksum: Hash128,
}

impl<'w> Stream<'w> {
    pub(crate) fn open(file: &InputFile, watch: &'w dyn Watch) -> io::Result<Self> {
        Self::new(file.open()?, file.bytes, file.compression, watch)
    }

    /// Unpacks a file that is about `bytes` long.
    pub(crate) fn new(
        file: File,
        bytes: u64,
        compression: Compression,
        watch: &'w dyn Watch,
    ) -> io::Result<Self> {
        let disk = Disk { file, bytes: 0, checksum: FileChecksum::default(), watch };
        // Small files are read in one go into a buffer hardly larger than they are.
        let buffer_bytes = (bytes as usize).saturating_add(1).clamp(4096, CHUNK_BYTES);
        let is_packed = compression != Compression::None;
        let chunk_bytes = if is_packed { CHUNK_BYTES } else { buffer_bytes };
        let source = BufReader::with_capacity(buffer_bytes, disk);
        Ok(Self { decoder: Decoder::new(source, compression)?, chunk_bytes, is_packed })
    }

    /// Appends the next bytes; 0 at the end.
    pub(crate) fn read_chunk(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let before = buffer.len();
        // As long as a read fills all of the buffer it is handed, a
        // `BufReader` hands it on to the file without a copy of its own.
        buffer.resize(before + self.chunk_bytes, 0);
        let result = loop {
            match self.decoder.read(&mut buffer[before..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        buffer.truncate(before + result.as_ref().map_or(0, |&count| count));
        match result {
            // No bytes at all are no archive of nothing: a download that
            // failed, more likely.
            Ok(0) if self.is_packed && self.decoder.source().get_ref().bytes == 0 => {
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            result => result,
        }
    }

    /// Reads whatever is left on disk, so that length and checksum are the
    /// whole file's also where unpacking failed.
    pub(crate) fn finish(mut self) -> io::Result<OnDisk> {
        let disk = self.decoder.source().get_mut();
        io::copy(disk, &mut io::sink())?;
        Ok(OnDisk { bytes: disk.bytes, checksum: disk.checksum.finish() })
    }
}

/// The length and checksum of a file, all of which is read for that unless
/// the run is to end.
pub(crate) fn on_disk(file: &InputFile, watch: &dyn Watch) -> io::Result<OnDisk> {
    let mut disk = Disk { file: file.open()?, bytes: 0, checksum: FileChecksum::default(), watch };
    let mut chunk = vec![0; CHUNK_BYTES];
    while disk.read(&mut chunk)? > 0 && !watch.stopped() {}
    Ok(OnDisk { bytes: disk.bytes, checksum: disk.checksum.finish() })
}

/// True if an error is the data's fault, not the disk's.
pub(crate) fn is_corrupt(error: &io::Error) -> bool {
    error.raw_os_error().is_none()
}

/// What a failure to read or unpack means, in plain words.
pub(crate) fn cause(error: &io::Error, compression: Compression) -> String {
    if is_corrupt(error) {
        format!("truncated or corrupt {} data ({error})", compression.name())
    } else {
        format!("cannot read: {error}")
    }
}
