//! Every collector and the options that change how a JVM runs: the program ends well and the total is right.

use anyhow::{bail, ensure};
use e2e::case::{Case, Scene};
use e2e::jdk::GCS;
use e2e::run::Run;

/// Seconds that each program runs.
const SECONDS: &str = "3";
/// The programs are short, and a JVM that compiles everything spends much of its time before the agent is armed.
const TOLERANCE: f64 = 0.05;

/// JVM options that are tried, with a name for each.
const OPTIONS: [(&str, &str); 5] = [
    ("interpreter", "-Xint"),
    ("compile_everything", "-Xcomp"),
    ("check_jni", "-Xcheck:jni"),
    ("reduced_signals", "-Xrs"),
    ("no_tlab", "-XX:-UseTLAB"),
];

pub fn cases() -> Vec<Case> {
    let collectors = GCS.map(|gc| {
        Case::each(&format!("smoke::collector_{}", gc.name.to_lowercase()), move |scene| {
            if !scene.jdk.accepts(&["-XX:+UnlockExperimentalVMOptions", gc.flag]) {
                println!("{}: {} is not built in", scene.name, gc.name);
                return Ok(());
            }
            churn(scene, &["-XX:+UnlockExperimentalVMOptions", gc.flag])
        })
    });
    let options =
        OPTIONS.map(|(name, option)| Case::each(&format!("smoke::{name}"), move |scene| churn(scene, &[option])));
    let others = [
        Case::each("smoke::virtual_threads", virtual_threads).since(21),
        Case::each("smoke::a_flight_recording_beside", flight_recording),
        Case::rotated("smoke::the_kernel_refuses_timers", no_timers),
    ];
    collectors.into_iter().chain(options).chain(others).collect()
}

/// Threads, classes and garbage in a small heap, so that the collector works.
fn churn(scene: &Scene, jvm_options: &[&str]) -> anyhow::Result<()> {
    let run = Run::with(scene, "Churn", &[SECONDS], |launch| {
        let options = [&["-Xmx256m"], jvm_options].concat();
        options.into_iter().fold(launch, |launch, option| launch.jvm(option)).option("upload.interval", "1s")
    })?;
    ensure!(run.finished.truth.get::<bool>("ended")?, "the program did not come to its end");
    for complaint in ["FATAL ERROR in native method", "WARNING in native method", "panicked"] {
        let lines = run.finished.logged(complaint);
        if let Some(line) = lines.iter().find(|line| line.contains("pyrite") || complaint != "WARNING in native method")
        {
            bail!("the JVM complains: {line}\n{}", run.finished.printed());
        }
    }
    run.check_total(TOLERANCE)
}

fn virtual_threads(scene: &Scene) -> anyhow::Result<()> {
    let run = Run::of(scene, "VirtualThreads", &["6"], &[])?;
    let (work, total) = (run.profile.ns_under("VirtualThreads.virtualWork"), run.profile.total_ns());
    ensure!(
        work > 0.5 * total,
        "{:.0} of {:.0} ms are in virtual threads: {}",
        work / 1e6,
        total / 1e6,
        run.profile.top(9)
    );
    run.check_total(TOLERANCE)
}

/// The JDK's own recorder samples the same threads at the same time; neither may lose.
fn flight_recording(scene: &Scene) -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("beside.jfr");
    let recording = format!("-XX:StartFlightRecording=settings=profile,filename={}", file.display());
    let run = Run::with(scene, "CpuSpin", &["2", "6"], |launch| launch.jvm(&recording))?;
    let bytes = std::fs::read(&file)?;
    let theirs = jfr::read(&bytes, &jfr::Limits::default())?;
    let samples = theirs.chunks.iter().flat_map(jfr::Chunk::events);
    let samples = samples.filter(|event| matches!(event, jfr::Event::ExecutionSample(_))).count();
    ensure!(samples > 50, "the JDK's own recording has only {samples} samples");
    // The recorder suspends threads by signals of its own, which must not make a thread be charged twice.
    run.check_total(0.02)
}

/// Timers count against the user's limit of queued signals, which others may have used up: the program must not notice, and
/// the agent says in a line what it does instead.
fn no_timers(scene: &Scene) -> anyhow::Result<()> {
    let run = Run::with(scene, "CpuSpin", &["2", "4"], |launch| {
        launch.through(&["prlimit", "--sigpending=0"]).option("profiler.event", "ctimer")
    })?;
    let said = run.finished.stderr.iter().filter(|line| line.contains("WARN") && line.contains("timer")).count();
    ensure!(said == 1, "{said} lines speak of the refused timers:\n{}", run.finished.printed());
    run.check_total(TOLERANCE)
}
