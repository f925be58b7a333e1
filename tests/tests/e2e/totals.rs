//! The samples add up to the process's CPU clock.

use anyhow::ensure;
use e2e::case::{Case, Scene};
use e2e::run::Run;

/// CPU seconds that each program burns.
const CPU_SECONDS: &str = "20";
/// The part by which the total may be off: timers per thread, and the process-wide timer.
const CTIMER_TOLERANCE: f64 = 0.02;
const ITIMER_TOLERANCE: f64 = 0.03;

pub fn cases() -> Vec<Case> {
    let ctimer = [1, 2, 8, 32].map(|threads| {
        Case::rotated(&format!("totals::ctimer_{threads}_threads"), move |scene| {
            spin(scene, "ctimer", threads, CTIMER_TOLERANCE)
        })
    });
    let itimer = [1, 8].map(|threads| {
        Case::rotated(&format!("totals::itimer_{threads}_threads"), move |scene| {
            spin(scene, "itimer", threads, ITIMER_TOLERANCE)
        })
    });
    let tasks = Case::rotated("totals::ctimer_thread_per_task", |scene| {
        let options = [("profiler.event", "ctimer")];
        Run::of(scene, "TaskThreads", &[CPU_SECONDS], &options)?.check_total(CTIMER_TOLERANCE)
    });
    let default = Case::each("totals::default_engine", |scene| {
        Run::of(scene, "CpuSpin", &["2", "6"], &[])?.check_total(CTIMER_TOLERANCE)
    });
    ctimer.into_iter().chain(itimer).chain([tasks, default]).collect()
}

fn spin(scene: &Scene, engine: &str, threads: u32, tolerance: f64) -> anyhow::Result<()> {
    let options = [("profiler.event", engine)];
    let run = Run::of(scene, "CpuSpin", &[&threads.to_string(), CPU_SECONDS], &options)?;
    // The method that burns the CPU must have it: time that is charged to a frame of ours would make up any total.
    let (burnt, seen) = (run.finished.truth.ns("spin_cpu_ns")?, run.profile.ns_under("CpuSpin.spin"));
    let pseudo = run.profile.ns_where(|sample| sample.frames[0].starts_with("[pyrite]."));
    println!("{}: {:.4} of the method's CPU, {:.0} ms in frames of ours", scene.name, seen / burnt, pseudo / 1e6);
    ensure!((seen / burnt - 1.0).abs() <= tolerance, "the method has {:.2} % of its CPU", 100.0 * seen / burnt);
    run.check_total(tolerance)
}
