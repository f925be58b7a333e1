//! Six independent readers must accept what we write and find in it what our reader finds.

mod support;

#[allow(dead_code, reason = "the end-to-end tests use the rest")]
#[path = "../../tests/src/jdk.rs"]
mod jdk;
#[allow(dead_code, reason = "the end-to-end tests use the rest")]
#[path = "../../tests/src/judges.rs"]
mod judges;

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::PathBuf;
use std::process::Command;

use jfr::{Event, Limits, Recording, read, summary};
use support::{UPLOADS, fixture, totals, two_chunks};

/// Both layouts, each with every event type in two chunks, and two real uploads written anew.
fn files() -> Vec<(PathBuf, Recording)> {
    let written = [("plain", two_chunks(false)), ("context", two_chunks(true))];
    let uploads =
        [UPLOADS[0], UPLOADS[2]].map(|name| (name.trim_end_matches(".jfr.gz"), support::rewrite(&fixture(name))));
    written.into_iter().chain(uploads).map(|(name, bytes)| file(name, bytes)).collect()
}

fn file(name: &str, bytes: Vec<u8>) -> (PathBuf, Recording) {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("{name}.{}.jfr", std::thread::current().name().unwrap_or("main")));
    std::fs::write(&path, &bytes).unwrap();
    (path, read(&bytes, &Limits::default()).unwrap())
}

/// The JDKs that have the `jfr` tool; the suite is worth little without one.
fn jdks() -> Vec<jdk::Jdk> {
    let target = support::crate_path("../target");
    let found = jdk::Jdks::discover(&target).0.into_iter().filter(|jdk| jdk.tool("jfr").is_some());
    let found: Vec<_> = found.collect();
    assert!(!found.is_empty(), "no JDK with bin/jfr found: install one or set JAVA_HOME");
    found
}

#[test]
fn jdk_summary_and_print() {
    for (file, recording) in files() {
        for jdk in jdks() {
            let counts = judges::jfr_summary(&jdk.home, &file).unwrap();
            assert_eq!(counts, summary(&recording), "JDK {} on {}", jdk.version, file.display());
            judges::jfr_print_ok(&jdk.home, &file).unwrap();
        }
    }
}

#[test]
fn pyroscope_parser() {
    for (file, recording) in files() {
        assert_eq!(judges::grafana_totals(&file).unwrap(), totals(&recording), "{}", file.display());
        assert_eq!(judges::grafana_stacks(&file).unwrap(), support::stacks(&recording), "{}", file.display());
    }
}

#[test]
fn mission_control() {
    let jdk = jdks().pop().unwrap();
    for (file, recording) in files() {
        let counts = judges::jmc_counts(&jdk.home, &file).unwrap();
        assert_eq!(counts, summary(&recording), "{}", file.display());
    }
}

#[test]
fn async_profiler_converter() {
    let jdk = jdks().pop().unwrap();
    for (file, recording) in files() {
        for (kind, expected) in support::samples_by_kind(&recording) {
            let samples = judges::jfrconv_samples(&jdk.home, &file, kind).unwrap();
            assert_eq!(samples, expected, "{kind} of {}", file.display());
        }
    }
}

#[test]
fn jfrs_crate() {
    for (file, recording) in files() {
        let mut counts = BTreeMap::new();
        let mut reader = jfrs::reader::JfrReader::new(Cursor::new(std::fs::read(&file).unwrap()));
        for chunk in reader.chunks() {
            let (mut chunk_reader, chunk) = chunk.unwrap();
            for event in chunk_reader.events(&chunk) {
                *counts.entry(event.unwrap().class.name().to_owned()).or_insert(0) += 1;
            }
        }
        assert_eq!(counts, summary(&recording), "{}", file.display());
    }
}

/// Recordings of the JDK's own recorder, which has other types, layouts and many checkpoints.
#[test]
fn recordings_of_the_jdk_are_read() {
    for jdk in jdks().into_iter().filter(jdk::Jdk::has_compiler) {
        let file = jdk_recording(&jdk);
        let recording = read(&std::fs::read(&file).unwrap(), &Limits::default()).unwrap();
        let counts = summary(&recording);
        assert_eq!(counts, judges::jfr_summary(&jdk.home, &file).unwrap(), "JDK {}", jdk.version);
        let (mut samples, mut busy, mut allocated) = (0, 0, 0);
        for chunk in &recording.chunks {
            for event in chunk.events() {
                match event {
                    Event::ExecutionSample(sample) => {
                        let trace = chunk.stack_trace(sample.stack).unwrap();
                        samples += 1;
                        busy += usize::from(
                            trace.frames.iter().any(|frame| frame.method_name() == "burn" && frame.line > 0),
                        );
                        assert!(sample.state.counts_as_cpu(), "{sample:?}");
                        assert!(chunk.thread(sample.thread).unwrap().java_name.is_some());
                    }
                    Event::ObjectAllocationSample(sample) => {
                        assert!(chunk.class_name(sample.class).is_some());
                        allocated += sample.weight;
                    }
                    _ => {}
                }
            }
        }
        assert!(samples > 20 && busy * 2 > samples, "{busy} of {samples} samples below burn");
        assert!(allocated > 10 << 20, "{allocated} bytes allocated");
    }
}

const BURN: &str = "
public class Burn {
    static byte[] kept;
    static long burn(long until) {
        long sum = 0;
        while (System.nanoTime() < until) {
            for (int i = 0; i < 10_000; i++) sum += i ^ sum;
            kept = new byte[4096];
        }
        return sum;
    }
    public static void main(String[] args) {
        System.out.println(burn(System.nanoTime() + 2_000_000_000L));
    }
}
";

/// Two seconds of a busy program, recorded by the JDK.
fn jdk_recording(jdk: &jdk::Jdk) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("jdk-{}", jdk.major));
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("Burn.java"), BURN).unwrap();
    let run = |tool: &str, arguments: &[&str]| {
        let mut command = Command::new(jdk.home.join("bin").join(tool));
        let command = command.current_dir(&directory).env_remove("JAVA_TOOL_OPTIONS").args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    run("javac", &["Burn.java"]);
    run("java", &["-XX:StartFlightRecording:filename=burn.jfr,settings=profile", "-cp", ".", "Burn"]);
    directory.join("burn.jfr")
}
