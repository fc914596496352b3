//! The texts that are compared, as sets of shingles, in memory or outside it.
//!
//! Sets lie one behind the other in blocks of a few hundred. A block that is
//! full is held as long as there is [`Memory`], and else spilled, as are the
//! oldest where others need the room; a text's set is then read when it is asked
//! for. Texts are known by their numbers, which
//! follow the order in which they were pushed until [`Texts::reorder`] gives
//! them others.

use std::borrow::Cow;
use std::mem;
use std::ops::Range;

use rayon::prelude::*;

use crate::Result;
use crate::memory::Memory;
use crate::watch::Watch;

use super::column::{Column, Mapped};
use super::mask::Places;
use super::similarity::{Similarity, shared_at_least};

/// Shingles of a block: 2 MiB of them, a large page and some milliseconds of
/// work. A longer text has a block of its own.
const BLOCK_SHINGLES: usize = 1 << 18;

/// The shingles of all texts: of each a set, distinct and never empty, and if
/// wanted where each shingle stands in the text.
pub struct Texts {
    /// Of each text, by its number.
    spans: Vec<Span>,
    /// The numbers of the texts, in the order in which they were pushed.
    pushed: Vec<u32>,
    blocks: Vec<Block>,
    /// The blocks before this one are spilled.
    held_from: usize,
    shingles: u64,
    memory: Memory,
}

/// Where the set of a text is.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    block: u32,
    /// Its first shingle in the block.
    start: u32,
    /// How many shingles it has.
    len: u32,
    /// How many shingles that were taken from it follow.
    hidden: u32,
    /// See [`Places`]; 0 if the places are not known.
    run_min: u32,
}

impl Span {
    fn set(self) -> Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }

    fn hidden(self) -> Range<usize> {
        let start = (self.start + self.len) as usize;
        start..start + self.hidden as usize
    }
}

/// Consecutive texts.
struct Block {
    /// The texts, as a range of the order in which they were pushed.
    texts: Range<u32>,
    sets: Column<u64>,
    /// One for each shingle; those of texts whose places are not known mean
    /// nothing.
    places: Column<u16>,
}

impl Block {
    /// An empty block with room for so many shingles.
    fn starting_at(text: u32, room: usize) -> Self {
        let sets = Column::Mapped(Mapped::with_capacity(room));
        Self { texts: text..text, sets, places: Column::Held(Vec::with_capacity(room)) }
    }
}

/// A text of a block.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    /// Its number.
    pub number: u32,
    /// Its shingles, ascending.
    pub set: &'a [u64],
    /// The place of each of them; none if the places are not known.
    pub(super) places: &'a [u16],
    /// The fewest shingles in a row that make a passage; 0 if its places are
    /// not known.
    pub(super) run_min: u32,
}

impl Texts {
    /// No texts yet.
    pub fn new(memory: Memory) -> Self {
        let (spans, pushed, blocks) = (Vec::new(), Vec::new(), Vec::new());
        Self { spans, pushed, blocks, held_from: 0, shingles: 0, memory }
    }

    /// The texts of these sets, in memory, their places unknown.
    pub fn of<S: AsRef<[u64]>>(sets: impl IntoIterator<Item = S>) -> Self {
        let mut texts = Self::new(Memory::unlimited());
        for set in sets {
            texts.push(set.as_ref(), &Places::default()).expect("nothing is spilled");
        }
        texts
    }

    /// Adds a text: its shingles, ascending and distinct, at least one.
    ///
    /// # Errors
    /// If there is neither memory nor room outside it.
    ///
    /// # Panics
    /// Above 2^32 texts, or shingles in a text.
    pub fn push(&mut self, set: &[u64], places: &Places) -> Result<()> {
        let number = u32::try_from(self.spans.len()).expect("texts are numbered with 32 bits");
        let is_full = |block: &Block| {
            let len = block.sets.len();
            len > 0 && len + set.len() > BLOCK_SHINGLES
        };
        if self.blocks.last().is_none_or(is_full) {
            self.settle()?;
            self.make_room(0)?;
            self.blocks.push(Block::starting_at(number, BLOCK_SHINGLES.max(set.len())));
        }
        let at = self.blocks.len() - 1;
        let block = &mut self.blocks[at];
        let (Column::Mapped(sets), Column::Held(block_places)) =
            (&mut block.sets, &mut block.places)
        else {
            unreachable!("the last block is held until another follows");
        };
        let (start, places) = (sets.len(), places.known());
        sets.extend_from_slice(set);
        if let Some((places, _)) = places {
            // None of the texts before it may have had any.
            block_places.resize(start, 0);
            block_places.extend_from_slice(places);
        }
        block.texts.end = number + 1;
        self.memory.hold(mem::size_of::<Span>() + mem::size_of_val(&number));
        self.spans.push(Span {
            block: at as u32,
            start: start as u32,
            len: u32::try_from(set.len()).expect("shingles are counted with 32 bits"),
            hidden: 0,
            run_min: places.map_or(0, |(_, run_min)| run_min),
        });
        self.pushed.push(number);
        self.shingles += set.len() as u64;
        Ok(())
    }

    /// Decides where the last block stays; until then it is held.
    ///
    /// # Errors
    /// If there is neither memory nor room outside it.
    pub fn settle(&mut self) -> Result<()> {
        let Some(block) = self.blocks.last_mut() else { return Ok(()) };
        block.sets.settle(&self.memory)?;
        block.places.settle(&self.memory)
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
            block.sets.evict(&self.memory)?;
            block.places.evict(&self.memory)?;
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

    /// How many texts there are.
    pub fn len(&self) -> u32 {
        self.spans.len() as u32
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// How many shingles all texts have, before any were taken from them.
    pub fn shingles(&self) -> u64 {
        self.shingles
    }

    /// The memory that the texts share with whatever is made of them.
    pub(super) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// How many shingles a text has.
    pub fn size(&self, text: u32) -> u32 {
        self.spans[text as usize].len
    }

    /// The shingles of a text, ascending; `room` is for those that must be
    /// read.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn set<'a>(&'a self, text: u32, room: &'a mut Vec<u64>) -> Result<&'a [u64]> {
        let span = self.spans[text as usize];
        self.blocks[span.block as usize].sets.get(span.set(), room, &self.memory)
    }

    /// The exact similarity of two texts.
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

    /// The shingles that were taken from a text, ascending.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn hidden<'a>(&'a self, text: u32, room: &'a mut Vec<u64>) -> Result<&'a [u64]> {
        let span = self.spans[text as usize];
        self.blocks[span.block as usize].sets.get(span.hidden(), room, &self.memory)
    }

    /// How many shingles were taken from a text.
    pub fn hidden_size(&self, text: u32) -> u32 {
        self.spans[text as usize].hidden
    }

    /// Takes the shingles at these positions, ascending, from a text.
    pub(super) fn hide(&mut self, text: u32, positions: &[u32]) -> Result<()> {
        let span = &mut self.spans[text as usize];
        let range = span.set();
        span.len -= positions.len() as u32;
        span.hidden = positions.len() as u32;
        match &mut self.blocks[span.block as usize].sets {
            Column::Held(values) => part(&mut values[range], positions),
            Column::Mapped(values) => part(&mut values[range], positions),
            column @ Column::Spilled { .. } => {
                let mut room = Vec::new();
                column.get(range.clone(), &mut room, &self.memory)?;
                part(&mut room, positions);
                let Column::Spilled { at, .. } = column else { unreachable!("it was spilled") };
                let at = *at + (range.start * mem::size_of::<u64>()) as u64;
                self.memory.spill().replace(at, bytemuck::cast_slice(&room))?;
            }
        }
        Ok(())
    }

    /// Forgets where shingles stand in their texts.
    pub(super) fn forget_places(&mut self) {
        for block in &mut self.blocks {
            mem::replace(&mut block.places, Column::Held(Vec::new())).free(&self.memory);
        }
        self.spans.iter_mut().for_each(|span| span.run_min = 0);
    }

    /// What `each` makes of every block, on all threads, in the order in which
    /// the texts were pushed; their places are there if they are `placed`.
    ///
    /// # Errors
    /// If texts cannot be read; whatever `each` returns;
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub(super) fn map<T: Send>(
        &self,
        placed: bool,
        watch: &dyn Watch,
        each: impl Fn(&Loaded<'_>) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        self.map_blocks(0..self.blocks.len(), placed, watch, each)
    }

    /// The same for some of the blocks; there are [`blocks`](Self::blocks).
    ///
    /// # Errors
    /// As [`map`](Self::map).
    pub(super) fn map_blocks<T: Send>(
        &self,
        blocks: Range<usize>,
        placed: bool,
        watch: &dyn Watch,
        each: impl Fn(&Loaded<'_>) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let of_block = |block: &Block| -> Result<T> {
            watch.check()?;
            let block = self.load(block, placed)?;
            let made = each(&block);
            watch.advance(block.pushed.len() as u64);
            made
        };
        self.blocks[blocks].par_iter().map(of_block).collect()
    }

    /// How many blocks there are.
    pub(super) fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// Hands all texts to `each`, some blocks at a time.
    ///
    /// # Errors
    /// If texts cannot be read;
    /// [`Error::Interrupted`](crate::Error::Interrupted) if `watch` says so.
    pub(super) fn by_blocks(
        &self,
        watch: &dyn Watch,
        mut each: impl FnMut(&[Loaded<'_>]),
    ) -> Result<()> {
        for blocks in self.blocks.chunks(BLOCKS_AT_ONCE) {
            watch.check()?;
            let loaded: Vec<Loaded<'_>> =
                blocks.par_iter().map(|block| self.load(block, false)).collect::<Result<_>>()?;
            each(&loaded);
            watch.advance(loaded.iter().map(|block| block.pushed.len() as u64).sum());
        }
        Ok(())
    }

    fn load<'a>(&'a self, block: &'a Block, placed: bool) -> Result<Loaded<'a>> {
        let places = if placed { block.places.whole(&self.memory)? } else { Cow::default() };
        Ok(Loaded {
            pushed: &self.pushed[block.texts.start as usize..block.texts.end as usize],
            spans: &self.spans,
            sets: block.sets.whole(&self.memory)?,
            places,
        })
    }
}

/// Blocks in memory at once, where all threads go through all of them: 16 MiB.
const BLOCKS_AT_ONCE: usize = 8;

/// A block in memory.
pub(super) struct Loaded<'a> {
    pushed: &'a [u32],
    spans: &'a [Span],
    sets: Cow<'a, [u64]>,
    places: Cow<'a, [u16]>,
}

impl Loaded<'_> {
    /// The texts of the block, in the order in which they were pushed.
    pub(super) fn texts(&self) -> impl Iterator<Item = Text<'_>> {
        self.pushed.iter().map(|&number| {
            let span = self.spans[number as usize];
            let places = self.places.get(span.set()).unwrap_or_default();
            Text { number, set: &self.sets[span.set()], places, run_min: span.run_min }
        })
    }
}

/// Moves the values at these positions, ascending, behind the others; both
/// keep their order.
fn part(values: &mut [u64], positions: &[u32]) {
    let moved: Vec<u64> = positions.iter().map(|at| values[*at as usize]).collect();
    let mut positions = positions.iter().peekable();
    let mut kept = 0;
    for at in 0..values.len() {
        if positions.next_if(|position| **position as usize == at).is_none() {
            values[kept] = values[at];
            kept += 1;
        }
    }
    values[kept..].copy_from_slice(&moved);
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use crate::memory::Spill;

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
        let mut texts =
            Texts::new(Memory::limited(3 * block as u64 + 1000, Box::new(written.clone())));
        let sets: Vec<Vec<u64>> =
            (0..3).map(|n| (0..BLOCK_SHINGLES as u64).map(|x| 3 * x + n).collect()).collect();
        for set in &sets {
            texts.push(set, &Places::default())?;
        }
        texts.settle()?;
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
