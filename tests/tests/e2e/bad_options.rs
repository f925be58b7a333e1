//! A bad value is one line that names the key, the value and what is allowed; the application runs on.

use anyhow::ensure;
use e2e::case::{Case, Scene};
use e2e::jvm::Finished;
use e2e::run::TIMEOUT;
use e2e::server::Server;

/// A bad option and what the line must say besides key and value.
struct Bad {
    key: &'static str,
    value: &'static str,
    says: &'static [&'static str],
}

/// Each bad value falls back to the default, so a profile arrives all the same.
const BAD: [Bad; 8] = [
    Bad { key: "profiler.event", value: "bogus", says: &["ctimer", "itimer"] },
    Bad { key: "profiling.interval", value: "ten", says: &["10ms"] },
    Bad { key: "upload.interval", value: "-3s", says: &["10s"] },
    Bad { key: "profiler.alloc", value: "12parsecs", says: &[] },
    Bad { key: "profiler.lock", value: "10lightyears", says: &[] },
    Bad { key: "labels", value: "nonsense", says: &["="] },
    Bad { key: "log.level", value: "loud", says: &["debug", "info"] },
    Bad { key: "java.stack.depth.max", value: "deep", says: &["2048"] },
];

/// Addresses that can never take an upload.
const BAD_ADDRESSES: [&str; 2] = ["ftp://127.0.0.1/", "not a url"];

pub fn cases() -> Vec<Case> {
    let bad = BAD.into_iter().map(|bad| {
        let name = format!("bad_options::{}", bad.key.replace('.', "_"));
        Case::rotated(&name, move |scene| falls_back(scene, &bad))
    });
    let others = [
        Case::rotated("bad_options::all_at_once", all_at_once),
        Case::rotated("bad_options::server_address", server_address),
        Case::rotated("bad_options::unreachable_server", unreachable),
        Case::rotated("bad_options::unreadable_file", unreadable_file),
        Case::rotated("bad_options::unknown_key", unknown_key),
        Case::rotated("bad_options::no_application_name", no_name),
    ];
    bad.chain(others).collect()
}

fn falls_back(scene: &Scene, bad: &Bad) -> anyhow::Result<()> {
    let server = Server::start()?;
    let launch = scene.launch_profiled("ShortProgram", &["1", "normal"], &server.url)?;
    let finished = launch.option(bad.key, bad.value).run(TIMEOUT)?;
    one_line(&finished, bad.key, bad.value, bad.says)?;
    ensure!(!server.uploads()?.is_empty(), "no profile arrived:\n{}", finished.printed());
    Ok(())
}

/// Exactly one line names the value, and it names the key and what is allowed too.
fn one_line(finished: &Finished, key: &str, value: &str, says: &[&str]) -> anyhow::Result<()> {
    let lines: Vec<&str> = finished.logged(value).into_iter().filter(|line| line.contains("[pyrite")).collect();
    ensure!(lines.len() == 1, "{} lines name {value}:\n{}", lines.len(), finished.printed());
    for text in [key].iter().chain(says) {
        ensure!(lines[0].contains(text), "the line does not say {text}: {}", lines[0]);
    }
    Ok(())
}

fn all_at_once(scene: &Scene) -> anyhow::Result<()> {
    let server = Server::start()?;
    let launch = scene.launch_profiled("ShortProgram", &["1", "normal"], &server.url)?;
    let launch = BAD.iter().fold(launch, |launch, bad| launch.option(bad.key, bad.value));
    let finished = launch.run(TIMEOUT)?;
    for bad in &BAD {
        one_line(&finished, bad.key, bad.value, bad.says)?;
    }
    Ok(())
}

fn server_address(scene: &Scene) -> anyhow::Result<()> {
    for address in BAD_ADDRESSES {
        let launch = scene.launch_profiled("ShortProgram", &["1", "normal"], address)?;
        let finished = launch.run(TIMEOUT)?;
        one_line(&finished, "server.address", address, &["http"])?;
    }
    Ok(())
}

/// A server that is away is a change of state, said once however many uploads fail.
fn unreachable(scene: &Scene) -> anyhow::Result<()> {
    let address = Server::start()?.url.clone();
    let launch = scene.launch_profiled("ShortProgram", &["5", "normal"], &address)?;
    let finished = launch.option("upload.interval", "1s").run(TIMEOUT)?;
    let lines: Vec<&String> = finished
        .stderr
        .iter()
        .filter(|line| (line.contains("WARN") || line.contains("ERROR")) && line.contains(&address))
        .collect();
    ensure!(lines.len() == 1, "{} lines speak of the unreachable server:\n{}", lines.len(), finished.printed());
    Ok(())
}

fn unreadable_file(scene: &Scene) -> anyhow::Result<()> {
    let server = Server::start()?;
    let launch = scene.launch_profiled("ShortProgram", &["1", "normal"], &server.url)?;
    let finished = launch.env("PYROSCOPE_CONFIGURATION_FILE", "/no/such/file.properties").run(TIMEOUT)?;
    one_line(&finished, "PYROSCOPE_CONFIGURATION_FILE", "/no/such/file.properties", &[])?;
    ensure!(!server.uploads()?.is_empty(), "no profile arrived:\n{}", finished.printed());
    Ok(())
}

fn unknown_key(scene: &Scene) -> anyhow::Result<()> {
    let server = Server::start()?;
    let launch = scene.launch_profiled("ShortProgram", &["1", "normal"], &server.url)?;
    let finished = launch.option("profiler.evnt", "itimer").run(TIMEOUT)?;
    let lines: Vec<&str> = finished.logged("profiler.evnt");
    ensure!(
        lines.len() == 1 && lines[0].contains("profiler.event"),
        "no hint at the nearest key: {}",
        finished.printed()
    );
    ensure!(!server.uploads()?.is_empty(), "no profile arrived:\n{}", finished.printed());
    Ok(())
}

/// Without a name the upload still has one, as the incumbent's does.
fn no_name(scene: &Scene) -> anyhow::Result<()> {
    let server = Server::start()?;
    let library = e2e::paths::agent()?;
    let launch = scene.launch("ShortProgram", &["1", "normal"])?.jvm(&format!("-agentpath:{}", library.display()));
    let finished = launch.option("server.address", &server.url).run(TIMEOUT)?;
    let uploads = server.uploads()?;
    ensure!(!uploads.is_empty(), "no profile arrived:\n{}", finished.printed());
    ensure!(!uploads[0].parameter("name")?.is_empty(), "the upload has no name");
    Ok(())
}
