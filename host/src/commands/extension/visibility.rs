//! `hostler extension promote` and `hostler extension unpublish`: who sees a version.

use clap::Args;
use hostler_contract::definition::{Regions, same_region};
use hostler_contract::{ExtensionImage, Finding, Place, Refused, Version, codes};
use hostler_publish::Client;

use super::operation::{NamedVersion, QuietOption, WaitOption, finish};
use crate::commands::failure::{Failure, Reply};
use crate::commands::repository_option::{RepositoryOption, block_on};

/// The agent's own packages: they are given to machines by other means, and stay internal when they are promoted.
const STAYS_INTERNAL: &str = "Microsoft.OSTCLinuxAgent";

/// Make a version public in some regions, besides those that it is public in, or in all of them.
#[derive(Debug, Args)]
pub(super) struct PromoteArgs {
    #[command(flatten)]
    of: NamedVersion,
    /// A region; may be given again.
    #[arg(long = "region", value_name = "REGION", required_unless_present = "all_regions")]
    regions: Vec<String>,
    /// All regions, those of the future too.
    #[arg(long, conflicts_with = "regions")]
    all_regions: bool,
    #[command(flatten)]
    wait: WaitOption,
    #[command(flatten)]
    quiet: QuietOption,
    #[command(flatten)]
    repository: RepositoryOption,
}

/// Make a version internal again: only who asks for exactly it gets it.
#[derive(Debug, Args)]
pub(super) struct UnpublishArgs {
    #[command(flatten)]
    of: NamedVersion,
    #[command(flatten)]
    wait: WaitOption,
    #[command(flatten)]
    quiet: QuietOption,
    #[command(flatten)]
    repository: RepositoryOption,
}

pub(super) fn promote(args: &PromoteArgs, json: bool) -> Result<Reply, Failure> {
    let client = args.repository.client()?;
    let added = match args.all_regions {
        true => Regions::All,
        false => {
            let wrong = |what| Failure::usage(codes::USAGE, "--region", what, "write names of regions");
            Regions::parse(&args.regions.join(";")).map_err(wrong)?
        }
    };
    block_on(async {
        let known = listed(&client, &args.of).await?;
        let image = ExtensionImage {
            is_internal_extension: Some(known.provider_namespace.as_str() == STAYS_INTERNAL),
            regions: Some(together(&known, added)),
            replication_completed: None,
            ..known
        };
        let id = client.update(&image, &image.to_xml()).await?;
        finish(&client, id, &args.of, &args.wait, args.quiet.quiet, json, "promoted").await
    })
}

pub(super) fn unpublish(args: &UnpublishArgs, json: bool) -> Result<Reply, Failure> {
    let client = args.repository.client()?;
    block_on(async {
        let id = make_internal(&client, &args.of).await?;
        finish(&client, id, &args.of, &args.wait, args.quiet.quiet, json, "internal").await
    })
}

/// Asks for a version to be made internal, with as little as that takes.
pub(super) async fn make_internal(
    client: &Client,
    of: &NamedVersion,
) -> Result<hostler_contract::registration::RequestId, Failure> {
    let known = listed(client, of).await?;
    let image = ExtensionImage {
        is_internal_extension: Some(true),
        is_json_extension: known.is_json_extension.filter(|json| *json),
        ..ExtensionImage::of(known.provider_namespace, known.type_name, known.version)
    };
    Ok(client.update(&image, &image.to_xml()).await?)
}

/// The regions of a public version and those that are added; an internal one begins anew.
fn together(known: &ExtensionImage, added: Regions) -> Regions {
    let so_far = known
        .regions
        .as_ref()
        .filter(|_| known.is_internal_extension != Some(true));
    match (so_far, added) {
        (Some(Regions::Listed(so_far)), Regions::Listed(added)) => {
            let mut names = so_far.clone();
            for name in added {
                if !names.iter().any(|other| same_region(other, &name)) {
                    names.push(name);
                }
            }
            Regions::Listed(names)
        }
        (_, added) => added,
    }
}

/// What the repository has of a version.
async fn listed(client: &Client, of: &NamedVersion) -> Result<ExtensionImage, Failure> {
    let version = Version::parse(&of.version)
        .map_err(|error| Failure::usage(codes::USAGE, "<VERSION>", error.what(), error.hint()))?;
    let list = client.list().await?.value;
    let is_it = |image: &ExtensionImage| {
        image.provider_namespace.as_str() == of.namespace
            && image.type_name.as_str() == of.type_name
            && image.version == version
    };
    let found = list.images.into_iter().find(|listed| is_it(&listed.image));
    found.map(|listed| listed.image).ok_or_else(|| {
        let what = format!(
            "there is no version {} of {}.{}",
            of.version, of.namespace, of.type_name
        );
        let hint = "`hostler extension list` shows what there is";
        let finding = Finding::refusal(codes::REPO_REFUSED, "repository", Place::Whole, what, hint);
        Refused::new(finding).into()
    })
}
