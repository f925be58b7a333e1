//! `pyrite serve`: the collector as a process of its own.

use std::env;
use std::ffi::OsString;
use std::future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs as _};
use std::path::{Path, PathBuf, absolute};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use bytesize::ByteSize;
use collector::{Config, ServeError};
use tokio::signal::unix::{SignalKind, signal};

use crate::instant;

const EXAMPLES: &str = "\
Examples:
  pyrite serve
  pyrite serve --listen 127.0.0.1:4041 --data ./profiles
  pyrite serve --listen 0.0.0.0:4040 --retention-age 30d --retention-bytes 20GiB

There is no authentication: whoever reaches the address can read and send profiles.
Only this machine can, unless --listen names an address that others reach.
PYRITE_LOG=debug says more.";

/// What `pyrite serve` can be told.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:4040", value_parser = parse_address)]
    listen: SocketAddr,
    /// The directory to keep profiles in [default: $XDG_DATA_HOME/pyrite or ~/.local/share/pyrite]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Delete profiles older than this
    #[arg(long, value_name = "LENGTH", default_value = "7d", value_parser = instant::parse_length)]
    retention_age: Duration,
    /// Delete the oldest profiles once all of them take more than this
    #[arg(long, value_name = "SIZE", default_value = "2GiB", value_parser = parse_size)]
    retention_bytes: ByteSize,
}

/// Serves until Ctrl-C or SIGTERM.
///
/// # Errors
/// The address or the directory cannot be used.
pub fn run(args: &Args) -> anyhow::Result<()> {
    start_log();
    let data = match &args.data {
        Some(directory) => absolute(directory).with_context(|| format!("--data {}", directory.display()))?,
        None => default_data_dir(env::var_os("XDG_DATA_HOME"), env::var_os("HOME"))?,
    };
    let mut config = Config::new(args.listen, &data);
    config.retention_age = args.retention_age;
    config.retention_bytes = args.retention_bytes.as_u64();
    let ready = |address| {
        // Nobody may be reading standard output; that is no reason not to serve.
        let _ = crate::print(&greeting(address, &data, args));
    };
    collector::serve_blocking(config, ready, shutdown_signal()).map_err(explain)
}

/// Warnings of the collector go to standard error, more with `PYRITE_LOG`.
fn start_log() {
    let environment = env_logger::Env::new().filter_or("PYRITE_LOG", "warn");
    env_logger::Builder::from_env(environment).format_target(false).init();
}

/// Ready once the process is asked to end.
async fn shutdown_signal() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        // Without a handler the signals end the process at once, which the store survives.
        return future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    eprintln!("pyrite: ending");
}

/// What a user needs to know once it runs: the page, the directory, and how to send profiles.
fn greeting(address: SocketAddr, data: &Path, args: &Args) -> String {
    let url = reachable_url(address);
    let agent = agent_library(env::current_exe().ok().as_deref());
    let mut text = format!(
        "pyrite: serving at {url} (page and API; Ctrl-C ends it)\n\
         profiles:  {} (kept for {}, up to {})\n\
         an agent:  java -agentpath:{}=application.name=my-service,server.address={url} -jar my-service.jar\n",
        data.display(),
        humantime::format_duration(args.retention_age),
        args.retention_bytes,
        agent.display(),
    );
    if !address.ip().is_loopback() {
        text += "note:      no authentication: whoever reaches this address can read and send profiles\n";
    }
    text
}

/// The address to use in a browser: one that listens everywhere is reached by this machine's loopback.
fn reachable_url(address: SocketAddr) -> String {
    let host: IpAddr = if address.ip().is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { address.ip() };
    format!("http://{}", SocketAddr::new(host, address.port()))
}

/// The agent beside this program, as a build leaves it; else a path for the reader to fill in.
fn agent_library(program: Option<&Path>) -> PathBuf {
    let beside = program.map(|program| program.with_file_name("libpyrite.so"));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| PathBuf::from("/path/to/libpyrite.so"))
}

/// `$XDG_DATA_HOME/pyrite` (a relative value is invalid and ignored, says the XDG Base Directory Specification), else
/// `~/.local/share/pyrite`.
fn default_data_dir(data_home: Option<OsString>, home: Option<OsString>) -> anyhow::Result<PathBuf> {
    let absolute_dir = |value: Option<OsString>| value.map(PathBuf::from).filter(|path| path.is_absolute());
    if let Some(directory) = absolute_dir(data_home) {
        return Ok(directory.join("pyrite"));
    }
    match absolute_dir(home) {
        Some(directory) => Ok(directory.join(".local/share/pyrite")),
        None => {
            bail!("there is no home directory to keep profiles in; name a directory with --data")
        }
    }
}

/// An address with a port, a host name with a port, or a port alone.
fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let allowed = "use an address with a port, such as 127.0.0.1:4040";
    if let Ok(port) = text.trim_start_matches(':').parse::<u16>() {
        return Ok(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port));
    }
    let addresses: Vec<SocketAddr> = text.to_socket_addrs().map_err(|_| allowed.to_owned())?.collect();
    let preferred = addresses.iter().find(|address| address.is_ipv4()).or(addresses.first());
    preferred.copied().ok_or_else(|| allowed.to_owned())
}

fn parse_size(text: &str) -> Result<ByteSize, String> {
    match text.parse::<ByteSize>() {
        Ok(size) if size.as_u64() > 0 => Ok(size),
        _ => Err("use a size such as 500MiB, 2GiB or 1TiB".to_owned()),
    }
}

/// Adds a remedy that can be copied where the port is taken, which is the usual failure.
fn explain(error: ServeError) -> anyhow::Error {
    match error {
        ServeError::Listen { address, cause } if cause.kind() == io::ErrorKind::AddrInUse => {
            let next = SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(0));
            anyhow!(
                "{address} is in use, perhaps by another `pyrite serve`; choose another address, for example --listen {next}"
            )
        }
        other => other.into(),
    }
}

#[cfg(test)]
mod tests;
