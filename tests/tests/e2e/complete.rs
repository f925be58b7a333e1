//! Every entry of the handler is a sample or a counted drop, in each upload and in the log. The uploads of all cases are
//! checked for that; here the drops are provoked.

use anyhow::ensure;
use e2e::case::{Case, Scene};
use e2e::run::Run;

pub fn cases() -> Vec<Case> {
    vec![Case::each("complete::entries_are_samples_and_drops", entries)]
}

fn entries(scene: &Scene) -> anyhow::Result<()> {
    let options = [("upload.interval", "1s"), ("profiling.interval", "1ms"), ("log.level", "debug")];
    let run = Run::of(scene, "CpuSpin", &["8", "4"], &options)?;
    ensure!(run.uploads.len() >= 2, "{} uploads in 2 s with a rotation every second", run.uploads.len());
    let logged = run.finished.logged("handler_entries");
    ensure!(!logged.is_empty(), "no debug line names handler_entries:\n{}", run.finished.printed());
    let counters: Vec<f64> =
        run.profile.intervals.iter().map(|interval| interval.counters["handler_entries"] as f64).collect();
    ensure!(counters.is_sorted(), "the counters count from the start of the run: {counters:?}");
    Ok(())
}
