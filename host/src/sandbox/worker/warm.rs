//! Touches what a command will touch, while nobody waits: most of the time that a fresh process takes for its first
//! command goes into pages that the kernel brings in one at a time.

use std::fs;
use std::hint::black_box;

use crate::sandbox::linked::Linked;

/// Heap that is touched and kept, in bytes: what linking and a small component take.
const HEAP: usize = 1 << 20;

/// Stack that is touched, in bytes.
const STACK: usize = 128 << 10;

/// Touches program, heap and stack. What cannot be touched is slower later, and nothing else.
pub(super) fn up() {
    keep_heap();
    black_box(vec![1u8; HEAP]);
    touch_stack();
    // Before Landlock holds: the list of what is mapped is a file.
    for (start, end) in mapped_program() {
        populate(start, end);
    }
}

/// Touches the code that a command will run.
pub(super) fn code(linked: &Linked) {
    let image = linked.image();
    populate(image.start.addr(), image.end.addr());
}

/// The heap grows by pages that stay, and larger pieces come from it too.
#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "the C library's allocator is set up through its own call")]
fn keep_heap() {
    const KEPT: libc::c_int = 64 << 20;
    const PIECE: libc::c_int = 4 << 20;
    // SAFETY: both set a number of the allocator's, and are called before the first thread.
    unsafe {
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
        libc::mallopt(libc::M_MMAP_THRESHOLD, PIECE);
    }
}

#[cfg(not(target_env = "gnu"))]
fn keep_heap() {}

#[inline(never)]
fn touch_stack() {
    black_box([1u8; STACK]);
}

/// Where this program and its libraries are mapped to be read or run.
fn mapped_program() -> Vec<(usize, usize)> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let lines = maps.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next()?, words.next()?);
        let is_file = words.nth(3)?.starts_with('/');
        let (start, end) = range.split_once('-')?;
        let range = (
            usize::from_str_radix(start, 16).ok()?,
            usize::from_str_radix(end, 16).ok()?,
        );
        (is_file && rights.starts_with('r')).then_some(range)
    });
    lines.collect()
}

/// Brings in the pages from `start` to `end`, which are mapped to be read.
#[expect(unsafe_code, reason = "no library has a safe call that only brings pages in")]
fn populate(start: usize, end: usize) {
    let address = std::ptr::with_exposed_provenance_mut(start);
    // SAFETY: `MADV_POPULATE_READ` reads what is mapped and changes nothing of it; what is not mapped is an error, which
    // says nothing here.
    let _ = unsafe { libc::madvise(address, end.saturating_sub(start), libc::MADV_POPULATE_READ) };
}
