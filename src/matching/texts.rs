//! The texts that are compared, as shingles, in memory or outside it.
//!
//! What is known of a text lies in blocks, one text behind the other, first in
//! the order of the text: whoever looks for stretches wants that. Most texts are
//! never compared with any other; of those that are, [`Texts::sort`] makes
//! sets. A block that is full is held as long as there is [`Memory`], and else
//! spilled, as are the oldest where others need the room; a text is then read
//! when it is asked for. Texts are known by their numbers, which follow the order
//! in which they were pushed until [`Texts::reorder`] gives them others.

use std::borrow::Cow;
use std::mem;
use std::ops::Range;

use rayon::prelude::*;

use crate::Result;
use crate::memory::Memory;
use crate::text::anchors::{Anchoring, Anchors};
use crate::watch::Watch;

use super::column::Column;
use super::parting::Parting;
use super::shingled::ShingledTexts;
use super::similarity::{Similarity, shared_at_least};
use super::sorter::Sorter;

/// Shingles of a block, unless it is of one longer text: half a MiB of them. What
/// comes in larger pieces stays as it is.
const BLOCK_SHINGLES: usize = 1 << 16;

/// The shingles of all texts, and their anchors.
pub struct Texts {
    /// Of each text, by its number.
    spans: Vec<Span>,
    /// The numbers of the texts, in the order in which they were pushed.
    pushed: Vec<u32>,
    blocks: Vec<Block>,
    /// Texts that wait for more, to be a block together.
    open: Option<ShingledTexts>,
    /// The blocks before this one are spilled.
    held_from: usize,
    shingles: u64,
    anchors: u64,
    anchoring: Anchoring,
    memory: Memory,
}

/// Where the shingles of a text are.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    block: u32,
    /// Its first shingle in the block.
    start: u32,
    /// How many it had when it was pushed.
    room: u32,
    /// How many of them, the last, were taken from it; the others are compared.
    hidden: u32,
    /// How many different ones there are of those that are compared, and of
    /// those that were taken from it, once it is a set: the former then are the
    /// first of all, the latter the last. Until then 0.
    set: u32,
    hidden_set: u32,
    /// Its first anchor in the block, and how many it has.
    anchors: (u32, u32),
    /// The fewest shingles in a row that make a passage of this text; 0 if
    /// nothing of it is to be hidden.
    run_min: u32,
}

impl Span {
    fn is_set(self) -> bool {
        self.set > 0
    }

    fn compared(self) -> Range<usize> {
        let (start, len) = (self.start as usize, self.room - self.hidden);
        let len = if self.is_set() { self.set } else { len };
        start..start + len as usize
    }

    fn hidden(self) -> Range<usize> {
        let end = (self.start + self.room) as usize;
        let len = if self.is_set() { self.hidden_set } else { self.hidden };
        end - len as usize..end
    }

    fn anchors(self) -> Range<usize> {
        let (start, len) = self.anchors;
        start as usize..(start + len) as usize
    }
}

/// Consecutive texts.
struct Block {
    /// The texts, as a range of the order in which they were pushed.
    texts: Range<u32>,
    shingles: Column<u64>,
    anchors: Column<u32>,
    /// One for each anchor.
    windows: Column<u8>,
}

/// A text of a block.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// Its number.
    pub number: u32,
    /// Its shingles: in the order of the text, or ascending and each once if it
    /// was pushed so or sorted. Those that were hidden are not among them.
    pub shingles: &'a [u64],
    /// The hashes of its anchors, in its order; none if the block was loaded without them.
    pub anchors: &'a [u32],
    /// How many windows chose each of them.
    pub windows: &'a [u8],
    /// The fewest shingles in a row that make a passage of it; 0 if nothing of it is
    /// to be masked.
    pub run_min: u32,
    /// Whether some of its shingles were hidden.
    pub is_masked: bool,
}

impl Texts {
    /// No texts yet; their anchors are chosen so.
    pub fn new(anchoring: Anchoring, memory: Memory) -> Self {
        Self {
            spans: Vec::new(),
            pushed: Vec::new(),
            blocks: Vec::new(),
            open: None,
            held_from: 0,
            shingles: 0,
            anchors: 0,
            anchoring,
            memory,
        }
    }

    /// The texts of these sets, in memory, without anchors. A set is distinct
    /// shingles, ascending, at least one.
    pub fn of<S: AsRef<[u64]>>(sets: impl IntoIterator<Item = S>) -> Self {
        let mut batch = ShingledTexts::default();
        sets.into_iter().for_each(|set| batch.push(set.as_ref(), &Anchors::default(), 0));
        let mut texts = Self::new(Anchoring::LONG, Memory::unlimited());
        let all = vec![true; batch.extents.len()];
        texts.push(batch, &all).and_then(|()| texts.settle()).expect("nothing is spilled");
        texts.spans.iter_mut().for_each(|span| span.set = span.room);
        texts
    }

    /// Adds those of some texts that are wanted.
    ///
    /// # Errors
    /// If there is neither memory nor room outside it.
    ///
    /// # Panics
    /// Above 2^32 texts.
    pub fn push(&mut self, texts: ShingledTexts, wanted: &[bool]) -> Result<()> {
        let texts = texts.only(wanted);
        for extent in texts.extents.iter().filter(|extent| extent.is_text) {
            self.shingles += u64::from(extent.shingles);
            self.anchors += u64::from(extent.anchors);
            self.memory.hold(mem::size_of::<Span>() + mem::size_of::<u32>());
        }
        match &mut self.open {
            Some(open) if open.shingles.len() + texts.shingles.len() <= BLOCK_SHINGLES => {
                open.append(texts);
            }
            _ if texts.extents.is_empty() => {}
            _ => {
                self.close()?;
                self.open = Some(texts);
            }
        }
        Ok(())
    }

    /// Makes a block of the texts that wait for more.
    fn close(&mut self) -> Result<()> {
        let Some(ShingledTexts { extents, shingles, anchors }) = self.open.take() else {
            return Ok(());
        };
        self.make_room(0)?;
        let first = u32::try_from(self.spans.len()).expect("texts are numbered with 32 bits");
        let block = self.blocks.len() as u32;
        let (mut start, mut anchor) = (0, 0);
        for extent in &extents {
            if extent.is_text {
                self.pushed.push(self.spans.len() as u32);
                self.spans.push(Span {
                    block,
                    start,
                    room: extent.shingles,
                    hidden: 0,
                    set: 0,
                    hidden_set: 0,
                    anchors: (anchor, extent.anchors),
                    run_min: extent.run_min,
                });
            }
            start += extent.shingles;
            anchor += extent.anchors;
        }
        let mut block = Block {
            texts: first..self.spans.len() as u32,
            shingles: Column::Held(shingles),
            anchors: Column::Held(anchors.hashes),
            windows: Column::Held(anchors.windows),
        };
        block.shingles.settle(&self.memory)?;
        block.anchors.settle(&self.memory)?;
        block.windows.settle(&self.memory)?;
        self.blocks.push(block);
        Ok(())
    }

    /// Ends the collecting: no text is pushed any more.
    ///
    /// # Errors
    /// If there is neither memory nor room outside it.
    pub fn settle(&mut self) -> Result<()> {
        self.close()
    }

    /// Holds `bytes` more for what is made of the texts: where there is no room,
    /// texts make it.
    ///
    /// # Errors
    /// If there is no room outside memory.
    pub fn reserve(&mut self, bytes: usize) -> Result<()> {
        self.make_room(bytes)?;
        self.memory.hold(bytes);
        Ok(())
    }

    /// Lets go of reserved bytes.
    pub fn release(&self, bytes: usize) {
        self.memory.release(bytes);
    }

    /// Spills texts that are held until there is room for `bytes` more or none
    /// is held.
    fn make_room(&mut self, bytes: usize) -> Result<()> {
        while self.memory.lacks(bytes)
            && let Some(block) = self.blocks.get_mut(self.held_from)
        {
            block.shingles.evict(&self.memory)?;
            block.anchors.evict(&self.memory)?;
            block.windows.evict(&self.memory)?;
            self.held_from += 1;
        }
        Ok(())
    }

    /// Gives the texts new numbers: `order` lists all old numbers, and a
    /// text's place in it is its new one.
    pub fn reorder(&mut self, order: &[u32]) {
        let spans = order.iter().map(|old| self.spans[*old as usize]).collect();
        let mut number_of = vec![0; order.len()];
        for (new, old) in (0u32..).zip(order) {
            number_of[*old as usize] = new;
        }
        self.pushed.iter_mut().for_each(|number| *number = number_of[*number as usize]);
        self.spans = spans;
    }

    /// How many texts there are, once they are [settled](Self::settle).
    pub fn len(&self) -> u32 {
        debug_assert!(self.open.is_none(), "texts wait for more");
        self.spans.len() as u32
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// How many shingles all texts were pushed with.
    pub fn shingles(&self) -> u64 {
        self.shingles
    }

    /// How their anchors were chosen.
    pub(super) fn anchoring(&self) -> Anchoring {
        self.anchoring
    }

    /// How many anchors all texts were pushed with.
    pub(super) fn anchors(&self) -> u64 {
        self.anchors
    }

    /// The memory that the texts share with whatever is made of them.
    pub(super) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// How many shingles of a text are compared, each time it tells them.
    pub fn told(&self, text: u32) -> u32 {
        let span = self.spans[text as usize];
        span.room - span.hidden
    }

    /// How many different shingles of a text are compared, which is a set; until it
    /// is one those that stand twice count twice.
    pub fn size(&self, text: u32) -> u32 {
        self.spans[text as usize].compared().len() as u32
    }

    /// Makes sets of all texts.
    ///
    /// # Errors
    /// As [`sort`](Self::sort).
    pub fn sort_all(&mut self, watch: &dyn Watch) -> Result<()> {
        self.sort(&mut (0..self.len()).collect(), watch)
    }

    /// Makes sets of texts, as far as they are none, and leaves those of `texts` that
    /// were none.
    ///
    /// # Errors
    /// If texts cannot be read or written;
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub fn sort(&mut self, texts: &mut Vec<u32>, watch: &dyn Watch) -> Result<()> {
        let Self { spans, blocks, memory, .. } = self;
        let spans_now = &*spans;
        let span = |text: &u32| spans_now[*text as usize];
        texts.retain(|text| !span(text).is_set());
        texts.sort_unstable_by_key(|text| (span(text).block, span(text).start));
        texts.dedup();
        // Each block with those of its texts.
        let mut of_blocks = Vec::new();
        let (mut rest, mut passed) = (&mut blocks[..], 0);
        for of_block in texts.chunk_by(|a, b| span(a).block == span(b).block) {
            let at = span(&of_block[0]).block as usize;
            let (before, after) = mem::take(&mut rest).split_at_mut(at + 1 - passed);
            of_blocks.extend(before.last_mut().map(|block| (block, of_block)));
            (rest, passed) = (after, at + 1);
        }
        let sort = |(block, texts): (&mut Block, &[u32])| -> Result<Vec<(u32, u32)>> {
            watch.check()?;
            let mut sorter = Sorter::default();
            let mut sort = |range: Range<usize>, is_last: bool| {
                block.shingles.change(range, memory, |values| {
                    let len = sorter.sort(values);
                    if is_last {
                        values.copy_within(..len, values.len() - len);
                    }
                    len as u32
                })
            };
            let of_text = |text: &u32| {
                let span = span(text);
                let hidden = if span.hidden == 0 { 0 } else { sort(span.hidden(), true)? };
                Ok((sort(span.compared(), false)?, hidden))
            };
            texts.iter().map(of_text).collect()
        };
        let sizes: Vec<Vec<_>> = of_blocks.into_par_iter().map(sort).collect::<Result<_>>()?;
        for (text, (set, hidden)) in texts.iter().zip(sizes.into_iter().flatten()) {
            let span = &mut spans[*text as usize];
            (span.set, span.hidden_set) = (set, hidden);
        }
        Ok(())
    }

    /// The shingles of a text, which is a set; `room` is for those that must be
    /// read.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn set<'a>(&'a self, text: u32, room: &'a mut Vec<u64>) -> Result<&'a [u64]> {
        let span = self.spans[text as usize];
        debug_assert!(span.is_set(), "text {text} was not sorted");
        self.blocks[span.block as usize].shingles.get(span.compared(), room, &self.memory)
    }

    /// The exact similarity of two texts, which are sets.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn similarity(&self, left: u32, right: u32) -> Result<Similarity> {
        let mut rooms = [const { Vec::new() }; 2];
        let [of_left, of_right] = &mut rooms;
        let shared = shared_at_least(self.set(left, of_left)?, self.set(right, of_right)?, 0);
        let shared = shared.unwrap_or(0);
        Ok(Similarity { shared, left: self.size(left), right: self.size(right) })
    }

    /// The shingles that were taken from a text; ascending, each once, if it is
    /// a set.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn hidden<'a>(&'a self, text: u32, room: &'a mut Vec<u64>) -> Result<&'a [u64]> {
        let span = self.spans[text as usize];
        self.blocks[span.block as usize].shingles.get(span.hidden(), room, &self.memory)
    }

    /// How many shingles were taken from a text; as [`size`](Self::size).
    pub fn hidden_size(&self, text: u32) -> u32 {
        self.spans[text as usize].hidden().len() as u32
    }

    /// Takes from each text the shingles that it tells at some places, wherever else
    /// it tells them; but none if fewer than `rest_min` are left. No text is a set
    /// yet. `places_of` adds the places, ascending, to a list that is empty; also
    /// what else it gives, in the order in which the texts were pushed. `scratch` is
    /// what it uses again and again.
    ///
    /// # Errors
    /// If texts cannot be read or written;
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub(super) fn hide<S, T: Send>(
        &mut self,
        rest_min: u32,
        watch: &dyn Watch,
        scratch: impl Fn() -> S + Sync,
        places_of: impl Fn(&mut S, Text<'_>, &mut Vec<u32>) -> Option<T> + Sync,
    ) -> Result<Vec<T>> {
        let Self { spans, pushed, blocks, memory, .. } = self;
        let spans_now = &*spans;
        let of_block = |block: &mut Block| -> Result<HiddenOf<T>> {
            watch.check()?;
            let texts = &pushed[block.texts.start as usize..block.texts.end as usize];
            let loaded = Loaded::new(block, texts, spans_now, Wants::SHINGLES, memory)?;
            let (mut scratch, mut found) = (scratch(), Vec::new());
            // Each text that has places, and where they end.
            let (mut wanted, mut places) = (Vec::new(), Vec::new());
            let mut of_text = Vec::new();
            for text in loaded.texts() {
                of_text.clear();
                found.extend(places_of(&mut scratch, text, &mut of_text));
                if !of_text.is_empty() {
                    places.extend_from_slice(&of_text);
                    wanted.push((text.number, places.len()));
                }
            }
            drop(loaded);
            let (mut parting, mut start) = (Parting::default(), 0);
            let mut take = |(text, end): (u32, usize)| {
                let range = spans_now[text as usize].compared();
                let places = &places[mem::replace(&mut start, end)..end];
                let hidden = block.shingles.change(range, memory, |shingles| {
                    parting.part(shingles, places, rest_min as usize)
                })?;
                Ok((text, hidden))
            };
            let hidden = wanted.into_iter().map(&mut take).collect::<Result<_>>()?;
            Ok((hidden, found))
        };
        let of_blocks: Vec<_> = blocks.par_iter_mut().map(of_block).collect::<Result<_>>()?;
        let mut all = Vec::new();
        for (hidden, found) in of_blocks {
            hidden.iter().for_each(|(text, hidden)| spans[*text as usize].hidden = *hidden);
            all.extend(found);
        }
        Ok(all)
    }

    /// Forgets the anchors of all texts.
    pub(super) fn forget_anchors(&mut self) {
        for block in &mut self.blocks {
            mem::replace(&mut block.anchors, Column::Held(Vec::new())).free(&self.memory);
            mem::replace(&mut block.windows, Column::Held(Vec::new())).free(&self.memory);
        }
        self.spans.iter_mut().for_each(|span| span.anchors = (0, 0));
    }

    /// What `each` makes of every block, on all threads, in the order in which
    /// the texts were pushed.
    ///
    /// # Errors
    /// If texts cannot be read; whatever `each` returns;
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub(super) fn map<'t, T: Send>(
        &'t self,
        wants: Wants,
        watch: &dyn Watch,
        each: impl Fn(&Loaded<'t>) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        self.map_blocks(0..self.blocks.len(), wants, watch, each)
    }

    /// The same for some of the blocks; there are [`blocks`](Self::blocks).
    ///
    /// # Errors
    /// As [`map`](Self::map).
    pub(super) fn map_blocks<'t, T: Send>(
        &'t self,
        blocks: Range<usize>,
        wants: Wants,
        watch: &dyn Watch,
        each: impl Fn(&Loaded<'t>) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let of_block = |block: &'t Block| -> Result<T> {
            watch.check()?;
            let texts = &self.pushed[block.texts.start as usize..block.texts.end as usize];
            let loaded = Loaded::new(block, texts, &self.spans, wants, &self.memory)?;
            let made = each(&loaded);
            watch.advance(texts.len() as u64);
            made
        };
        self.blocks[blocks].par_iter().map(of_block).collect()
    }

    /// How many blocks there are.
    pub(super) fn blocks(&self) -> usize {
        self.blocks.len()
    }
}

/// What of its texts a block is loaded with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wants {
    pub(super) shingles: bool,
    pub(super) anchors: bool,
}

impl Wants {
    pub(super) const SHINGLES: Self = Self { shingles: true, anchors: false };
    pub(super) const ANCHORS: Self = Self { shingles: false, anchors: true };
    pub(super) const BOTH: Self = Self { shingles: true, anchors: true };
}

/// A block in memory.
pub(super) struct Loaded<'a> {
    pushed: &'a [u32],
    spans: &'a [Span],
    shingles: Cow<'a, [u64]>,
    anchors: Cow<'a, [u32]>,
    windows: Cow<'a, [u8]>,
}

impl<'a> Loaded<'a> {
    /// The block of these texts.
    fn new(
        block: &'a Block,
        texts: &'a [u32],
        spans: &'a [Span],
        wants: Wants,
        memory: &Memory,
    ) -> Result<Self> {
        let Wants { shingles, anchors } = wants;
        Ok(Self {
            pushed: texts,
            spans,
            shingles: if shingles { block.shingles.whole(memory)? } else { Cow::default() },
            anchors: if anchors { block.anchors.whole(memory)? } else { Cow::default() },
            windows: if anchors { block.windows.whole(memory)? } else { Cow::default() },
        })
    }

    /// The texts of the block, in the order in which they were pushed.
    pub(super) fn texts(&self) -> impl Iterator<Item = Text<'_>> {
        self.pushed.iter().map(|&number| {
            let span = self.spans[number as usize];
            Text {
                number,
                shingles: self.shingles.get(span.compared()).unwrap_or_default(),
                anchors: self.anchors.get(span.anchors()).unwrap_or_default(),
                windows: self.windows.get(span.anchors()).unwrap_or_default(),
                run_min: span.run_min,
                is_masked: span.hidden > 0,
            }
        })
    }
}

/// How many shingles were taken from each of some texts, and what else was given.
type HiddenOf<T> = (Vec<(u32, u32)>, Vec<T>);

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use crate::memory::Spill;
    use crate::watch::Unwatched;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Spill for Written {
        fn append(&self, bytes: &[u8]) -> Result<u64> {
            let mut written = self.0.lock().expect("no test panics with it");
            let at = written.len() as u64;
            written.extend_from_slice(bytes);
            Ok(at)
        }

        fn replace(&self, _: u64, _: &[u8]) -> Result<()> {
            unreachable!("nothing is hidden here")
        }

        fn read(&self, at: u64, bytes: &mut [u8]) -> Result<()> {
            let written = self.0.lock().expect("no test panics with it");
            bytes.copy_from_slice(&written[at as usize..at as usize + bytes.len()]);
            Ok(())
        }
    }

    #[test]
    fn the_oldest_texts_make_room_and_are_read_back() -> Result<()> {
        let block = BLOCK_SHINGLES * size_of::<u64>();
        let written = Written::default();
        let spilled = || written.0.lock().expect("no test panics with it").len();
        let mut texts = Texts::new(
            Anchoring::LONG,
            Memory::limited(3 * block as u64 + 1000, Box::new(written.clone())),
        );
        let sets: Vec<Vec<u64>> =
            (0..3).map(|n| (0..BLOCK_SHINGLES as u64).map(|x| 3 * x + n).collect()).collect();
        for set in &sets {
            let mut batch = ShingledTexts::default();
            batch.push(set, &Anchors::default(), 0);
            texts.push(batch, &[true])?;
        }
        texts.settle()?;
        texts.sort_all(&Unwatched)?;
        assert_eq!(spilled(), 0, "three blocks fit");
        texts.reserve(block / 2)?;
        assert_eq!(spilled(), block, "one must go");
        texts.release(block / 2);
        texts.reserve(5 * block)?;
        assert_eq!(spilled(), 3 * block, "all that can");
        let mut room = Vec::new();
        for (number, set) in (0..).zip(&sets) {
            assert!(texts.set(number, &mut room)? == set);
        }
        Ok(())
    }
}
