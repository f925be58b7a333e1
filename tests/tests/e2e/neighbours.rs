//! The agent beside another copy of itself, and beside the application's own use of what it uses.

use anyhow::ensure;
use e2e::case::{Case, Scene};
use e2e::paths;
use e2e::run::Run;

pub fn cases() -> Vec<Case> {
    vec![Case::each("neighbours::the_same_library_twice", twice), Case::each("neighbours::a_second_copy", copy)]
}

fn twice(scene: &Scene) -> anyhow::Result<()> {
    let library = paths::agent()?;
    let again = format!("-agentpath:{}", library.display());
    Run::with(scene, "CpuSpin", &["2", "4"], |launch| launch.jvm(&again))?.check_total(0.03)
}

/// A copy under another name is a second library to the loader, with variables of its own.
fn copy(scene: &Scene) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let copy = dir.path().join("libother.so");
    std::fs::copy(paths::agent()?, &copy)?;
    let second = format!("-agentpath:{}", copy.display());
    let run = Run::with(scene, "CpuSpin", &["2", "4"], |launch| launch.jvm(&second))?;
    let said = run.finished.stderr.iter().filter(|line| line.contains("[pyrite") && line.contains("second")).count();
    ensure!(said == 1, "{said} lines speak of the second copy:\n{}", run.finished.printed());
    run.check_total(0.03)
}
