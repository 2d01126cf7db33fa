//! `hostler-repository export` and `import`: what hosts of a region fetch, to a folder and from there to another place.

use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use crate::published::{MirrorError, Mirrored, mirror};
use crate::stores::{RegionName, Store, StoreError};

/// Copy what hosts of a region fetch into a folder, for a network without another way in
///
/// Everything is checked on its way. Told again with the same folder it copies what is new, and takes out what is gone. Hosts
/// can be pointed at the folder itself.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// The store of the region: the folder, `az:` or `s3:` URL that `serve --region` was told; without `--region` the
    /// store in the data folder, DIR/store
    store: String,
    /// The folder to copy to; made where it is missing
    to: PathBuf,
    /// The region
    #[arg(long, value_name = "NAME", default_value = "Local")]
    region: RegionName,
    #[command(flatten)]
    keys: KeyOption,
}

/// Copy an exported folder to where hosts fetch from: another folder, or a bucket
///
/// Everything is checked on its way. Nothing is registered: the target is a mirror, which needs no server.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// The folder that `export` made
    from: PathBuf,
    /// The place to copy to: a folder, az://CONTAINER/PREFIX or s3://BUCKET/PREFIX
    to: String,
    #[command(flatten)]
    keys: KeyOption,
}

/// Who has to have signed what is copied.
#[derive(Debug, Args)]
struct KeyOption {
    /// A public key, of which one has to have signed the index; may be given again [default: no signature is asked for]
    #[arg(long = "key", value_name = "KEY", value_parser = public_key)]
    keys: Vec<String>,
}

pub(super) async fn export(args: ExportArgs) -> Result<String, Failure> {
    let store = Store::open(&args.store).map_err(|error| place(error, "name the store of the region"))?;
    let from = store.under("published").under(args.region.short());
    let to = Store::folder(&args.to).map_err(|error| place(error, "name a folder that you may write in"))?;
    copied(mirror(&from, &to, &args.keys.keys).await)
}

pub(super) async fn import(args: ImportArgs) -> Result<String, Failure> {
    if !args.from.is_dir() {
        let what = format!("{} is not a folder", args.from.display());
        return Err(Failure::usage(
            &what,
            "name the folder that `hostler-repository export` made",
        ));
    }
    let from = Store::folder(&args.from).map_err(|error| place(error, "name a folder that you may read"))?;
    let to = Store::open(&args.to).map_err(|error| place(error, "name a folder, az://CONTAINER or s3://BUCKET"))?;
    copied(mirror(&from, &to, &args.keys.keys).await)
}

fn copied(mirrored: Result<Mirrored, MirrorError>) -> Result<String, Failure> {
    let what = "it was not copied, or not all of it";
    let done = mirrored.map_err(|error| match error {
        MirrorError::Store(error) => Failure::own(what, error, "look at the two places, and try again"),
        MirrorError::Changing => Failure::own(what, error, "try again when less is registered"),
        _ => Failure::refused(what, error, "look at where it comes from, and at who may write there"),
    })?;
    let index = match done.index {
        Some(version) => format!("index {version}"),
        None => "no index".to_owned(),
    };
    Ok(format!(
        "{} manifests, {index}; packages: {} copied, {} there already, {} removed\n",
        done.manifests, done.copied, done.present, done.removed
    ))
}

fn place(error: StoreError, hint: &str) -> Failure {
    Failure::refused("a place cannot be used", error, hint)
}

/// 64 hexadecimal digits.
fn public_key(text: &str) -> Result<String, String> {
    let mut key = [0; 32];
    match hex::decode_to_slice(text, &mut key) {
        Ok(()) => Ok(text.to_ascii_lowercase()),
        Err(_) => Err("a key is 64 hexadecimal digits, as `hostler-repository index key list` prints them".to_owned()),
    }
}
