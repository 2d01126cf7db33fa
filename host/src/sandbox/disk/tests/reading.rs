//! Reading, and what is told of the end.

use std::fs;

use wasmtime::component::Resource;
use wasmtime_wasi::p2::bindings::filesystem::types::OpenFlags;

use super::Guest;
use crate::sandbox::file_calls::FileCalls;

impl Guest {
    /// How many bytes a read of `length` bytes gives, and whether that was the end.
    fn read(&mut self, file: u32, length: u64, offset: u64) -> (usize, bool) {
        let file = Resource::new_borrow(file);
        let read = self.call(async |files| files.read(file, length, offset).await);
        let (bytes, is_end) = read.unwrap();
        (bytes.len(), is_end)
    }
}

/// The end is told with the last bytes, and never before: a piece may be shorter than was asked for in the middle, too.
#[test]
fn the_end_is_told_with_the_last_bytes() {
    const LENGTH: u64 = 100_000;
    const PIECE: usize = 64 << 10;
    for file_calls in [FileCalls::OnItsThread, FileCalls::Aside] {
        let mut guest = Guest::calling(file_calls, &[], |root| {
            fs::write(root.join("log/long"), vec![1; LENGTH as usize]).unwrap();
            fs::write(root.join("log/empty"), "").unwrap();
        });
        let long = guest.open(1, "long", OpenFlags::empty()).unwrap();
        let cases = [
            ((100, 0), (100, false)),
            ((100, LENGTH - 100), (100, false)),
            ((101, LENGTH - 100), (100, true)),
            ((100, LENGTH), (0, true)),
            ((100, LENGTH + 1), (0, true)),
            ((u64::MAX, 0), (PIECE, false)),
            ((u64::MAX, PIECE as u64), (LENGTH as usize - PIECE, true)),
        ];
        for ((length, offset), read) in cases {
            assert_eq!(guest.read(long, length, offset), read, "{length} from {offset} on");
        }
        // It has become longer since it was opened.
        assert_eq!(guest.write(long, LENGTH, 50), Ok(50));
        assert_eq!(guest.read(long, 200, LENGTH - 100), (150, true));
        let empty = guest.open(1, "empty", OpenFlags::empty()).unwrap();
        assert_eq!(guest.read(empty, 100, 0), (0, true));
        // wasmtime-wasi's own answer where nothing is asked for.
        assert_eq!(guest.read(long, 0, 0), (0, true));
    }
}
