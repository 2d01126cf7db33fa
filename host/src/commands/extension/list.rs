//! `hostler extension list` and `hostler extension get`.

use clap::Args;
use hostler_contract::definition::Regions;
use hostler_contract::registration::ListedImage;
use hostler_contract::{ExtensionImage, escape};
use serde::Serialize;

use super::send::with_warnings;
use crate::commands::columns::columns;
use crate::commands::failure::{Failure, Reply, to_json};
use crate::commands::repository_option::{RepositoryOption, block_on};

/// List all versions of the publisher, internal ones too.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    repository: RepositoryOption,
}

/// Show the versions of one extension as those see them who install it.
#[derive(Debug, Args)]
pub(super) struct GetArgs {
    /// The provider's namespace.
    #[arg(value_name = "NAMESPACE")]
    namespace: String,
    /// The extension's type.
    #[arg(value_name = "TYPE")]
    type_name: String,
    #[command(flatten)]
    repository: RepositoryOption,
}

/// A version as `--json` prints it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    namespace: String,
    r#type: String,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    internal: bool,
    /// `null` where nothing is said of regions, an empty list for all of them.
    regions: Option<Vec<String>>,
    replicated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
}

pub(super) fn list(args: &ListArgs, json: bool) -> Result<Reply, Failure> {
    let client = args.repository.client()?;
    let list = block_on(async { Ok(client.list().await?) })?;
    let rows: Vec<Row> = list.value.images.iter().map(row).collect();
    Ok(with_warnings(reply(&rows, json), &list.warnings))
}

pub(super) fn get(args: &GetArgs, json: bool) -> Result<Reply, Failure> {
    let client = args.repository.client()?;
    let list = block_on(async { Ok(client.versions(&args.namespace, &args.type_name).await?) })?;
    let rows: Vec<Row> = list
        .extensions
        .into_iter()
        .map(|extension| Row {
            namespace: extension.publisher,
            r#type: extension.name,
            version: extension.version,
            label: extension.label,
            internal: extension.is_internal_extension == Some(true),
            regions: extension.regions.map(|text| split(&text)),
            replicated: extension.replication_completed,
            published: extension.published_date,
            sha256: None,
            size: None,
        })
        .collect();
    Ok(reply(&rows, json))
}

fn row(listed: &ListedImage) -> Row {
    let ExtensionImage { regions, .. } = &listed.image;
    Row {
        namespace: listed.image.provider_namespace.as_str().to_owned(),
        r#type: listed.image.type_name.as_str().to_owned(),
        version: listed.image.version.as_str().to_owned(),
        label: listed.image.label.clone(),
        internal: listed.image.is_internal_extension == Some(true),
        regions: regions.as_ref().map(|regions| match regions {
            Regions::All => Vec::new(),
            Regions::Listed(names) => names.clone(),
        }),
        replicated: listed.image.replication_completed == Some(true),
        published: listed.image.published_date.clone(),
        sha256: listed.package_sha256.clone(),
        size: listed.package_size,
    }
}

fn split(text: &str) -> Vec<String> {
    let names = text.split(';').map(str::trim).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

fn reply(rows: &[Row], json: bool) -> Reply {
    if json {
        return Reply::done(to_json(&rows));
    }
    if rows.is_empty() {
        return Reply::done("There are no versions.\n".to_owned());
    }
    let cells = rows.iter().map(|row| {
        let seen = match (row.internal, row.regions.as_deref()) {
            (true, _) => "internal".to_owned(),
            (false, None | Some([])) => "everywhere".to_owned(),
            (false, Some(names)) => names.join("; "),
        };
        [
            escape(&format!("{}.{}", row.namespace, row.r#type)),
            escape(&row.version),
            escape(&seen),
            if row.replicated { "yes" } else { "not yet" }.to_owned(),
            row.sha256.as_deref().unwrap_or("-").chars().take(12).collect(),
        ]
    });
    let heads = ["EXTENSION", "VERSION", "SEEN", "REPLICATED", "SHA-256"];
    Reply::done(columns(heads, cells.collect()))
}
