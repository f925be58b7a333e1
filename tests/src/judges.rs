//! Independent readers of our recordings: the JDK's `jfr` tool, Pyroscope's own parser, JDK Mission Control's, jfrconv.
//!
//! The tests of the `jfr` crate include this file by path. The judges that must be built live under `tests/judges`; each is
//! built once into `<target directory>/judges`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use anyhow::{Context, Result, bail, ensure};

/// Event counts by name from `jfr summary`; types without events, metadata and checkpoints are left out.
pub fn jfr_summary(jdk_home: &Path, file: &Path) -> Result<BTreeMap<String, u64>> {
    let output = output(jfr_tool(jdk_home)?.arg("summary").arg(file))?;
    // The table starts below a line of equals signs: name, count, size.
    let rows = output.lines().skip_while(|line| !line.starts_with("===")).skip(1);
    let mut counts = BTreeMap::new();
    for row in rows {
        let mut columns = row.split_whitespace();
        let (Some(name), Some(count)) = (columns.next(), columns.next()) else {
            continue;
        };
        let count: u64 = count.parse().with_context(|| format!("count in {row:?}"))?;
        // JDK 17 writes CheckPoint, later ones Checkpoint.
        let is_event = !["jdk.metadata", "jdk.checkpoint"].contains(&name.to_lowercase().as_str());
        if count > 0 && is_event {
            counts.insert(name.to_owned(), count);
        }
    }
    ensure!(!counts.is_empty(), "jfr summary found no event in {}: {output}", file.display());
    Ok(counts)
}

/// Whether `jfr print` prints the whole recording. It prints every event, so constants that do not resolve make it fail.
pub fn jfr_print_ok(jdk_home: &Path, file: &Path) -> Result<()> {
    let printed = output(jfr_tool(jdk_home)?.arg("print").arg(file))?;
    let expected: u64 = jfr_summary(jdk_home, file)?.values().sum();
    // An event is printed as `name {` in the first column.
    let events = printed.lines().filter(|line| line.ends_with(" {") && !line.starts_with(' ')).count();
    ensure!(events as u64 == expected, "jfr print shows {events} of {expected} events of {}", file.display());
    Ok(())
}

/// Totals by `metric:type`, such as `process_cpu:cpu`, as Pyroscope computes them from an upload with `sampleRate=100`.
pub fn grafana_totals(file: &Path) -> Result<BTreeMap<String, i64>> {
    grafana_totals_at(file, 100)
}

/// The same for another `sampleRate`, in Hz.
pub fn grafana_totals_at(file: &Path, sample_rate_hz: u32) -> Result<BTreeMap<String, i64>> {
    let rate = sample_rate_hz.to_string();
    counts(&output(Command::new(grafana()?).args(["-rate", &rate]).arg(file))?)
}

/// Totals by `metric:type`, a tab and the stack (root first, joined by semicolons), with `sampleRate=100`.
pub fn grafana_stacks(file: &Path) -> Result<BTreeMap<String, i64>> {
    counts(&output(Command::new(grafana()?).arg("-stacks").arg(file))?)
}

/// Event counts by name from JDK Mission Control's parser; fails if an event has no time there. The JDK must have a compiler.
pub fn jmc_counts(jdk_home: &Path, file: &Path) -> Result<BTreeMap<String, u64>> {
    let mut command = java(jdk_home);
    command.arg("-cp").arg(jars()?.join("*")).arg(sources().join("java/JmcCounts.java")).arg(file);
    counts(&output(&mut command)?)
}

/// Samples that async-profiler's converter finds: `kind` is `cpu`, `wall`, `alloc`, `lock` or `live`. It reads events by
/// position, so a field that it does not expect loses the events behind it.
pub fn jfrconv_samples(jdk_home: &Path, file: &Path, kind: &str) -> Result<u64> {
    let collapsed = file.with_extension(format!("{kind}.collapsed"));
    let mut command = java(jdk_home);
    command.arg("-cp").arg(jars()?.join("*")).arg("one.convert.Main").arg(format!("--{kind}"));
    output(command.args(["-o", "collapsed"]).arg(file).arg(&collapsed))?;
    let text = std::fs::read_to_string(&collapsed).with_context(|| collapsed.display().to_string())?;
    std::fs::remove_file(&collapsed)?;
    let samples = text.lines().filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok());
    Ok(samples.sum())
}

/// Lines of `name<TAB>count`; a name may hold tabs.
fn counts<N>(text: &str) -> Result<BTreeMap<String, N>>
where
    N: std::str::FromStr,
{
    let line = |line: &str| {
        let (name, count) = line.rsplit_once('\t')?;
        Some((name.to_owned(), count.parse().ok()?))
    };
    text.lines().map(|text| line(text).with_context(|| format!("unexpected line {text:?}"))).collect()
}

fn jfr_tool(jdk_home: &Path) -> Result<Command> {
    let tool = jdk_home.join("bin/jfr");
    ensure!(tool.is_file(), "{} is missing; give a JDK, not a runtime", tool.display());
    Ok(without_agents(Command::new(tool)))
}

fn java(jdk_home: &Path) -> Command {
    without_agents(Command::new(jdk_home.join("bin/java")))
}

/// The judges run without the agent under test.
fn without_agents(mut command: Command) -> Command {
    command.env_remove("JAVA_TOOL_OPTIONS").env_remove("JDK_JAVA_OPTIONS");
    command
}

/// Standard output of a command that must succeed.
fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("{name} cannot be started; is it installed?"))?;
    if !output.status.success() {
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let end = |text: &str| text.chars().rev().take(2000).collect::<Vec<_>>().into_iter().rev().collect::<String>();
        bail!("{command:?} ended with {}: {} {}", output.status, end(&out), end(&err));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

fn sources() -> PathBuf {
    root().join("tests/judges")
}

fn built() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root().join(target).join("judges")
}

/// The judge around Pyroscope's parser, built on first use.
fn grafana() -> Result<PathBuf> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    once(&BUILT, "grafana", |partial| {
        let mut go = Command::new("go");
        go.current_dir(sources().join("grafana")).args(["build", "-buildvcs=false", "-o"]).arg(partial).arg(".");
        output(&mut go).context("the judge with Pyroscope's parser needs Go 1.25 (apt-get install golang, or go.dev's)")
    })
}

/// The jars of the judges in Java, fetched on first use.
fn jars() -> Result<PathBuf> {
    static FETCHED: OnceLock<PathBuf> = OnceLock::new();
    once(&FETCHED, "jars", |partial| {
        let mut directory = std::ffi::OsString::from("-DoutputDirectory=");
        directory.push(partial);
        let mut maven = Command::new("mvn");
        maven.current_dir(sources().join("java")).args(["-q", "-B", "dependency:copy-dependencies"]).arg(directory);
        output(&mut maven).context("the judges in Java need Maven (apt-get install maven)")
    })
}

/// Makes `name` under the judges' directory once per process. It is made aside and renamed, because test processes may do
/// the same at the same time and none may run a half-written program.
fn once(done: &OnceLock<PathBuf>, name: &str, make: impl FnOnce(&OsStr) -> Result<String>) -> Result<PathBuf> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(path) = done.get() {
        return Ok(path.clone());
    }
    std::fs::create_dir_all(built())?;
    let path = built().join(name);
    let partial = built().join(format!("{name}.{}", std::process::id()));
    make(partial.as_os_str())?;
    if path.is_dir() {
        // A directory cannot be replaced in one step, and jars of a pinned version do not change.
        let outdated = built().join(format!("{name}.{}.old", std::process::id()));
        std::fs::rename(&path, &outdated)?;
        std::fs::rename(&partial, &path)?;
        std::fs::remove_dir_all(&outdated)?;
    } else {
        std::fs::rename(&partial, &path)?;
    }
    Ok(done.get_or_init(|| path).clone())
}
