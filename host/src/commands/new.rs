//! `hostler new`: a handler's project that builds, tests and packs at once.

mod name;
mod project;
mod templates;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use hostler_contract::{Finding, Place, Refused, codes, escape};
use serde::Serialize;

use super::failure::{Failure, Reply, to_json};
use project::Project;

/// Make a project for a handler: source, manifest, settings, tests, a README and an example for a CI server.
///
/// It builds with its ./build.sh, passes `hostler test package` and is packed with `hostler pack package VERSION`. In Rust it
/// stands on `hostler-sdk`, whose sources are named by --sdk as long as it is not published.
#[derive(Debug, Args)]
pub(super) struct NewArgs {
    /// Name of the project and of its folder: small letters, digits and hyphens.
    name: String,
    /// What it is written in.
    #[arg(long, value_enum, default_value = "rust")]
    language: Language,
    /// Who the handler is, as Publisher.Type [default: Example. and the name].
    #[arg(long, value_name = "PUBLISHER.TYPE")]
    handler: Option<String>,
    /// The folder that the project's folder is made in.
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// The folder of the sources of hostler-sdk [default: guest-sdk in the sources that this hostler was built from].
    #[arg(long, value_name = "DIR")]
    sdk: Option<PathBuf>,
}

/// A language that there is a template for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Language {
    /// With hostler-sdk.
    Rust,
    /// With clang and wasi-libc.
    C,
    /// With Go's own compiler.
    Go,
    /// With componentize-qjs.
    Javascript,
    /// With componentize-py.
    Python,
}

/// The result as `--json` prints it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    path: String,
    language: Language,
    handler: String,
    files: Vec<String>,
}

pub(super) fn new(args: &NewArgs, json: bool) -> Result<Reply, Failure> {
    name::check(&args.name)?;
    let handler = name::handler(args.handler.as_deref(), &args.name)?;
    let sdk = match args.language {
        Language::Rust => Some(sdk(args.sdk.as_deref())?),
        _ => None,
    };
    let project = Project::new(&args.name, args.language, &handler, sdk.as_deref());
    let path = args.out.join(&args.name);
    project.write(&path)?;
    let made = Made {
        path: path.display().to_string(),
        language: args.language,
        handler: handler.to_string(),
        files: project.files().map(str::to_owned).collect(),
    };
    if json {
        return Ok(Reply::done(to_json(&made)));
    }
    let mut text = format!("{}\n", escape(&made.path));
    for file in &made.files {
        text += &format!("  {file}\n");
    }
    text += &format!(
        "next:\n  cd {}\n  ./build.sh\n  hostler test package\n  hostler pack package 1.0.0 --name {handler}\n",
        escape(&made.path)
    );
    Ok(Reply::done(text))
}

/// The folder of the SDK's sources: the one that was `named`, or the one beside the sources of this program, where they are
/// still there.
fn sdk(named: Option<&Path>) -> Result<PathBuf, Failure> {
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest-sdk");
    let folder = named.map_or(built_from, Path::to_owned);
    let manifest = folder.join("Cargo.toml");
    let is_sdk = std::fs::read_to_string(&manifest).is_ok_and(|text| text.contains("name = \"hostler-sdk\""));
    match folder.canonicalize() {
        Ok(folder) if is_sdk => Ok(folder),
        _ => {
            let what = "the sources of hostler-sdk are not there";
            let hint = "name the folder `guest-sdk` of hostler's sources with `--sdk DIR`";
            let file = folder.display().to_string();
            Err(Refused::new(Finding::refusal(codes::NEW_SDK, &file, Place::Whole, what, hint)).into())
        }
    }
}
