//! Bytes to documents, and documents' fates to files.
pub mod dates;
pub mod encoding;
pub mod json;
