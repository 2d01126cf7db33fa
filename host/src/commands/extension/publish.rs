//! `hostler extension publish`: from a folder to a version that hosts can have, in one.

use std::path::PathBuf;

use clap::Args;
use hostler_contract::definition::MediaLink;
use hostler_contract::registration::{ListedImage, RequestId};
use hostler_contract::{Checked, DefinitionFile, Finding, Place, Refused, codes, escape};
use hostler_package::{PackError, PackOptions, Packed};
use hostler_publish::Client;

use super::find_definition;
use super::operation::{QuietOption, WaitOption, finish};
use super::send::{named, with_warnings};
use crate::commands::failure::{Failure, Reply, to_json};
use crate::commands::lint::lint;
use crate::commands::packed_definition::is_for;
use crate::commands::place::file_name;
use crate::commands::repository_option::{RepositoryOption, block_on};

/// Pack a folder, put the package into the repository, register it as a new extension or as a further version, and wait
/// until hosts can have it. Done again with the same folder it does nothing.
#[derive(Debug, Args)]
pub(super) struct PublishArgs {
    /// The folder, with HandlerManifest.json at its root.
    dir: PathBuf,
    /// The version, as in 1.0.0.0; the definition has to say the same.
    version: String,
    /// The definition file [default: definition.xml in the folder, or a manifest.xml there that is one].
    #[arg(long, value_name = "FILE")]
    definition: Option<PathBuf>,
    /// The folder to write the package to; made if it is missing.
    #[arg(long, default_value = "build")]
    out: PathBuf,
    /// What paths in `references` are relative to [default: the git repository of the folder, else its parent].
    #[arg(long)]
    references_root: Option<PathBuf>,
    /// Return as soon as the repository has accepted it.
    #[arg(long)]
    no_wait: bool,
    /// How long to wait at most, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 21_600)]
    patience: u64,
    #[command(flatten)]
    quiet: QuietOption,
    #[command(flatten)]
    repository: RepositoryOption,
}

pub(super) fn publish(args: &PublishArgs, json: bool) -> Result<Reply, Failure> {
    let path = match &args.definition {
        Some(path) => path.clone(),
        None => find_definition::in_folder(&args.dir)?,
    };
    let Checked { value: file, warnings } = find_definition::read(&path)?;
    is_for(&file, &path, &args.version)?;
    let client = args.repository.client()?;
    let (packed, more) = pack(args, &file)?;
    let zip_name = file_name(&packed.path);
    let link = client.blob_address(&zip_name);
    let link =
        MediaLink::parse(&link).map_err(|(what, hint)| Failure::usage(codes::USAGE, "--endpoint", what, hint))?;
    let file = DefinitionFile {
        body: file.with_media_link(&link),
        image: hostler_contract::ExtensionImage {
            media_link: Some(link),
            ..file.image
        },
    };
    // What is missing is known before anything is sent.
    Refused::unless_only_warnings(file.image.check_new(&file_name(&path)))?;
    let wait = WaitOption {
        wait: !args.no_wait,
        patience: args.patience,
    };
    let of = named(&file);
    let reply = block_on(async {
        let known = client.list().await?.value.images;
        if let Some(there) = known.iter().find(|listed| is_same_version(listed, &file)) {
            return already_there(there, &packed, &file, json);
        }
        let bytes = std::fs::read(&packed.path)
            .map_err(|error| Failure::host(error, "look at the folder of `--out`: the package was just there"))?;
        client.put_blob(&zip_name, bytes).await?;
        let id = send(&client, &known, &file).await?;
        finish(&client, id, &of, &wait, args.quiet.quiet, json, "published").await
    })?;
    Ok(with_warnings(reply, &[warnings, more].concat()))
}

fn pack(args: &PublishArgs, file: &DefinitionFile) -> Result<(Packed, Vec<Finding>), Failure> {
    let options = PackOptions {
        name: Some(file.image.handler_name()),
        out: args.out.clone(),
        references_root: args.references_root.clone(),
        ..PackOptions::default()
    };
    let failed = |error| match error {
        PackError::Refused(refused) => Failure::Refused(refused),
        error @ PackError::Io { .. } => Failure::host(error, "look at the folder's name, permissions and space"),
    };
    let built = hostler_package::build(&args.dir, &args.version, &options).map_err(failed)?;
    let warnings = Refused::unless_only_warnings(lint(built.package(), built.warnings().to_vec()))?;
    Ok((built.write().map_err(failed)?, warnings))
}

/// A new extension is registered; of a known one it is a further version.
async fn send(client: &Client, known: &[ListedImage], file: &DefinitionFile) -> Result<RequestId, Failure> {
    let name = file.image.handler_name();
    let is_known = known.iter().any(|listed| listed.image.handler_name() == name);
    Ok(match is_known {
        true => client.update(&file.image, &file.body).await?,
        false => client.register(&file.image, &file.body).await?,
    })
}

fn is_same_version(listed: &ListedImage, file: &DefinitionFile) -> bool {
    listed.image.handler_name() == file.image.handler_name() && listed.image.version == file.image.version
}

/// The same package again is no fault; another one for the same version is.
fn already_there(there: &ListedImage, packed: &Packed, file: &DefinitionFile, json: bool) -> Result<Reply, Failure> {
    let name = file.image.handler_name();
    let digest = packed.digest.to_string();
    if there.package_sha256.as_deref() == Some(&*digest) {
        let text = match json {
            true => to_json(&serde_json::json!({"status": "Succeeded", "requestId": null})),
            false => {
                escape(&format!(
                    "{name} {}: published already, with the same bytes",
                    file.image.version
                )) + "\n"
            }
        };
        return Ok(Reply::done(text));
    }
    let what = format!(
        "version {} of {name} is there already, with another package",
        file.image.version
    );
    let hint = "give what has changed a new version: the package of a version never changes";
    let finding = Finding::refusal(codes::REPO_REFUSED, "repository", Place::Whole, what, hint);
    Err(Refused::new(finding).into())
}
