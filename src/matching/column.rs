//! A column of numbers, in memory or outside it.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::mem;
use std::ops::{Deref, DerefMut, Range};

use bytemuck::Pod;
use memmap2::MmapMut;

use crate::Result;
use crate::memory::Memory;

/// Numbers that are held or spilled.
pub(super) enum Column<T> {
    Held(Vec<T>),
    /// Held too, in pages that go back to the system with it: what a heap is handed
    /// back it keeps, and the next is made elsewhere.
    Mapped(Mapped<T>),
    Spilled {
        at: u64,
        len: usize,
    },
}

/// Columns of so many bytes have pages of their own.
const MAPPED_FROM: usize = 1 << 17;

impl<T: Pod> Column<T> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Held(values) => values.len(),
            Self::Mapped(values) => values.len(),
            Self::Spilled { len, .. } => *len,
        }
    }

    /// Puts the numbers outside memory, if there is no room for them.
    pub(super) fn settle(&mut self, memory: &Memory) -> Result<()> {
        let Self::Held(values) = self else { return Ok(()) };
        let bytes = mem::size_of_val(&**values);
        if let Some(spill) = memory.hold_or_spill(bytes) {
            let at = spill.append(bytemuck::cast_slice(values))?;
            *self = Self::Spilled { at, len: values.len() };
        } else if bytes >= MAPPED_FROM {
            *self = Self::Mapped(Mapped::of(values));
        } else {
            values.shrink_to_fit();
        }
        Ok(())
    }

    /// Puts numbers that are held outside memory.
    pub(super) fn evict(&mut self, memory: &Memory) -> Result<()> {
        let values: &[T] = match self {
            Self::Held(values) => values,
            Self::Mapped(values) => values,
            Self::Spilled { .. } => return Ok(()),
        };
        let at = memory.evict(mem::size_of_val(values)).append(bytemuck::cast_slice(values))?;
        *self = Self::Spilled { at, len: values.len() };
        Ok(())
    }

    /// The numbers of a range; `room` is for those that must be read.
    pub(super) fn get<'a>(
        &'a self,
        range: Range<usize>,
        room: &'a mut Vec<T>,
        memory: &Memory,
    ) -> Result<&'a [T]> {
        match self {
            Self::Held(values) => Ok(&values[range]),
            Self::Mapped(values) => Ok(&values[range]),
            Self::Spilled { at, .. } => {
                room.resize(range.len(), T::zeroed());
                let at = at + (range.start * mem::size_of::<T>()) as u64;
                memory.spill().read(at, bytemuck::cast_slice_mut(room))?;
                Ok(room)
            }
        }
    }

    /// Changes the numbers of a range where they are; what `change` makes of them.
    pub(super) fn change<R>(
        &mut self,
        range: Range<usize>,
        memory: &Memory,
        change: impl FnOnce(&mut [T]) -> R,
    ) -> Result<R> {
        match self {
            Self::Held(values) => Ok(change(&mut values[range])),
            Self::Mapped(values) => Ok(change(&mut values[range])),
            Self::Spilled { at, .. } => {
                let at = *at + (range.start * mem::size_of::<T>()) as u64;
                let mut room = vec![T::zeroed(); range.len()];
                memory.spill().read(at, bytemuck::cast_slice_mut(&mut room))?;
                let made = change(&mut room);
                memory.spill().replace(at, bytemuck::cast_slice(&room))?;
                Ok(made)
            }
        }
    }

    pub(super) fn whole(&self, memory: &Memory) -> Result<Cow<'_, [T]>> {
        match self {
            Self::Held(values) => Ok(Cow::Borrowed(values)),
            Self::Mapped(values) => Ok(Cow::Borrowed(values)),
            Self::Spilled { len, .. } => {
                let mut room = Vec::new();
                self.get(0..*len, &mut room, memory)?;
                Ok(Cow::Owned(room))
            }
        }
    }

    /// How many bytes are held.
    pub(super) fn held_bytes(&self) -> usize {
        match self {
            Self::Held(values) => mem::size_of_val(&**values),
            Self::Mapped(values) => mem::size_of_val(&**values),
            Self::Spilled { .. } => 0,
        }
    }

    /// Forgets the numbers; what was held is free again.
    pub(super) fn free(self, memory: &Memory) {
        memory.release(self.held_bytes());
    }
}

/// Numbers in pages of their own, large ones where the system has them: filling
/// gigabytes page by page of 4 KiB costs more than what is written there.
pub(super) struct Mapped<T> {
    pages: MmapMut,
    len: usize,
    numbers: PhantomData<T>,
}

impl<T: Pod> Mapped<T> {
    /// Room for this many numbers, and not for more.
    ///
    /// # Panics
    /// If the system has no memory left, as all allocation does.
    pub(super) fn with_capacity(capacity: usize) -> Self {
        let bytes = (capacity * mem::size_of::<T>()).max(1);
        let pages = MmapMut::map_anon(bytes).expect("there is memory");
        // A wish: where it is not granted, pages are small.
        #[cfg(target_os = "linux")]
        let _ = pages.advise(memmap2::Advice::HugePage);
        Self { pages, len: 0, numbers: PhantomData }
    }

    /// These numbers.
    ///
    /// # Panics
    /// As [`with_capacity`](Self::with_capacity).
    fn of(numbers: &[T]) -> Self {
        let pages = MmapMut::map_anon(mem::size_of_val(numbers).max(1)).expect("there is memory");
        let mut all = Self { pages, len: numbers.len(), numbers: PhantomData };
        all.copy_from_slice(numbers);
        all
    }

    /// So many numbers, all 0.
    ///
    /// # Panics
    /// As [`with_capacity`](Self::with_capacity).
    pub(super) fn zeroed(len: usize) -> Self {
        Self { len, ..Self::with_capacity(len) }
    }
}

impl<T: Pod> Deref for Mapped<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        bytemuck::cast_slice(&self.pages[..self.len * mem::size_of::<T>()])
    }
}

impl<T: Pod> DerefMut for Mapped<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        bytemuck::cast_slice_mut(&mut self.pages[..self.len * mem::size_of::<T>()])
    }
}
