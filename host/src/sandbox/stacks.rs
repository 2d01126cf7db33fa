//! The stacks that components run on in hostler's own process, used again by the next command.
//!
//! To map and unmap one for each command costs more than to clear it, and interrupts every other thread's processor: what is
//! unmapped has to be forgotten there too. Nothing goes from one command to the next: a stack is cleared when its command ends.
//! A worker runs one command, and needs none of this.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags};
use wasmtime::{StackCreator, StackMemory};

/// Stacks that are kept while nobody uses them. More commands may run at one time: the stacks of the others are unmapped.
const MOST: usize = 4;

/// Bytes at the top of a stack that stay in memory, cleared. What is below was used by few commands, and is given back.
const STAY: usize = 32 << 10;

/// Makes stacks for an engine.
#[derive(Debug, Default, Clone)]
pub(super) struct Stacks {
    unused: Arc<Mutex<Vec<Mapping>>>,
}

impl Stacks {
    fn unused(&self) -> MutexGuard<'_, Vec<Mapping>> {
        self.unused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// SAFETY: each stack is a mapping of its own with a page below it that nobody may touch; it is page aligned and filled with
// zeroes: by the kernel, or by `Mapping::clear` before it came among the unused ones, out of which it is taken here.
#[expect(unsafe_code, reason = "wasmtime takes stacks of others only by an unsafe trait")]
unsafe impl StackCreator for Stacks {
    fn new_stack(&self, size: usize, _zeroed: bool) -> wasmtime::Result<Box<dyn StackMemory>> {
        let kept = {
            let mut unused = self.unused();
            let place = unused.iter().position(|mapping| mapping.stack_bytes() == size);
            place.map(|place| unused.swap_remove(place))
        };
        let mapping = match kept {
            Some(mapping) => mapping,
            None => Mapping::new(size)?,
        };
        Ok(Box::new(Stack {
            mapping: Some(mapping),
            stacks: self.clone(),
        }))
    }
}

/// A stack in use. It is cleared, and unused again, when it is dropped.
#[derive(Debug)]
struct Stack {
    /// Always there but while it is dropped.
    mapping: Option<Mapping>,
    stacks: Stacks,
}

impl Stack {
    fn range(&self) -> Range<usize> {
        self.mapping.as_ref().map_or(0..0, Mapping::stack)
    }
}

// SAFETY: the addresses are those of a mapping that lives as long as this.
#[expect(unsafe_code, reason = "wasmtime takes stacks of others only by an unsafe trait")]
unsafe impl StackMemory for Stack {
    fn top(&self) -> *mut u8 {
        std::ptr::with_exposed_provenance_mut(self.range().end)
    }

    fn range(&self) -> Range<usize> {
        Self::range(self)
    }

    fn guard_range(&self) -> Range<*mut u8> {
        let guard = self.mapping.as_ref().map_or(0..0, Mapping::guard);
        std::ptr::with_exposed_provenance_mut(guard.start)..std::ptr::with_exposed_provenance_mut(guard.end)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let Some(mut mapping) = self.mapping.take() else {
            return;
        };
        if self.stacks.unused().len() >= MOST || mapping.clear().is_err() {
            return;
        }
        let mut unused = self.stacks.unused();
        if unused.len() < MOST {
            unused.push(mapping);
        }
    }
}

/// Memory of a stack, with a page below it that nobody may touch. It is unmapped when it is dropped.
#[derive(Debug)]
struct Mapping {
    start: usize,
    bytes: usize,
    page: usize,
}

impl Mapping {
    #[expect(unsafe_code, reason = "no library has a safe call that makes a stack with a guard")]
    fn new(stack_bytes: usize) -> wasmtime::Result<Self> {
        let page = rustix::param::page_size();
        let bytes = stack_bytes
            .checked_next_multiple_of(page)
            .and_then(|bytes| bytes.checked_add(page))
            .ok_or_else(|| wasmtime::Error::msg("a stack of more bytes than there are addresses"))?;
        // SAFETY: a new mapping, where the kernel likes, takes no memory away from anybody.
        let start =
            unsafe { rustix::mm::mmap_anonymous(std::ptr::null_mut(), bytes, ProtFlags::empty(), MapFlags::PRIVATE) }?;
        let mapping = Self {
            start: start.expose_provenance(),
            bytes,
            page,
        };
        let rights = MprotectFlags::READ | MprotectFlags::WRITE;
        // SAFETY: these pages are of the mapping that was just made, and nobody else knows them.
        unsafe { rustix::mm::mprotect(mapping.at(mapping.stack().start), mapping.stack_bytes(), rights) }?;
        Ok(mapping)
    }

    fn guard(&self) -> Range<usize> {
        self.start..self.start.saturating_add(self.page)
    }

    fn stack(&self) -> Range<usize> {
        self.guard().end..self.start.saturating_add(self.bytes)
    }

    fn stack_bytes(&self) -> usize {
        self.stack().len()
    }

    fn at(&self, address: usize) -> *mut std::ffi::c_void {
        std::ptr::with_exposed_provenance_mut(address)
    }

    /// Makes all of it zeroes.
    ///
    /// # Errors
    ///
    /// When the kernel does not take pages back; then it is not to be used again.
    #[expect(
        unsafe_code,
        reason = "nothing but addresses is known of a stack that something ran on"
    )]
    fn clear(&mut self) -> rustix::io::Result<()> {
        let stack = self.stack();
        let stays = stack
            .end
            .saturating_sub(STAY.next_multiple_of(self.page))
            .max(stack.start);
        // SAFETY: nothing runs on this stack any more, nobody else has it, and both are pages of it that may be written. The
        // kernel fills private pages that it took back with zeroes when they are touched again.
        unsafe {
            rustix::mm::madvise(
                self.at(stack.start),
                stays.saturating_sub(stack.start),
                Advice::LinuxDontNeed,
            )?;
            self.at(stays)
                .cast::<u8>()
                .write_bytes(0, stack.end.saturating_sub(stays));
        }
        Ok(())
    }
}

impl Drop for Mapping {
    #[expect(unsafe_code, reason = "what was mapped by an address is unmapped by it")]
    fn drop(&mut self) {
        // SAFETY: the mapping is this one's, and nothing runs on it any more. If the kernel refuses, it stays mapped.
        let _ = unsafe { rustix::mm::munmap(self.at(self.start), self.bytes) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: usize = 256 << 10;

    /// The stack's bytes.
    #[expect(unsafe_code, reason = "the test writes where a component would")]
    fn bytes(stack: &mut dyn StackMemory) -> &mut [u8] {
        // SAFETY: the mapping lives as long as the stack, and nothing runs on it.
        unsafe { std::slice::from_raw_parts_mut(stack.top().wrapping_sub(stack.range().len()), stack.range().len()) }
    }

    #[test]
    fn a_stack_comes_again_and_nothing_of_what_was_on_it() {
        let stacks = Stacks::default();
        let mut first = stacks.new_stack(BYTES, true).unwrap();
        let range = first.range();
        assert_eq!(range.len(), BYTES);
        assert_eq!(first.guard_range().end.addr(), range.start);
        bytes(&mut *first).fill(7);
        drop(first);
        let mut again = stacks.new_stack(BYTES, true).unwrap();
        assert_eq!(again.range(), range, "it was kept");
        assert!(bytes(&mut *again).iter().all(|byte| *byte == 0));
        // One that is in use is nobody else's, and one of another size is another.
        let other = stacks.new_stack(BYTES, true).unwrap();
        assert_ne!(other.range(), range);
        drop(again);
        assert_eq!(stacks.new_stack(2 * BYTES, true).unwrap().range().len(), 2 * BYTES);
    }

    #[test]
    fn no_more_are_kept_than_a_few() {
        let stacks = Stacks::default();
        let many: Vec<_> = (0..MOST + 3).map(|_| stacks.new_stack(BYTES, true).unwrap()).collect();
        drop(many);
        assert_eq!(stacks.unused().len(), MOST);
    }
}
