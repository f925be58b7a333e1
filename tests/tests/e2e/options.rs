//! Every way of giving an option arrives, in the documented order of precedence, and the upload carries what was asked for.

use anyhow::ensure;
use e2e::case::{Case, Scene};
use e2e::jvm::Launch;
use e2e::paths;
use e2e::run::{Run, TIMEOUT};
use e2e::server::{Server, Upload};

/// The tests here want one upload, not a measurement.
const SECONDS: &str = "1";

pub fn cases() -> Vec<Case> {
    vec![
        Case::each("options::an_upload_has_the_incumbents_form", form),
        Case::rotated("options::labels_merge_across_both_forms", labels),
        Case::rotated("options::headers_and_credentials_are_sent_and_not_logged", credentials),
        Case::rotated("options::the_nearer_source_wins", precedence),
        Case::each("options::environment_variables_of_the_jvm_load_the_agent", environment),
        Case::rotated("options::agent_enabled_false_does_nothing", disabled),
    ]
}

fn name(upload: &Upload) -> anyhow::Result<&str> {
    upload.parameter("name")
}

fn form(scene: &Scene) -> anyhow::Result<()> {
    let run = Run::of(scene, "ShortProgram", &[SECONDS, "normal"], &[])?;
    for upload in &run.uploads {
        ensure!(name(upload)?.starts_with("ShortProgram"), "the name is {}", name(upload)?);
        for (key, value) in
            [("spyName", "javaspy"), ("format", "jfr"), ("units", "samples"), ("aggregationType", "sum")]
        {
            ensure!(upload.parameter(key)? == value, "{key} is {}", upload.parameter(key)?);
        }
        ensure!(upload.parameter("sampleRate")? == "100", "sampleRate is {}", upload.parameter("sampleRate")?);
        let (from, until): (u64, u64) = (upload.parameter("from")?.parse()?, upload.parameter("until")?.parse()?);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
        ensure!(from <= until && until <= now + 1 && now < from + 600, "from {from} until {until}, it is {now}");
    }
    Ok(())
}

fn labels(scene: &Scene) -> anyhow::Result<()> {
    let options =
        [("labels.env", "production"), ("labels", "region=eu,tier=gold"), ("labels.service", "order-service")];
    let run = Run::of(scene, "ShortProgram", &[SECONDS, "normal"], &options)?;
    let name = name(&run.uploads[0])?;
    for label in ["env=production", "region=eu", "tier=gold", "service=order-service"] {
        ensure!(name.contains(label), "{label} is not in {name}");
    }
    Ok(())
}

fn credentials(scene: &Scene) -> anyhow::Result<()> {
    let options = [
        ("basic.auth.user", "paula"),
        ("basic.auth.password", "hunter2secret"),
        ("tenant.id", "team-7"),
        ("log.level", "debug"),
    ];
    let run = Run::of(scene, "ShortProgram", &[SECONDS, "normal"], &options)?;
    let header = |key: &str| run.uploads[0].headers.get(key).map_or("", String::as_str);
    ensure!(header("authorization") == "Basic cGF1bGE6aHVudGVyMnNlY3JldA==", "sent: {}", header("authorization"));
    ensure!(header("x-scope-orgid") == "team-7", "sent: {}", header("x-scope-orgid"));
    let leaked = run.finished.logged("hunter2secret");
    ensure!(leaked.is_empty(), "the password is logged: {leaked:?}");

    let run =
        Run::of(scene, "ShortProgram", &[SECONDS, "normal"], &[("auth.token", "t0ps3cret"), ("log.level", "debug")])?;
    let sent = run.uploads[0].headers.get("authorization").map_or("", String::as_str);
    ensure!(sent == "Bearer t0ps3cret", "sent: {sent}");
    ensure!(run.finished.logged("t0ps3cret").is_empty(), "the token is logged");
    Ok(())
}

/// Agent string, system property, environment, file: each level beats the ones after it.
fn precedence(scene: &Scene) -> anyhow::Result<()> {
    let server = Server::start()?;
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("pyroscope.properties");
    std::fs::write(&file, format!("pyroscope.server.address={}\npyroscope.application.name=from-file\n", server.url))?;
    let library = paths::agent()?;
    let base = scene
        .launch("ShortProgram", &["0.7", "normal"])?
        .env("PYROSCOPE_CONFIGURATION_FILE", &file.display().to_string());
    let plain = format!("-agentpath:{}", library.display());
    let steps: [(&str, Launch); 4] = [
        ("from-file", base.clone().jvm(&plain)),
        ("from-environment", base.clone().jvm(&plain).env("PYROSCOPE_APPLICATION_NAME", "from-environment")),
        (
            "from-property",
            base.clone()
                .jvm(&plain)
                .env("PYROSCOPE_APPLICATION_NAME", "from-environment")
                .option("application.name", "from-property"),
        ),
        (
            "from-agent-string",
            base.jvm(&format!("{plain}=application.name=from-agent-string"))
                .option("application.name", "from-property"),
        ),
    ];
    for (number, (expected, launch)) in steps.into_iter().enumerate() {
        let finished = launch.run(TIMEOUT)?;
        let uploads = server.uploads()?;
        ensure!(uploads.len() == number + 1, "{} uploads at {expected}:\n{}", uploads.len(), finished.printed());
        ensure!(name(&uploads[number])?.starts_with(expected), "{} instead of {expected}", name(&uploads[number])?);
    }
    Ok(())
}

fn environment(scene: &Scene) -> anyhow::Result<()> {
    for variable in ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"] {
        let server = Server::start()?;
        let options = format!(
            "-agentpath:{} -Dpyroscope.application.name=by-variable -Dpyroscope.server.address={}",
            paths::agent()?.display(),
            server.url
        );
        let launch = scene.launch("ShortProgram", &[SECONDS, "normal"])?.env(variable, &options);
        let run = Run::collect(scene, &server, launch.run(TIMEOUT)?)?;
        ensure!(name(&run.uploads[0])?.starts_with("by-variable"), "{variable}: {}", name(&run.uploads[0])?);
    }
    Ok(())
}

fn disabled(scene: &Scene) -> anyhow::Result<()> {
    let server = Server::start()?;
    let launch = scene.launch_profiled("ShortProgram", &[SECONDS, "normal"], &server.url)?;
    let finished = launch.option("agent.enabled", "false").run(TIMEOUT)?;
    ensure!(server.attempts()?.is_empty(), "a disabled agent has sent a profile:\n{}", finished.printed());
    Ok(())
}
