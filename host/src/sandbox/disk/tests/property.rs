//! Whatever is done, in whatever order.

use std::fs;

use proptest::prelude::*;
use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p2::bindings::filesystem::types::OpenFlags;

use super::{GRANTED, Guest, NEW};
use crate::limits::LimitName;
use crate::sandbox::file_calls::FileCalls;

/// One thing that a component does.
#[derive(Debug, Clone)]
enum Step {
    Open(usize, &'static str, bool),
    Write(usize, u64, usize),
    Append(usize, usize),
    SetSize(usize, u64),
    Close(usize),
    MakeFolder(usize, &'static str),
    RemoveFolder(usize, &'static str),
    Unlink(usize, &'static str),
    Rename((usize, &'static str), (usize, &'static str)),
    Link((usize, &'static str), (usize, &'static str)),
    Symlink(usize, &'static str, &'static str),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let path = || {
        prop::sample::select(vec![
            "a", "b", "c", "d", "d/a", "d/b", "d/e", "d/e/a", "events/a", "l", "l/a", "./b",
        ])
    };
    let folder = || 0..4usize;
    let place = move || (folder(), path());
    let step = prop_oneof![
        4 => (folder(), path(), any::<bool>()).prop_map(|(f, p, t)| Step::Open(f, p, t)),
        4 => (0..8usize, 0..300u64, 0..200usize).prop_map(|(n, o, l)| Step::Write(n, o, l)),
        2 => (0..8usize, 0..200usize).prop_map(|(n, l)| Step::Append(n, l)),
        2 => (0..8usize, 0..500u64).prop_map(|(n, s)| Step::SetSize(n, s)),
        2 => (0..8usize).prop_map(Step::Close),
        2 => place().prop_map(|(f, p)| Step::MakeFolder(f, p)),
        1 => place().prop_map(|(f, p)| Step::RemoveFolder(f, p)),
        2 => place().prop_map(|(f, p)| Step::Unlink(f, p)),
        3 => (place(), place()).prop_map(|(a, b)| Step::Rename(a, b)),
        1 => (place(), place()).prop_map(|(a, b)| Step::Link(a, b)),
        1 => (folder(), path(), path()).prop_map(|(f, t, p)| Step::Symlink(f, t, p)),
    ];
    prop::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// What is charged is what is there, and never beyond the limits, after each step and when all is closed.
    #[test]
    fn what_is_charged_is_what_is_there(steps in steps(), aside: bool) {
        let file_calls = if aside { FileCalls::Aside } else { FileCalls::OnItsThread };
        let limits = [
            (LimitName::DataBytes, 600),
            (LimitName::DataFiles, 6),
            (LimitName::LogBytes, 400),
            (LimitName::EventsFiles, 3),
            (LimitName::File, 350),
        ];
        let mut guest = Guest::calling(file_calls, &limits, |root| {
            fs::write(root.join("data/a"), "there").unwrap();
            fs::write(root.join("granted/a"), [0; 40]).unwrap();
            fs::create_dir(root.join("granted/d")).unwrap();
        });
        let before = guest.real(3);
        let mut open: Vec<u32> = Vec::new();
        for step in steps {
            let at = |n: usize| if open.is_empty() { None } else { Some(n % open.len()) };
            // Whether it works does not matter.
            match step {
                Step::Open(folder, path, truncate) => {
                    let how = if truncate { NEW | OpenFlags::TRUNCATE } else { NEW };
                    if let Ok(file) = guest.open(folder, path, how) {
                        open.push(file);
                    }
                }
                Step::Write(n, offset, length) => {
                    let _ = at(n).map(|n| guest.write(open[n], offset, length));
                }
                Step::Append(n, length) => {
                    if let Some(n) = at(n)
                        && matches!(
                            guest.store.data_mut().table().get(&Resource::<Descriptor>::new_borrow(open[n])),
                            Ok(Descriptor::File(_))
                        )
                    {
                        guest.stream(open[n], None, length);
                    }
                }
                Step::SetSize(n, size) => {
                    let _ = at(n).map(|n| guest.set_size(open[n], size));
                }
                Step::Close(n) => {
                    if let Some(n) = at(n) {
                        let file = open.swap_remove(n);
                        guest.close(file);
                    }
                }
                Step::MakeFolder(folder, path) => drop(guest.mkdir(folder, path)),
                Step::RemoveFolder(folder, path) => drop(guest.rmdir(folder, path)),
                Step::Unlink(folder, path) => drop(guest.unlink(folder, path)),
                Step::Rename(from, to) => drop(guest.rename(from, to)),
                Step::Link(from, to) => drop(guest.link(from, to)),
                Step::Symlink(folder, target, path) => drop(guest.symlink(folder, target, path)),
            }
            for index in 0..3 {
                let (charged, real) = (guest.charged(index), guest.real(index));
                prop_assert!(charged.0 >= real.0 && charged.1 >= real.1, "{charged:?} charged for {real:?}");
            }
            // What lay in the granted folder is not charged; what came on top never is beyond its quota.
            let (charged, real) = (guest.charged(3), guest.real(3));
            let grown = (real.0.saturating_sub(before.0), real.1.saturating_sub(before.1));
            prop_assert!(charged.0 >= grown.0 && charged.1 >= grown.1, "{charged:?} charged for {grown:?}");
            prop_assert!(grown.0 <= GRANTED.bytes && grown.1 <= GRANTED.files, "{grown:?}");
        }
        for file in open {
            guest.close(file);
        }
        guest.store.data_mut().files().disk.ledger().release_closed();
        for index in 0..3 {
            prop_assert_eq!(guest.charged(index), guest.real(index));
        }
        let (data, log) = (guest.real(0), guest.real(1));
        prop_assert!(data.0 <= 600 && data.1 <= 6 && log.0 <= 400);
    }
}
