//! `--help` of what authors and publishers use.

use crate::help::help;

#[test]
fn check() {
    insta::assert_snapshot!(help(&["check"]), @"
    exit code 0
    --- stdout
    Check a package, a folder that is to become one, or a single file of the contract

    Usage: hostler check [OPTIONS] <PATH>

    Arguments:
      <PATH>  A zip, a folder, or a file such as HandlerManifest.json, 0.settings or 0.status

    Options:
          --json         Print the result as JSON on standard output
          --kind <KIND>  What kind of file it is: handler-manifest, handler-env, settings, status,
                         heartbeat, vm-settings, extensions-config, goal-state, version-manifest or
                         definition [default: by the file's name]
      -h, --help         Print help
    ");
}

#[test]
fn pack() {
    insta::assert_snapshot!(help(&["pack"]), @r"
    exit code 0
    --- stdout
    Make a package from a folder: the same folder gives the same bytes.

    WASI preview 1 modules that a command names are made components, with their exit codes kept.
    `references` (paths to copy into the package's root) and the folders and files that the old
    publishing script left out are honoured.

    Usage: hostler pack [OPTIONS] <DIR> <VERSION>

    Arguments:
      <DIR>
              The folder, with HandlerManifest.json at its root

      <VERSION>
              The version, as in 1.0 or 1.2.3.4

    Options:
          --json
              Print the result as JSON on standard output

          --name <NAME>
              What the package is called before its version, usually Publisher.Type [default: the
              folder's name]

          --out <OUT>
              The folder to write the package to; made if it is missing
              
              [default: build]

          --references-root <REFERENCES_ROOT>
              What paths in `references` are relative to [default: the git repository of the folder,
              else its parent]

          --definition <FILE>
              The definition file: its version has to be the same, and a copy of it goes beside the
              package as NAME-VERSION.xml

          --media-base <URL>
              Where the package will lie; the copy of the definition has this and the package's name as
              its MediaLink

      -h, --help
              Print help (see a summary with '-h')
    ");
}

#[test]
fn completions() {
    insta::assert_snapshot!(help(&["completions"]), @r"
    exit code 0
    --- stdout
    Print a completion script for a shell

    Usage: hostler completions [OPTIONS] <SHELL>

    Arguments:
      <SHELL>  Which shell [possible values: bash, elvish, fish, powershell, zsh]

    Options:
          --json  Print the result as JSON on standard output
      -h, --help  Print help
    ");
}
