//! A column of numbers, in memory or outside it.

use std::borrow::Cow;
use std::mem;
use std::ops::Range;

use bytemuck::Pod;

use crate::Result;
use crate::memory::Memory;

/// Numbers that are held or spilled.
pub(super) enum Column<T> {
    Held(Vec<T>),
    Spilled { at: u64, len: usize },
}

impl<T: Pod> Column<T> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Held(values) => values.len(),
            Self::Spilled { len, .. } => *len,
        }
    }

    /// Puts the numbers outside memory, if there is no room for them.
    pub(super) fn settle(&mut self, memory: &Memory) -> Result<()> {
        let Self::Held(values) = self else { return Ok(()) };
        if let Some(spill) = memory.hold_or_spill(mem::size_of_val(&**values)) {
            let at = spill.append(bytemuck::cast_slice(values))?;
            *self = Self::Spilled { at, len: values.len() };
        } else {
            values.shrink_to_fit();
        }
        Ok(())
    }

    /// Puts numbers that are held outside memory.
    pub(super) fn evict(&mut self, memory: &Memory) -> Result<()> {
        let Self::Held(values) = self else { return Ok(()) };
        let at = memory.evict(mem::size_of_val(&**values)).append(bytemuck::cast_slice(values))?;
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
            Self::Spilled { .. } => 0,
        }
    }

    /// Forgets the numbers; what was held is free again.
    pub(super) fn free(self, memory: &Memory) {
        memory.release(self.held_bytes());
    }
}
