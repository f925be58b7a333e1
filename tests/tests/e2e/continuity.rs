//! Rotation and the end of the program lose nothing.

use anyhow::ensure;
use e2e::case::{Case, Scene};
use e2e::run::Run;
use e2e::truth::{clock_notes, cpu_at};

/// Longest stretch of the thread's own CPU clock without a sample, in intervals.
const LONGEST_HOLE: f64 = 3.0;
/// Least part of the expected samples.
const LEAST_PART: f64 = 0.99;
const ROTATIONS: usize = 20;

pub fn cases() -> Vec<Case> {
    vec![
        // A thread that waits for a CPU most of the time gets its samples late, so this is about an uncontended one.
        Case::rotated("continuity::no_hole_over_20_rotations", no_hole).alone(),
        Case::rotated("continuity::a_short_program_is_delivered_whole", whole),
    ]
}

fn no_hole(scene: &Scene) -> anyhow::Result<()> {
    let options = [("profiler.event", "ctimer"), ("upload.interval", "1s")];
    let run = Run::of(scene, "Continuity", &["21"], &options)?;
    ensure!(run.uploads.len() >= ROTATIONS, "{} uploads in 21 s with a rotation every second", run.uploads.len());

    let notes = clock_notes(&run.finished.stdout);
    let (Some(first), Some(last)) = (notes.first(), notes.last()) else {
        anyhow::bail!("the program printed no clock");
    };
    let burnt = (last.cpu_ns - first.cpu_ns) as f64;
    let own: Vec<_> = run.profile.samples().filter(|sample| &*sample.thread == "continuity").collect();
    let delivered: f64 = own.iter().map(|sample| sample.weight_ns).sum();
    let interval_ns = own.first().map_or(0.0, |sample| sample.weight_ns);
    println!("{}: {:.4} of the expected samples", scene.name, delivered / burnt);
    ensure!(delivered >= LEAST_PART * burnt, "{:.2} % of the expected samples arrived", 100.0 * delivered / burnt);

    let mut clocks: Vec<f64> = own.iter().filter_map(|sample| cpu_at(&notes, sample.epoch_ns)).collect();
    clocks.extend([first.cpu_ns as f64, last.cpu_ns as f64]);
    clocks.sort_by(f64::total_cmp);
    let hole = clocks.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
    println!("{}: the longest hole is {:.1} ms of CPU", scene.name, hole / 1e6);
    ensure!(hole <= LONGEST_HOLE * interval_ns, "a hole of {:.1} ms of the thread's CPU", hole / 1e6);
    Ok(())
}

fn whole(scene: &Scene) -> anyhow::Result<()> {
    let run = Run::of(scene, "ShortProgram", &["25", "normal"], &[])?;
    let part = run.profile.total_ns() / run.expected_ns()?;
    println!("{}: {part:.4} delivered", scene.name);
    ensure!(part >= LEAST_PART, "{:.2} % of a program of 25 s arrived", 100.0 * part);
    run.check_total(0.02)
}
