//! What publishers use: `--help`, a lint, and what is said when nobody says where the repository is. What the commands do
//! with a repository is tested there.

use crate::help::help;
use crate::workbench::Workbench;

#[test]
fn extension() {
    insta::assert_snapshot!(help(&["extension"]), @r"
    exit code 0
    --- stdout
    Register versions of extensions in a repository, and see to them

    Usage: hostler extension [OPTIONS] <COMMAND>

    Commands:
      publish      Pack a folder, put the package into the repository, register it as a new extension or
                   as a further version, and wait until hosts can have it. Done again with the same
                   folder it does nothing
      lint         Check a definition file, and the package that belongs to it, without a repository
      add          Register a new extension with its first version
      update       Add a version to a known extension, or change what may change of a known version
      check        Ask how far an operation is
      list         List all versions of the publisher, internal ones too
      get          Show the versions of one extension as those see them who install it
      replication  Show in which regions a version has arrived
      promote      Make a version public in some regions, besides those that it is public in, or in all
                   of them
      unpublish    Make a version internal again: only who asks for exactly it gets it
      delete       Remove an internal version
      help         Print this message or the help of the given subcommand(s)

    Options:
          --json  Print the result as JSON on standard output
      -h, --help  Print help
    ");
}

#[test]
fn publish() {
    insta::assert_snapshot!(help(&["extension", "publish"]), @r"
    exit code 0
    --- stdout
    Pack a folder, put the package into the repository, register it as a new extension or as a further
    version, and wait until hosts can have it. Done again with the same folder it does nothing

    Usage: hostler extension publish [OPTIONS] <DIR> <VERSION>

    Arguments:
      <DIR>      The folder, with HandlerManifest.json at its root
      <VERSION>  The version, as in 1.0.0.0; the definition has to say the same

    Options:
          --definition <FILE>
              The definition file [default: definition.xml in the folder, or a manifest.xml there that
              is one]
          --json
              Print the result as JSON on standard output
          --out <OUT>
              The folder to write the package to; made if it is missing [default: build]
          --references-root <REFERENCES_ROOT>
              What paths in `references` are relative to [default: the git repository of the folder,
              else its parent]
          --no-wait
              Return as soon as the repository has accepted it
          --patience <SECONDS>
              How long to wait at most, in seconds [default: 21600]
      -q, --quiet
              Print the request id and nothing else
      -h, --help
              Print help

    Repository:
          --endpoint <URL>     Address of the repository, https://host:port [default: ENDPOINT]
          --subscription <ID>  The publisher's account [default: SUBSCRIPTION]
          --cert <PEM>         File in PEM form with the publisher's certificate and its key [default:
                               CERT]
          --ca <PEM>           File in PEM form with certificates to trust besides the system's
                               [default: CURL_CA_BUNDLE]
          --params <FILE>      Settings file: lines NAME=value with the names above
    ");
}

#[test]
fn promote() {
    insta::assert_snapshot!(help(&["extension", "promote"]), @r"
    exit code 0
    --- stdout
    Make a version public in some regions, besides those that it is public in, or in all of them

    Usage: hostler extension promote [OPTIONS] <NAMESPACE> <TYPE> <VERSION>

    Arguments:
      <NAMESPACE>  The provider's namespace
      <TYPE>       The extension's type
      <VERSION>    The version

    Options:
          --json                Print the result as JSON on standard output
          --region <REGION>     A region; may be given again
          --all-regions         All regions, those of the future too
          --wait                Wait until the operation has ended, and say how it goes on standard
                                error
          --patience <SECONDS>  How long to wait at most, in seconds [default: 21600]
      -q, --quiet               Print the request id and nothing else
      -h, --help                Print help

    Repository:
          --endpoint <URL>     Address of the repository, https://host:port [default: ENDPOINT]
          --subscription <ID>  The publisher's account [default: SUBSCRIPTION]
          --cert <PEM>         File in PEM form with the publisher's certificate and its key [default:
                               CERT]
          --ca <PEM>           File in PEM form with certificates to trust besides the system's
                               [default: CURL_CA_BUNDLE]
          --params <FILE>      Settings file: lines NAME=value with the names above
    ");
}

#[test]
fn blob_put() {
    insta::assert_snapshot!(help(&["blob", "put"]), @r"
    exit code 0
    --- stdout
    Put a package into the repository. Another one under the same name is never replaced

    Usage: hostler blob put [OPTIONS] <ZIP>

    Arguments:
      <ZIP>  The package; it is checked before it is sent

    Options:
          --json         Print the result as JSON on standard output
          --name <NAME>  What it is called in the repository [default: the file's name]
      -h, --help         Print help

    Repository:
          --endpoint <URL>     Address of the repository, https://host:port [default: ENDPOINT]
          --subscription <ID>  The publisher's account [default: SUBSCRIPTION]
          --cert <PEM>         File in PEM form with the publisher's certificate and its key [default:
                               CERT]
          --ca <PEM>           File in PEM form with certificates to trust besides the system's
                               [default: CURL_CA_BUNDLE]
          --params <FILE>      Settings file: lines NAME=value with the names above
    ");
}

#[test]
fn subscription() {
    insta::assert_snapshot!(help(&["subscription"]), @r"
    exit code 0
    --- stdout
    Show the publisher's account, and with it whether address, account and certificate fit together

    Usage: hostler subscription [OPTIONS]

    Options:
          --json  Print the result as JSON on standard output
      -h, --help  Print help

    Repository:
          --endpoint <URL>     Address of the repository, https://host:port [default: ENDPOINT]
          --subscription <ID>  The publisher's account [default: SUBSCRIPTION]
          --cert <PEM>         File in PEM form with the publisher's certificate and its key [default:
                               CERT]
          --ca <PEM>           File in PEM form with certificates to trust besides the system's
                               [default: CURL_CA_BUNDLE]
          --params <FILE>      Settings file: lines NAME=value with the names above
    ");
}

#[test]
fn a_definition_is_looked_at_without_a_repository() {
    let bench = Workbench::new();
    let definition = "<ExtensionImage xmlns=\"http://schemas.microsoft.com/windowsazure\">\n  <Type>Web</Type>\n  \
                      <ProviderNameSpace>Contoso_</ProviderNameSpace>\n  <Version>%VERSION%</Version>\n</ExtensionImage>\n";
    let path = bench.write("definition.xml", definition);
    let said = bench.hostler(&["extension", "lint", path.to_str().unwrap()]);
    insta::assert_snapshot!(said.all(), @r"
    exit code 3
    --- stdout
    [HERE]/definition.xml: refused
    --- stderr
    refused: `ProviderNameSpace`: `Contoso_` is not a name: it has an underscore [definition.value]
      at definition.xml:3:3
      write ASCII letters, digits, `-`, and `.` between parts, fewer than 256 characters, for example Contoso.Web
    refused: `Version`: `%VERSION%` is of a template that was not filled in [definition.template]
      at definition.xml:4:3
      fill it in
    ");
}

#[test]
fn a_repository_that_nobody_named_is_asked_for() {
    insta::assert_snapshot!(Workbench::new().hostler(&["extension", "list"]).all(), @r"
    exit code 3
    --- stderr
    refused: it is not set [publish.settings]
      at ENDPOINT
      give `--endpoint`, a line in the file of `--params`, or the variable ENDPOINT
    refused: it is not set [publish.settings]
      at SUBSCRIPTION
      give `--subscription`, a line in the file of `--params`, or the variable SUBSCRIPTION
    refused: it is not set [publish.settings]
      at CERT
      give `--cert`, a line in the file of `--params`, or the variable CERT
    ");
}
