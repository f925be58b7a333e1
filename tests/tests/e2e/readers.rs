//! The judges: independent readers that must find in every recording of the suite what our own reader finds.
//!
//! Pyroscope's own parser reads every chunk. The JDK's `jfr summary` and `jfr print` of 17 and 25 read every chunk in the
//! full form; in the short form they read the largest chunk of each case, in turns.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use e2e::case::{self, Form};
use e2e::jdk::{Jdk, Jdks};
use e2e::judges;
use jfr::Limits;
use libtest_mimic::Trial;

/// The JDKs whose `jfr` tool judges.
const JUDGE_MAJORS: [u32; 2] = [17, 25];
const EXECUTION_SAMPLE: &str = "jdk.ExecutionSample";
/// Pyroscope's name for CPU time.
const CPU: &str = "process_cpu:cpu";

/// The chunks of one case on one JDK.
struct Recording {
    name: String,
    chunks: Vec<PathBuf>,
}

/// One trial for each recording that the cases have left.
pub fn trials(jdks: &Jdks, form: Form) -> anyhow::Result<Vec<Trial>> {
    let judges: Vec<Jdk> = JUDGE_MAJORS.into_iter().filter_map(|major| jdks.major(major).cloned()).collect();
    let recordings = recordings()?;
    let mut by_case: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, recording) in recordings.iter().enumerate() {
        let case = recording.name.split_once("__jdk").map_or(recording.name.as_str(), |(case, _)| case);
        by_case.entry(case).or_default().push(at);
    }
    let mut chosen: BTreeMap<usize, Vec<Jdk>> = BTreeMap::new();
    for (turn, group) in by_case.values().enumerate() {
        match form {
            Form::Full => chosen.extend(group.iter().map(|at| (*at, judges.clone()))),
            Form::Short => {
                let judge = judges.get(turn % judges.len().max(1)).cloned();
                chosen.insert(group[turn % group.len()], judge.into_iter().collect());
            }
        }
    }
    let trial = |(at, recording): (usize, Recording)| {
        let tools = chosen.get(&at).cloned().unwrap_or_default();
        Trial::test(format!("readers::{}", recording.name), move || {
            judge(&recording, &tools, form).map_err(|error| format!("{error:#}").into())
        })
    };
    Ok(recordings.into_iter().enumerate().map(trial).collect())
}

fn recordings() -> anyhow::Result<Vec<Recording>> {
    let mut recordings = Vec::new();
    for entry in std::fs::read_dir(case::recordings())? {
        let dir = entry?.path();
        let name = dir.file_name().context("a recording without a name")?.to_string_lossy().into_owned();
        let mut chunks: Vec<PathBuf> =
            std::fs::read_dir(&dir)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        chunks.sort();
        recordings.push(Recording { name, chunks });
    }
    recordings.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(recordings)
}

fn judge(recording: &Recording, tools: &[Jdk], form: Form) -> anyhow::Result<()> {
    for chunk in &recording.chunks {
        pyroscope(chunk).with_context(|| chunk.display().to_string())?;
    }
    let largest = recording.chunks.iter().max_by_key(|chunk| chunk.metadata().map(|data| data.len()).unwrap_or(0));
    let shown: Vec<&PathBuf> = match form {
        Form::Full => recording.chunks.iter().collect(),
        Form::Short => largest.into_iter().collect(),
    };
    for chunk in shown {
        for jdk in tools {
            jfr_tool(jdk, chunk).with_context(|| format!("jfr of JDK {}: {}", jdk.version, chunk.display()))?;
        }
    }
    Ok(())
}

/// What our own reader counts, by event name.
fn our_counts(chunk: &Path) -> anyhow::Result<BTreeMap<String, u64>> {
    let bytes = std::fs::read(chunk)?;
    Ok(jfr::summary(&jfr::read(&bytes, &Limits::default())?))
}

/// The server counts an interval of CPU for each execution sample; at 100 Hz that is 10 ms.
fn pyroscope(chunk: &Path) -> anyhow::Result<()> {
    let samples = our_counts(chunk)?.get(EXECUTION_SAMPLE).copied().unwrap_or(0);
    let total = judges::grafana_totals(chunk)?.get(CPU).copied().unwrap_or(0);
    let expected = i64::try_from(samples)? * 10_000_000;
    ensure!(total == expected, "Pyroscope's parser finds {total} ns, we wrote {samples} samples");
    Ok(())
}

fn jfr_tool(jdk: &Jdk, chunk: &Path) -> anyhow::Result<()> {
    let (theirs, ours) = (judges::jfr_summary(&jdk.home, chunk)?, our_counts(chunk)?);
    ensure!(theirs == ours, "jfr summary counts {theirs:?}, we count {ours:?}");
    judges::jfr_print_ok(&jdk.home, chunk)
}
