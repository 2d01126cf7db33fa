//! `--help` of `self-test`.

use crate::help::help;

#[test]
fn self_test() {
    insta::assert_snapshot!(help(&["self-test"]), @"
    exit code 0
    --- stdout
    Try on this machine what a hostile handler could, and show for each promise whether it was held or
    broken.

    The hostile handler attacks in a throw-away root beside another handler, canaries and keys, all of
    which are looked at before and after each attack. Where components run in workers, native code tries
    there what one could that broke out. The exit code is 0 only if every promise that applies here was
    held, and 1 if one was broken. The hostile package comes with hostler; `cargo xtask packages` makes
    it.

    Usage: hostler self-test [OPTIONS]

    Options:
          --json
              Print the result as JSON on standard output

          --package <FILE>
              The hostile package [default: hostile.zip beside this program, else
              ../share/hostler/hostile.zip from there]

          --isolation <WHERE>
              Where components run: each command in a process of its own that has locked itself down, or
              in this one
              
              [default: worker]
              [possible values: worker, in-process]

          --require-isolation <LEAST>
              Run nothing with less than this: `process` is a process of its own with resource limits,
              `full` also Landlock and a filter of system calls; `none` is needed for `--isolation
              in-process`
              
              [default: process]
              [possible values: none, process, full]

      -h, --help
              Print help (see a summary with '-h')
    ");
}
