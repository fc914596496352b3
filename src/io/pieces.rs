//! Cuts plain text into articles while it streams by.
//!
//! Raw lines end at line feeds; each is decoded for the splitter, which also
//! sees the other line ends inside it. What is held is the block under way,
//! the open article and what follows an undecided split, and of an article
//! that is too long nothing.

use crate::document::Place;
use crate::io::cut::{Block, Cutter, Halt, Piece, Position, Records, Step};
use crate::io::encoding::Encoding;
use crate::text::{Split, Splitter, headline, lines};

impl Cutter<'_, '_> {
    /// Cuts where articles begin. `held` is what was read of the file so far.
    pub(crate) fn cut_pieces(&mut self, held: Vec<u8>, split: &Split) -> Result<(), Halt> {
        let mut pieces = Pieces {
            held_from: self.at.offset,
            fed: self.at.offset,
            searched: self.at.offset,
            held,
            lines: Lines::new(self.encoding, split, self.at.line),
            title: None,
            closed: Vec::new(),
            cutter: self,
        };
        loop {
            pieces.take_lines()?;
            match pieces.cutter.fill(&mut pieces.held) {
                Ok(0) => return pieces.end(),
                Ok(_) => {}
                Err(halt) => {
                    pieces.hand_over()?;
                    return Err(halt);
                }
            }
        }
    }
}

/// Articles being cut. The open one begins at `cutter.at`; all offsets are
/// into the file.
struct Pieces<'p, 'c, 'w> {
    cutter: &'p mut Cutter<'c, 'w>,
    held: Vec<u8>,
    /// Where `held` begins. Beyond the open article's beginning if that is
    /// too long, and dropped.
    held_from: u64,
    /// Lines up to here were fed to the splitter.
    fed: u64,
    /// No line ends between `fed` and here.
    searched: u64,
    lines: Lines,
    /// The headline of the open article.
    title: Option<String>,
    /// Articles that are through, from the beginning of `held` on.
    closed: Vec<Piece>,
}

impl Pieces<'_, '_, '_> {
    fn index(&self, offset: u64) -> usize {
        (offset - self.held_from) as usize
    }

    fn held_to(&self) -> u64 {
        self.held_from + self.held.len() as u64
    }

    /// Feeds all lines that are complete.
    fn take_lines(&mut self) -> Result<(), Halt> {
        let Cutter { encoding, limits, .. } = *self.cutter;
        while let Some(end) = encoding.line_end(&self.held, self.index(self.searched)) {
            self.feed(self.held_from + end as u64)?;
        }
        let unit = encoding.unit_bytes() as u64;
        self.searched = self.held_to() - (self.held_to() - self.held_from) % unit;
        if self.held_to() - self.fed > limits.record_bytes_max as u64 {
            self.skip_line()?;
        }
        if self.cutter.at.offset.saturating_sub(self.held_from) >= limits.block_bytes as u64 {
            self.hand_over()?;
        }
        self.drop_what_is_too_long()
    }

    /// Feeds the line that ends at `end`.
    fn feed(&mut self, end: u64) -> Result<(), Halt> {
        let raw = self.index(self.fed)..self.index(end);
        self.lines.feed(self.fed, &self.held[raw]);
        (self.fed, self.searched) = (end, end);
        for beginning in std::mem::take(&mut self.lines.beginnings) {
            // What was dropped is one record, whatever the splitter says.
            if beginning.at.offset >= self.held_from {
                self.close(beginning.at)?;
                self.title = beginning.title;
            }
        }
        Ok(())
    }

    /// Ends the open article where the next one begins.
    fn close(&mut self, next: Position) -> Result<(), Halt> {
        let Position { offset, line } = std::mem::replace(&mut self.cutter.at, next);
        let bytes = next.offset - offset;
        if bytes == 0 {
            return Ok(());
        }
        if offset < self.held_from {
            // What is left of a dropped article goes too.
            self.held.drain(..self.index(next.offset));
            self.held_from = next.offset;
            let place = Place { file: self.cutter.file, line, offset, bytes };
            return (self.cutter.emit)(Step::TooLong(place));
        }
        self.closed.push(Piece { line, bytes: bytes as usize, title: self.title.take() });
        Ok(())
    }

    /// Hands over the articles that are through.
    fn hand_over(&mut self) -> Result<(), Halt> {
        let Some(first) = self.closed.first() else { return Ok(()) };
        let start = Position { offset: self.held_from, line: first.line };
        let rest = self.held.split_off(self.index(self.cutter.at.offset));
        let bytes = std::mem::replace(&mut self.held, rest);
        self.held_from = self.cutter.at.offset;
        let records = Records::Pieces(std::mem::take(&mut self.closed));
        let Cutter { file, encoding, .. } = *self.cutter;
        (self.cutter.emit)(Step::Block(Block { file, encoding, start, bytes, records }))
    }

    /// Drops what cannot become an article short enough: the open one up to
    /// an undecided split, or that and what follows the split.
    fn drop_what_is_too_long(&mut self) -> Result<(), Halt> {
        let bytes_max = self.cutter.limits.record_bytes_max as u64;
        let undecided = self.lines.splitter.pending().unwrap_or(self.fed);
        let end = if self.fed - undecided > bytes_max {
            self.fed
        } else if undecided - self.cutter.at.offset > bytes_max {
            undecided
        } else {
            return Ok(());
        };
        if end > self.held_from {
            self.hand_over()?;
            self.held.drain(..self.index(end));
            self.held_from = end;
        }
        Ok(())
    }

    /// Feeds the beginning of a line that is too long to be held, and passes
    /// over the rest of it.
    fn skip_line(&mut self) -> Result<(), Halt> {
        self.feed(self.searched)?;
        self.hand_over()?;
        loop {
            // Half a code unit stays, for its other half.
            let whole = self.index(self.searched);
            self.held.drain(..whole);
            self.held_from = self.searched;
            let count = self.cutter.fill(&mut self.held)?;
            let encoding = self.cutter.encoding;
            let end = encoding.line_end(&self.held, 0).or((count == 0).then_some(self.held.len()));
            if let Some(end) = end {
                self.held.drain(..end);
                self.held_from += end as u64;
                (self.fed, self.searched) = (self.held_from, self.held_from);
                return Ok(());
            }
            self.searched = self.held_to() - self.held.len() as u64 % encoding.unit_bytes() as u64;
        }
    }

    /// Feeds the last line and ends the last article.
    fn end(mut self) -> Result<(), Halt> {
        if self.held_to() > self.fed {
            self.feed(self.held_to())?;
        }
        self.close(Position { offset: self.held_to(), line: self.lines.line })?;
        self.hand_over()
    }
}

/// Raw lines in, beginnings of articles out.
struct Lines {
    encoding: Encoding,
    splitter: Splitter,
    /// The number of the next line.
    line: u64,
    /// The undecided beginning.
    pending: Option<Beginning>,
    /// Beginnings that are decided.
    beginnings: Vec<Beginning>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Beginning {
    at: Position,
    title: Option<String>,
}

impl Lines {
    fn new(encoding: Encoding, split: &Split, line: u64) -> Self {
        let splitter = Splitter::new(split.clone());
        Self { encoding, splitter, line, pending: None, beginnings: Vec::new() }
    }

    /// Takes a raw line that begins at `offset`.
    fn feed(&mut self, mut offset: u64, raw: &[u8]) {
        let text = match self.encoding.decode(raw) {
            Ok(text) if self.encoding.encoded_bytes("").is_some() => text,
            // Places inside it cannot be told: it is one line.
            Ok(_) | Err(_) => {
                let line = self.encoding.without_terminator(raw);
                let line = self.encoding.decode_lossy(line).into_owned();
                return self.feed_line(offset, &line);
            }
        };
        let mut before = 0;
        for line in lines(&text) {
            let bytes = self.encoding.encoded_bytes(&text[before..line.start]);
            offset += bytes.expect("asked above") as u64;
            before = line.start;
            self.feed_line(offset, &text[line]);
        }
    }

    fn feed_line(&mut self, offset: u64, line: &str) {
        let decided = self.splitter.feed(offset, line);
        let is_this = |begin: Option<u64>| begin == Some(offset);
        let this = (is_this(decided) || is_this(self.splitter.pending())).then(|| Beginning {
            at: Position { offset, line: self.line },
            title: headline(line).map(str::to_owned),
        });
        self.line += 1;
        if is_this(decided) {
            self.beginnings.extend(this);
        } else {
            if decided.is_some() {
                self.beginnings.extend(self.pending.take());
            }
            self.pending = this.or(self.pending.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginnings that some raw lines bring forth: offset, line, title.
    #[track_caller]
    fn check(encoding: Encoding, split: &str, raw: &[&[u8]], expected: &[(u64, u64, &str)]) {
        let mut feeder = Lines::new(encoding, &Split::parse(split).unwrap(), 1);
        let mut offset = 0;
        for line in raw {
            feeder.feed(offset, line);
            offset += line.len() as u64;
        }
        let found: Vec<_> = feeder
            .beginnings
            .iter()
            .map(|b| (b.at.offset, b.at.line, b.title.as_deref().unwrap_or_default()))
            .collect();
        assert_eq!(found, expected, "for {raw:x?}");
    }

    #[test]
    fn beginnings_have_raw_offsets_in_every_encoding() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let cp1256 = Encoding::parse("windows-1256").unwrap();
        let gbk = Encoding::parse("gbk").unwrap();
        check(
            Encoding::UTF_8,
            "^ب",
            &["أ\rب\n".as_bytes(), "ب\r\n".as_bytes()],
            &[(3, 2, ""), (6, 3, "")],
        );
        check(
            Encoding::UTF_16LE,
            "^ب",
            &[&wide("أ\u{2028}ب\n"), &wide("ب")],
            &[(4, 2, ""), (8, 3, "")],
        );
        check(cp1256, "^ب", &[b"\xC7\r\xC8\n", b"\xC8"], &[(2, 2, ""), (4, 3, "")]);
        // Where a character may have one byte or two, only line feeds count.
        check(gbk, "^b", &[b"\xB0\xA1\rb\n", b"b"], &[(5, 2, "")]);
        check(Encoding::UTF_8, "^b", &[b"a\xFF\rb\n", b"b"], &[(5, 2, "")]);
    }

    #[test]
    fn a_late_decision_names_the_line_it_is_about() {
        let text = "w ".repeat(20) + "\n";
        let raw = [&text[..], "*** Title ***\n", "\n", &text, &text];
        let raw = raw.map(str::as_bytes);
        check(Encoding::UTF_8, "auto", &raw, &[(41, 2, "Title")]);
    }
}
