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

          --launcher
              Make a package that the native agent can install: with a launcher in it that runs the
              handler in the sandbox

          --launcher-binary <FILE>
              The launcher to put into it: a `hostler` for the machines that the package is for
              [default: this one]

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

#[test]
fn sign() {
    insta::assert_snapshot!(help(&["sign"]), @"
    exit code 0
    --- stdout
    Sign a package: print the signature that goes into a goal state as `encodedSignature`.

    It is CMS in DER, detached, over the bytes of the zip, in base64. The manifest has to say in
    `signingInfo` which handler it is, since the signature is worth nothing for another one.

    Usage: hostler sign [OPTIONS] --cert <FILE> --key <FILE> <PACKAGE>

    Arguments:
      <PACKAGE>
              The package: a zip

    Options:
          --cert <FILE>
              The certificate in PEM, with those between it and its root behind it

          --json
              Print the result as JSON on standard output

          --key <FILE>
              Its private key in PEM, without a passphrase

          --handler <PUBLISHER.TYPE-VERSION>
              Which handler it is, as Publisher.Type-1.0 [default: by the package's file name]

      -h, --help
              Print help (see a summary with '-h')
    ");
}

#[test]
fn settings() {
    insta::assert_snapshot!(help(&["settings"]), @"
    exit code 0
    --- stdout
    Make settings for tests and trials

    Usage: hostler settings [OPTIONS] <COMMAND>

    Commands:
      seal  Encrypt protected settings for a certificate, and print the settings file that holds them
      help  Print this message or the help of the given subcommand(s)

    Options:
          --json  Print the result as JSON on standard output
      -h, --help  Print help
    ");
}

#[test]
fn settings_seal() {
    insta::assert_snapshot!(help(&["settings", "seal"]), @"
    exit code 0
    --- stdout
    Encrypt protected settings for a certificate, and print the settings file that holds them.

    What is encrypted is read from a file or from standard input, and never from the command line, which
    others can see.

    Usage: hostler settings seal [OPTIONS] --cert <FILE> --in <FILE>

    Options:
          --cert <FILE>
              The certificate to encrypt for, in PEM or DER; an RSA key has to belong to it

          --json
              Print the result as JSON on standard output

          --in <FILE>
              The protected settings, a JSON object; `-` for standard input

          --public <FILE>
              Public settings that go with them: a settings file, or just public settings

      -h, --help
              Print help (see a summary with '-h')
    ");
}

#[test]
fn inspect() {
    insta::assert_snapshot!(help(&["inspect"]), @"
    exit code 0
    --- stdout
    Show what a package is, what it asks for and what it would get, without running anything of it

    Usage: hostler inspect [OPTIONS] <PACKAGE>

    Arguments:
      <PACKAGE>  The package: a zip

    Options:
          --handler <PUBLISHER.TYPE-VERSION>
              Which handler it is, as Publisher.Type-1.0 [default: by the package's file name]
          --json
              Print the result as JSON on standard output
          --signature <FILE>
              The package's signature, as `hostler sign` writes it [default: none]
          --policy <FILE>
              The operator's policy that decides what it would get [default: nothing but its own
              folders]
      -h, --help
              Print help
    ");
}
