//! Canonical order and composition of one segment: a character and the marks
//! or letters after it that may combine with it (UAX #15).

use super::hangul;
use super::table::Table;

/// A normalised character (a space ends a word) and the bytes of the original
/// text it comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) c: char,
    class: u8,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// A segment under way. Its characters combine with each other only: the next
/// segment begins with one that combines with nothing before it.
#[derive(Default)]
pub(super) struct Segment {
    pieces: Vec<Piece>,
    /// Where the pieces of the last character of the text begin.
    last: usize,
}

impl Segment {
    /// The next character of the text begins.
    pub(super) fn begin_character(&mut self) {
        self.last = self.pieces.len();
    }

    /// Adds one normalised character, decomposed.
    pub(super) fn push(&mut self, table: &Table, c: char, start: u32, end: u32) {
        if let Some((a, b)) = table.decompose(c).or_else(|| hangul::decompose(c)) {
            self.push(table, a, start, end);
            self.push(table, b, start, end);
        } else {
            self.pieces.push(Piece { c, class: table.class(c), start, end });
        }
    }

    /// A deleted character follows: it belongs to the character before it.
    pub(super) fn push_deleted(&mut self, end: u32) {
        for piece in &mut self.pieces[self.last..] {
            piece.end = end;
        }
    }

    /// The pieces in canonical order, composed.
    pub(super) fn compose(&mut self, table: &Table) -> &[Piece] {
        self.reorder();
        let mut len = 0;
        let mut starter: Option<usize> = None;
        for i in 0..self.pieces.len() {
            let piece = self.pieces[i];
            if let Some(starter) = starter {
                let blocked = len > starter + 1 && self.pieces[len - 1].class >= piece.class;
                let first = self.pieces[starter].c;
                let composed =
                    table.compose(first, piece.c).or_else(|| hangul::compose(first, piece.c));
                if let (false, Some(c)) = (blocked, composed) {
                    let start = &mut self.pieces[starter];
                    start.c = c;
                    start.end = start.end.max(piece.end);
                    continue;
                }
            }
            if piece.class == 0 {
                starter = Some(len);
            }
            self.pieces[len] = piece;
            len += 1;
        }
        self.pieces.truncate(len);
        &self.pieces
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.pieces.clear();
        self.last = 0;
    }

    /// Puts marks into canonical order. Where that moves a mark, all of that
    /// stretch of marks come from all of its bytes.
    fn reorder(&mut self) {
        for marks in self.pieces.chunk_by_mut(|a, b| a.class > 0 && b.class > 0) {
            if !marks.is_sorted_by_key(|mark| mark.class) {
                let (start, end) = (marks[0].start, marks[marks.len() - 1].end);
                marks.sort_by_key(|mark| mark.class);
                for mark in marks {
                    (mark.start, mark.end) = (start, end);
                }
            }
        }
    }
}
