//! The frames: deep stacks, generated classes, native code, threads of the JVM, classes that are gone.

use anyhow::{Context, ensure};
use e2e::case::{Case, Scene};
use e2e::profile::{Profile, Sample};
use e2e::run::Run;

/// The most frames that reach the server's profile.
const MAX_FRAMES: usize = 1_000;
const TRUNCATED: &str = "[pyrite].stack truncated";

/// What the JVM puts into the names of classes that it makes up; nothing that counts may follow.
const GENERATED: [&str; 5] =
    ["$$Lambda", "GeneratedMethodAccessor", "GeneratedConstructorAccessor", "$Proxy", "LambdaForm$"];

pub fn cases() -> Vec<Case> {
    vec![
        Case::each("frames::a_deep_stack_keeps_its_leaf", deep),
        Case::each("frames::a_stack_within_the_limit_is_whole", shallow),
        Case::each("frames::generated_classes_have_steady_names", generated),
        Case::each("frames::native_code_is_shown", native),
        Case::each("frames::threads_of_the_jvm_have_a_root", jvm_threads),
        Case::each("frames::unloaded_classes_are_said", class_churn),
        Case::rotated("frames::java_frames_have_lines", lines),
    ]
}

fn deep(scene: &Scene) -> anyhow::Result<()> {
    let run = Run::of(scene, "DeepStack", &["3000", "3"], &[])?;
    let longest = run.profile.samples().map(|sample| sample.frames.len()).max().unwrap_or(0);
    ensure!(longest <= MAX_FRAMES, "a stack of {longest} frames");
    let leaf = run.profile.ns_under("DeepStack.leaf");
    ensure!(leaf > 2.5e9, "{:.0} ms of 3 s are at the leaf: {}", leaf / 1e6, run.profile.top(8));
    let marked = run.profile.ns_where(|sample| sample.is_under("DeepStack.leaf") && sample.root() == TRUNCATED);
    ensure!(marked == leaf, "{:.0} of {:.0} ms are marked as cut at the root", marked / 1e6, leaf / 1e6);
    run.check_total(0.05)
}

fn shallow(scene: &Scene) -> anyhow::Result<()> {
    let run = Run::of(scene, "DeepStack", &["500", "1.5"], &[])?;
    let whole = |sample: &Sample| {
        let calls = sample.frames.iter().filter(|frame| *frame == "DeepStack.descend").count();
        sample.is_under("DeepStack.leaf") && calls == 501 && sample.root() == "java/lang/Thread.run"
    };
    let (whole, leaf) = (run.profile.ns_where(whole), run.profile.ns_under("DeepStack.leaf"));
    ensure!(leaf > 1.2e9 && whole >= 0.98 * leaf, "{:.0} of {:.0} ms have every frame", whole / 1e6, leaf / 1e6);
    Ok(())
}

fn generated(scene: &Scene) -> anyhow::Result<()> {
    let run = Run::of(scene, "GeneratedClasses", &["4"], &[])?;
    for sample in run.profile.samples() {
        for frame in sample.frames.iter() {
            ensure!(!frame.contains("/0x") && !frame.contains("+0x"), "{frame} carries an address");
            let rest = GENERATED.iter().find_map(|marker| frame.split_once(marker).map(|(_, rest)| rest));
            let class = rest.and_then(|rest| rest.split_once('.')).map_or("", |(class, _)| class);
            ensure!(!class.contains(|c: char| c.is_ascii_digit()), "{frame} carries a number");
        }
    }
    for method in ["lambdaWork", "proxyWork", "handleWork", "reflectedWork", "hiddenWork"] {
        let part = run.profile.ns_under(&format!("GeneratedClasses.{method}")) / run.profile.total_ns();
        ensure!(part > 0.1, "{method} has {:.1} % instead of a fifth: {}", 100.0 * part, run.profile.top(8));
    }
    run.check_total(0.05)
}

fn native(scene: &Scene) -> anyhow::Result<()> {
    let run = Run::of(scene, "NativeCalls", &["5"], &[])?;
    let deflate = native_part(&run.profile, "NativeCalls.deflate");
    let read = native_part(&run.profile, "NativeCalls.readFile");
    println!("{}: native frames above deflate {deflate:.2}, above readFile {read:.2}", scene.name);
    ensure!(deflate > 0.7, "{:.0} % of deflate is in a library: {}", 100.0 * deflate, run.profile.top(9));
    ensure!(read > 0.4, "{:.0} % of the file reads are in a library: {}", 100.0 * read, run.profile.top(9));
    let named = run.profile.ns_where(|sample| {
        sample.is_under("NativeCalls.readFile") && sample.frames[0].contains("libc") && !sample.frames[0].contains("0x")
    });
    ensure!(named > 0.0, "no read of a file is shown in libc: {}", run.profile.top(12));
    run.check_total(0.05)
}

/// The part of the time under a Java frame that has a frame of a library nearer to the leaf.
fn native_part(profile: &Profile, under: &str) -> f64 {
    let native = |sample: &Sample| sample.is_under(under) && sample.frames[0].contains(".so");
    profile.ns_where(native) / profile.ns_under(under)
}

fn jvm_threads(scene: &Scene) -> anyhow::Result<()> {
    let run = Run::with(scene, "GcHeavy", &["4", "2"], |launch| launch.jvm("-Xmx128m").jvm("-XX:+UseParallelGC"))?;
    let rooted = |part: &str| {
        run.profile.ns_where(|sample| sample.root().starts_with("[thread].") && sample.root().contains(part))
    };
    for part in ["GC", "Compiler"] {
        ensure!(rooted(part) > 0.0, "no thread with {part} in its name has a root frame: {}", run.profile.top(12));
    }
    let numbered = run.profile.samples().find(|sample| {
        sample.root().starts_with("[thread].")
            && sample.root().contains(|c: char| c.is_ascii_digit())
            && !sample.root().contains("C1")
            && !sample.root().contains("C2")
            && !sample.root().contains("G1")
    });
    if let Some(sample) = numbered {
        anyhow::bail!("the root {} has a number that differs from thread to thread", sample.root());
    }
    run.check_total(0.05)
}

/// Classes vanish while samples of them are under way: their frames are named, or said to be unloaded.
fn class_churn(scene: &Scene) -> anyhow::Result<()> {
    let run = Run::of(scene, "ClassChurn", &["5"], &[("profiling.interval", "1ms")])?;
    ensure!(run.finished.truth.get::<u64>("unloaded")? > 0, "no class was unloaded");
    let victim =
        run.profile.ns_where(|sample| sample.frames.iter().any(|frame| frame.starts_with("ClassChurn$Victim.")));
    let unloaded = run.profile.ns_under("[pyrite].unloaded class");
    println!("{}: {:.0} ms named, {:.0} ms unloaded", scene.name, victim / 1e6, unloaded / 1e6);
    ensure!(victim > 0.0, "no frame of a class that was unloaded later is named: {}", run.profile.top(9));
    ensure!(victim > 2.0 * unloaded, "too many frames of unloaded classes are lost: {}", run.profile.top(9));
    run.check_total(0.05)
}

fn lines(scene: &Scene) -> anyhow::Result<()> {
    let run = Run::of(scene, "ShortProgram", &["2", "normal"], &[])?;
    let mut found = false;
    for upload in &run.uploads {
        let recording = jfr::read(upload.jfr()?, &jfr::Limits::default())?;
        for chunk in &recording.chunks {
            for event in chunk.events() {
                let jfr::Event::ExecutionSample(sample) = event else {
                    continue;
                };
                let stack = chunk.stack_trace(sample.stack).context("no stack")?;
                found |= stack.frames.iter().any(|frame| frame.method_name() == "firstWords" && frame.line > 0);
            }
        }
    }
    ensure!(found, "no frame of ShortProgram.firstWords has a line");
    Ok(())
}
