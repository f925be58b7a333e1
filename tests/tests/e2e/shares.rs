//! Two methods get the shares of the CPU that they used.

use anyhow::ensure;
use e2e::case::Case;
use e2e::run::Run;

/// At a share of 0.7 and this many samples the standard error is 0.5 points.
const MIN_SAMPLES: usize = 8_400;
/// CPU seconds that give so many samples at the default interval of 10 ms.
const CPU_SECONDS: &str = "85.5";

pub fn cases() -> Vec<Case> {
    vec![
        Case::rotated("shares::random_phases", |scene| {
            let run = Run::of(scene, "Shares", &["2", CPU_SECONDS], &[("profiler.event", "ctimer")])?;
            check(&scene.name, &run, "Shares", 0.015)
        }),
        Case::rotated("shares::fixed_cycle_of_20_ms", |scene| {
            let run = Run::of(scene, "SharesCycle", &[CPU_SECONDS], &[("profiler.event", "ctimer")])?;
            check(&scene.name, &run, "SharesCycle", 0.025)
        }),
    ]
}

fn check(name: &str, run: &Run, class: &str, tolerance: f64) -> anyhow::Result<()> {
    let truth = &run.finished.truth;
    let (heavy, light) = (truth.ns("heavy_cpu_ns")?, truth.ns("light_cpu_ns")?);
    let expected = heavy / (heavy + light);
    let heavy = run.profile.ns_under(&format!("{class}.heavy"));
    let light = run.profile.ns_under(&format!("{class}.light"));
    let measured = heavy / (heavy + light);
    let samples = run.profile.samples().count();
    println!("{name}: share {measured:.4} of true {expected:.4} in {samples} samples");
    ensure!(samples >= MIN_SAMPLES, "{samples} samples are too few to tell");
    ensure!(
        (measured - expected).abs() <= tolerance,
        "the heavy method got {:.2} %, it used {:.2} %; {:.1} points are allowed",
        100.0 * measured,
        100.0 * expected,
        100.0 * tolerance
    );
    Ok(())
}
