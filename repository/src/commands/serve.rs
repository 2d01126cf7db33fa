//! `hostler-repository serve`: the server, until it is told to stop.

use std::fs::DirBuilder;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::database_option::{DatabaseOption, absolute};
use super::failure::Failure;
use crate::admission::Checker;
use crate::context::{Context, Settings};
use crate::media::{AllowedHost, AllowedHosts, MediaFetcher};
use crate::operations::{Runner, tend};
use crate::published::{KeyFolder, LIFETIME, Publisher};
use crate::records::{Dialect, Records};
use crate::replication::Replicator;
use crate::server::{CertificateFiles, Metrics, Server, ServerLimits, server_config};
use crate::server_identity::ServerIdentity;
use crate::stores::{Packages, Regions};
use crate::surroundings::Surroundings;

/// Versions of a subscription, as documented for the service that came before.
const VERSION_QUOTA: i64 = 15;

/// Days after which an upload that no version has is removed.
const UNUSED_UPLOADS: u32 = 30;

const DAY: Duration = Duration::from_hours(24);

/// Serve publishers, hosts and people over HTTPS, until SIGTERM
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    database: DatabaseOption,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8443")]
    listen: String,
    /// File in PEM form with the server's certificate, and those that signed it after it
    #[arg(
        long,
        value_name = "PEM",
        requires = "tls_key",
        required_unless_present = "tls_self_signed"
    )]
    tls_cert: Option<PathBuf>,
    /// File in PEM form with the certificate's key
    #[arg(long, value_name = "PEM", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Make a certificate that nobody signed; clients trust it by DIR/tls/cert.pem
    #[arg(long, conflicts_with_all = ["tls_cert", "tls_key"])]
    tls_self_signed: bool,
    /// A region and its store; may be given again [default: Local, a folder in the data folder]
    ///
    /// A store is a folder (`file:///srv/west` or a path), `az://CONTAINER/PREFIX` or `s3://BUCKET/PREFIX`; what opens the
    /// latter two comes from variables such as AZURE_STORAGE_ACCOUNT_NAME and AWS_ACCESS_KEY_ID.
    #[arg(long = "region", value_name = "NAME=STORE_URL")]
    regions: Vec<String>,
    /// Where hosts of a region fetch from, if not where its manifests lie; may be given again
    #[arg(long = "region-url", value_name = "NAME=URL")]
    region_urls: Vec<String>,
    /// A host from which packages may be fetched by MediaLink; may be given again
    #[arg(long = "media-host", value_name = "HOST[:PORT]")]
    media_hosts: Vec<AllowedHost>,
    /// Another name and port that clients reach this server by, so that a MediaLink with it is an upload here; may be
    /// given again
    #[arg(long = "public-name", value_name = "HOST[:PORT]")]
    public_names: Vec<String>,
    /// Versions that a subscription may have at one time, unless it has a number of its own
    #[arg(long, value_name = "COUNT", default_value_t = VERSION_QUOTA, value_parser = clap::value_parser!(i64).range(0..))]
    version_quota: i64,
    /// Days after which an upload that no version has is removed; 0 keeps all of them
    #[arg(long, value_name = "DAYS", default_value_t = UNUSED_UPLOADS, value_parser = clap::value_parser!(u32).range(..=36_500))]
    unused_uploads: u32,
}

pub(super) async fn serve(args: ServeArgs) -> Result<String, Failure> {
    let surroundings = Surroundings::default();
    let records = args.database.open(surroundings.clone()).await?;
    let data = absolute(&args.database.data)?;
    let starting = args.database.starting().await?;
    let identity = ServerIdentity::take(&data, &surroundings).map_err(|error| {
        let what = format!("{} could not be written", data.display());
        Failure::own(&what, error, "name a data folder that you may write in")
    })?;
    if identity.is_alone() {
        // What this server left behind when it died is nobody's: it need not wait for its own leases to run out.
        records.put_all_back(identity.id()).await?;
    }
    let host = args
        .listen
        .rsplit_once(':')
        .map_or("", |(host, _)| host)
        .trim_matches(['[', ']']);
    let files = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => CertificateFiles {
            certificate: certificate.clone(),
            key: key.clone(),
        },
        _ => CertificateFiles::self_signed(&data, host)?,
    };
    let tls = server_config(&files)?;
    let tcp = TcpListener::bind(&args.listen).await.map_err(|error| {
        let what = format!("{} cannot be listened on", args.listen);
        Failure::own(&what, error, "name an address of this machine and a port that is free")
    })?;
    let address = tcp
        .local_addr()
        .map_err(|error| Failure::own("the system does not say where the server listens", error, "try again"))?;
    let authorities = authorities(address, &args.public_names);
    let context = context(&args, records, data, &identity, surroundings).await?;
    drop(starting);
    context.records.add_addresses(&authorities).await?;
    let metrics = Arc::new(Metrics::default());
    let limits = ServerLimits::for_this_process();
    let (tell, stop) = watch::channel(false);
    stop_on_signal(tell)?;
    let runner = Runner::new(context.clone(), Arc::clone(&metrics));
    let running = tokio::spawn(runner.run(stop.clone(), limits.stop));
    let tending = tokio::spawn(tend(context.clone(), stop.clone()));
    let records = context.records.clone();
    let server = Server::new(context, limits, metrics, stop);
    say_address(&format!("https://{address}"));
    crate::server::serve(server, tcp, tls).await;
    for (what, task) in [("operations", running), ("published files", tending)] {
        if let Err(error) = task.await {
            tracing::error!(%error, what, "a part of the server ended early");
        }
    }
    records.close().await;
    tracing::info!("stopped");
    Ok(String::new())
}

/// Everything that requests and operations work with.
async fn context(
    args: &ServeArgs,
    records: Records,
    data: PathBuf,
    identity: &ServerIdentity,
    surroundings: Surroundings,
) -> Result<Context, Failure> {
    let hint = "`hostler-repository serve --help` shows how regions are written";
    let regions = Regions::open(&data, &args.regions, &args.region_urls)
        .map_err(|error| Failure::refused("the regions cannot be used", error, hint))?;
    let packages = Packages::new(regions.packages());
    let keys = KeyFolder::of_data(&data);
    // Servers that share a database have to share keys, which only their operator can see to.
    if records.dialect() == Dialect::Sqlite {
        keys.first()
            .map_err(|error| Failure::own("no key could be made for the index", error, "look at DIR/keys"))?;
    }
    let server = identity.id().to_owned();
    let publisher = Publisher::new(records.clone(), regions, keys, LIFETIME, server.clone())
        .await
        .map_err(|error| Failure::own("what hosts fetch cannot be written", error, "look at the database"))?;
    let no_client = |error: String| Failure::own("packages cannot be fetched", io::Error::other(error), "try again");
    let no_program = |error| Failure::own("packages cannot be checked", error, "mount /proc");
    let context = Context {
        replicator: Replicator::new(records.clone(), packages.clone(), publisher.clone()),
        settings: Settings {
            data,
            version_quota: args.version_quota,
            unused_uploads: (args.unused_uploads > 0).then(|| DAY * args.unused_uploads),
        },
        checker: Checker::of_this_process().map_err(no_program)?,
        fetcher: MediaFetcher::new(AllowedHosts::new(args.media_hosts.clone())).map_err(no_client)?,
        accepted: Arc::default(),
        records,
        surroundings,
        server,
        packages,
        publisher,
    };
    for region in context.regions().iter() {
        context.records.add_region(region.name.as_str()).await?;
    }
    let incoming = context.incoming();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&incoming)
        .map_err(|error| {
            let what = format!("{} cannot be made", incoming.display());
            Failure::own(&what, error, "look at the permissions of the data folder")
        })?;
    Ok(context)
}

/// The names and ports by which this server is reached.
fn authorities(address: SocketAddr, told: &[String]) -> Vec<String> {
    let mut authorities = told.to_vec();
    authorities.push(address.to_string());
    if address.ip().is_loopback() || address.ip().is_unspecified() {
        for name in ["localhost", "127.0.0.1", "[::1]"] {
            authorities.push(format!("{name}:{}", address.port()));
        }
    }
    authorities.sort();
    authorities.dedup();
    authorities
}

/// Tells everything to stop at SIGTERM or SIGINT.
fn stop_on_signal(tell: watch::Sender<bool>) -> Result<(), Failure> {
    let failed = |error| Failure::own("signals cannot be waited for", error, "try again");
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("told to stop: requests and steps that were begun come to their end");
        let _ = tell.send(true);
    });
    Ok(())
}

/// The one line for whoever started the server.
fn say_address(address: &str) {
    let mut out = io::stdout().lock();
    // Nobody may be listening any more; the server serves all the same.
    let _ = writeln!(out, "listening on {address}").and_then(|()| out.flush());
}
