//! `hostler-repository serve`: the server, until it is told to stop.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};

use super::database_option::{DatabaseOption, absolute};
use super::failure::Failure;
use crate::context::{Context, Region, Settings};
use crate::operations::Runner;
use crate::server::{CertificateFiles, Metrics, Server, ServerLimits, server_config};
use crate::server_identity::ServerIdentity;
use crate::surroundings::Surroundings;

/// Versions of a subscription, as documented for the service that came before.
const VERSION_QUOTA: i64 = 15;

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
    /// A region and its store; may be given again [default: one region in the data folder]
    #[arg(long = "region", value_name = "NAME=STORE_URL", value_parser = region)]
    regions: Vec<Region>,
    /// A host from which packages may be fetched by MediaLink; may be given again
    #[arg(long = "media-host", value_name = "HOST[:PORT]")]
    media_hosts: Vec<String>,
    /// What clients call this server in addresses [default: https:// and the address it listens on]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Versions that a subscription may have at one time, unless it has a number of its own
    #[arg(long, value_name = "COUNT", default_value_t = VERSION_QUOTA, value_parser = clap::value_parser!(i64).range(0..))]
    version_quota: i64,
}

pub(super) async fn serve(args: ServeArgs) -> Result<String, Failure> {
    let surroundings = Surroundings::default();
    let records = args.database.open(surroundings.clone()).await?;
    let data = absolute(&args.database.data)?;
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
    let default_region = || Region {
        name: "local".to_owned(),
        store: data.join("regions").join("local").display().to_string(),
    };
    let settings = Settings {
        regions: match args.regions.is_empty() {
            true => vec![default_region()],
            false => args.regions,
        },
        media_hosts: args.media_hosts,
        version_quota: args.version_quota,
        public_url: args.public_url.unwrap_or_else(|| format!("https://{address}")),
        data,
    };
    let accepted = Arc::new(Notify::new());
    let context = Context {
        records: records.clone(),
        settings,
        surroundings,
        server: identity.id().to_owned(),
        accepted: Arc::clone(&accepted),
    };
    let metrics = Arc::new(Metrics::default());
    let limits = ServerLimits::for_this_process();
    let (tell, stop) = watch::channel(false);
    stop_on_signal(tell)?;
    let runner = Runner::new(context.clone(), Arc::clone(&metrics), accepted);
    let running = tokio::spawn(runner.run(stop.clone(), limits.stop));
    let server = Server::new(context, limits, metrics, stop);
    say_address(&format!("https://{address}"));
    crate::server::serve(server, tcp, tls).await;
    if let Err(error) = running.await {
        tracing::error!(%error, "what carries operations out ended early");
    }
    records.close().await;
    tracing::info!("stopped");
    Ok(String::new())
}

/// `NAME=STORE_URL`.
fn region(text: &str) -> Result<Region, String> {
    let (name, store) = text.split_once('=').unwrap_or((text, ""));
    if name.is_empty() || store.is_empty() {
        return Err("write a name, `=` and the URL of a store, for example `West US=file:///srv/west`".to_owned());
    }
    Ok(Region {
        name: name.to_owned(),
        store: store.to_owned(),
    })
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
