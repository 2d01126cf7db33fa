//! `--help` of `bench`.

use crate::help::help;

#[test]
fn bench() {
    insta::assert_snapshot!(help(&["bench"]), @"");
}
