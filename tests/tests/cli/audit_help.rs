//! `--help` of `audit` and of what it has below it.

use crate::help::help;

#[test]
fn audit() {
    insta::assert_snapshot!(help(&["audit"]), @"
    exit code 0
    --- stdout
    Show what hostler decided and did in a root, and look whether that log is whole

    Usage: hostler audit [OPTIONS] <COMMAND>

    Commands:
      show    Show the lines of the log, the oldest first; with --json as they stand there, one JSON
              object a line
      verify  Look whether lines were changed, removed, added or moved. The exit code is 1 if so
      help    Print this message or the help of the given subcommand(s)

    Options:
          --json  Print the result as JSON on standard output
      -h, --help  Print help
    ");
    insta::assert_snapshot!(help(&["audit", "show"]), @"
    exit code 0
    --- stdout
    Show the lines of the log, the oldest first; with --json as they stand there, one JSON object a line

    Usage: hostler audit show [OPTIONS]

    Options:
          --json               Print the result as JSON on standard output
          --root <DIR>         The root [default: /var/lib/hostler for root, else `hostler` in the
                               user's folder for state]
          --handler <HANDLER>  Only what is about this handler: Publisher.Type, or Publisher.Type-1.0
                               for one version
          --since <SEQUENCE>   Only lines from this number on [default: 0]
      -h, --help               Print help
    ");
    insta::assert_snapshot!(help(&["audit", "verify"]), @"
    exit code 0
    --- stdout
    Look whether lines were changed, removed, added or moved. The exit code is 1 if so.

    Every line holds the hash of the line before it, and the host's state knows the last one. Who can
    write in the whole root can make all of that anew; what finds this too is a line that was kept
    elsewhere (--anchor). Works beside an `apply`.

    Usage: hostler audit verify [OPTIONS]

    Options:
          --json
              Print the result as JSON on standard output

          --root <DIR>
              The root [default: /var/lib/hostler for root, else `hostler` in the user's folder for
              state]

          --anchor <SEQUENCE:HASH>
              A line that has to be there: what an earlier `verify` said the log ends with

      -h, --help
              Print help (see a summary with '-h')
    ");
}
