//! Compares every size, offset, number and bit of this crate with what a C compiler makes of real JDK headers.
//!
//! Each JDK that can be found takes part: `JAVA_HOME`, the entries of `JDK_HOMES` (separated by `:`), the JDK of the
//! `java` on `PATH` and the directories of `/usr/lib/jvm`. None found, or no C compiler, is a failure: a check that
//! passes without having looked is worth nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jvmti_sys::layout::{CONSTANT_TABLES, LAYOUTS};
use jvmti_sys::{
    Capability, JNI_FALSE, JNI_TRUE, JNIInvokeInterface_, JNINativeInterface_, JVMTI_VERSION, Slot, jvmtiCapabilities,
    jvmtiEventCallbacks, jvmtiInterface_1_,
};

/// Feature release whose headers these declarations follow. Newer headers may only add.
const NEWEST: u32 = 25;

/// Fewer facts than this for any JDK from 11 on means that the probe has lost rows (JDK 17 has 887).
const LEAST_FACTS: usize = 700;

/// One row of the probe.
struct Fact {
    /// The macro call.
    row: String,
    /// Keys of the lines it makes the probe print, with our values.
    expected: Vec<(String, i64)>,
    /// First feature release whose headers have it.
    since: u32,
}

#[test]
fn declarations_agree_with_every_jdk_header() {
    let compiler = compiler();
    let jdks = jdks_with_headers();
    assert!(
        !jdks.is_empty(),
        "no JDK headers found: install a JDK with include/jvmti.h (Debian: openjdk-17-jdk-headless) or name one in \
         JAVA_HOME or JDK_HOMES"
    );
    let differences: Vec<String> =
        jdks.iter().flat_map(|jdk| Probe { compiler: &compiler, jdk }.differences()).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Everything there is to compare with the headers of one feature release.
fn facts(feature: u32) -> Vec<Fact> {
    let mut facts = constants(feature);
    for layout in LAYOUTS {
        facts.push(Fact::layout(layout.name, layout.size, layout.align));
        facts.extend(layout.fields.iter().map(|field| Fact::slot("FIELD", layout.name, field)));
    }
    facts.extend(tables(feature));
    facts.extend(jvmtiEventCallbacks::SLOTS.iter().map(|slot| Fact::slot("FIELD", "jvmtiEventCallbacks", slot)));
    let (size, align) = (size_of::<jvmtiCapabilities>(), align_of::<jvmtiCapabilities>());
    facts.push(Fact::layout("jvmtiCapabilities", size, align));
    facts.extend(Capability::ALL.iter().map(|&capability| {
        let name = capability.name();
        Fact::new(format!("CAPABILITY({name})"), format!("bit {name}"), capability as i64, capability.since())
    }));
    facts.retain(|fact| fact.since <= feature);
    facts
}

fn constants(feature: u32) -> Vec<Fact> {
    let constant =
        |name: &str, value, since| Fact::new(format!("CONSTANT({name})"), format!("constant {name}"), value, since);
    let mut facts: Vec<Fact> =
        CONSTANT_TABLES.iter().copied().flatten().map(|row| constant(row.name, row.value, row.since)).collect();
    facts.push(constant("JNI_FALSE", i64::from(JNI_FALSE), ""));
    facts.push(constant("JNI_TRUE", i64::from(JNI_TRUE), ""));
    if feature == NEWEST {
        facts.push(constant("JVMTI_VERSION", i64::from(JVMTI_VERSION), ""));
    }
    facts
}

fn tables(feature: u32) -> Vec<Fact> {
    let tables: [(&str, &[Slot], usize); 3] = [
        ("JNINativeInterface_", JNINativeInterface_::SLOTS, size_of::<JNINativeInterface_>()),
        ("JNIInvokeInterface_", JNIInvokeInterface_::SLOTS, size_of::<JNIInvokeInterface_>()),
        ("jvmtiInterface_1_", jvmtiInterface_1_::SLOTS, size_of::<jvmtiInterface_1_>()),
    ];
    let mut facts = Vec::new();
    for (name, slots, size) in tables {
        // A reserved slot has another name in older headers; its neighbours fix its place.
        facts.extend(slots.iter().filter(|slot| slot.since != "-").map(|slot| Fact::slot("SLOT", name, slot)));
        if feature == NEWEST {
            facts.push(Fact::new(format!("TABLE({name})"), format!("size {name}"), int(size), ""));
        }
    }
    facts
}

impl Fact {
    fn new(row: String, key: String, value: i64, since: &str) -> Self {
        Self { row, expected: vec![(key, value)], since: feature_of(since) }
    }

    fn slot(row: &str, table: &str, slot: &Slot) -> Self {
        let (name, offset) = (slot.name, int(slot.offset));
        Self::new(format!("{row}({table}, {name})"), format!("offset {table}.{name}"), offset, slot.since)
    }

    fn layout(name: &str, size: usize, align: usize) -> Self {
        let expected = vec![(format!("size {name}"), int(size)), (format!("align {name}"), int(align))];
        Self { row: format!("STRUCT({name})"), expected, since: 0 }
    }
}

/// The feature release that brought a version of the specifications; 1.x is older than any supported JDK.
fn feature_of(since: &str) -> u32 {
    since.parse().unwrap_or(0)
}

fn int(value: usize) -> i64 {
    i64::try_from(value).expect("sizes fit")
}

/// The C compiler and the headers of one JDK.
struct Probe<'a> {
    compiler: &'a Path,
    jdk: &'a Path,
}

impl Probe<'_> {
    /// Where C and Rust disagree, one line each.
    fn differences(&self) -> Vec<String> {
        let feature = self.feature();
        let facts = facts(feature);
        let found = self.ask(&facts);
        let expected: BTreeMap<&String, i64> =
            facts.iter().flat_map(|fact| &fact.expected).map(|(key, value)| (key, *value)).collect();
        println!("{}: JDK {feature}, {} facts", self.jdk.display(), expected.len());
        assert!(expected.len() > LEAST_FACTS, "the probe has lost rows: {} left", expected.len());
        let disagrees = |(key, value): (&String, i64)| {
            let c = found.get(key);
            let line = || format!("{key} in {}: C says {c:?}, Rust says {value}", self.jdk.display());
            (c != Some(&value)).then(line)
        };
        expected.into_iter().filter_map(disagrees).collect()
    }

    /// Feature release of the headers.
    fn feature(&self) -> u32 {
        let printed = self.run("feature", "", &["-DASK_FEATURE"]);
        let feature = printed.trim().parse().expect("the probe prints a number");
        // JDK 8 calls itself JVMTI 1.2.
        if feature == 1 { 8 } else { feature }
    }

    /// What C says, by the key of the line.
    fn ask(&self, facts: &[Fact]) -> BTreeMap<String, i64> {
        let mut rows = String::new();
        for fact in facts {
            writeln!(rows, "{}", fact.row).expect("a string takes all");
        }
        let printed = self.run("facts", &rows, &[]);
        let parse = |line: &str| {
            let (key, value) = line.rsplit_once(' ').expect("a key and a value");
            (key.to_owned(), value.parse().expect("a number"))
        };
        printed.lines().map(parse).collect()
    }

    /// Compiles the probe with these rows, runs it and returns what it prints.
    fn run(&self, name: &str, rows: &str, flags: &[&str]) -> String {
        let jdk_name = self.jdk.to_string_lossy().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}{jdk_name}"));
        fs::create_dir_all(&dir).expect("the target directory can be written");
        fs::write(dir.join("probe_rows.inc"), rows).expect("the target directory can be written");
        let program = dir.join("probe");
        let include = self.jdk.join("include");
        let compiled = Command::new(self.compiler)
            .args(["-std=c11", "-Wall", "-Werror", "-o"])
            .arg(&program)
            .args(flags)
            .arg(format!("-I{}", dir.display()))
            .arg(format!("-I{}", include.display()))
            .arg(format!("-I{}", include.join("linux").display()))
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/probe.c"))
            .output()
            .unwrap_or_else(|error| panic!("{} does not start: {error}; set CC", self.compiler.display()));
        let errors = String::from_utf8_lossy(&compiled.stderr);
        assert!(compiled.status.success(), "probe.c does not compile with {}:\n{errors}", self.jdk.display());
        let output = Command::new(&program).output().expect("the probe starts");
        assert!(output.status.success(), "the probe ended with {}", output.status);
        String::from_utf8(output.stdout).expect("the probe prints ASCII")
    }
}

/// The C compiler: `CC`, or the first of the usual names that is on `PATH`.
fn compiler() -> PathBuf {
    if let Some(named) = env::var_os("CC").filter(|value| !value.is_empty()) {
        return named.into();
    }
    ["cc", "gcc", "clang"].iter().find_map(|name| on_path(name)).expect(
        "no C compiler found: install one (Debian: gcc) or name it in CC; the layouts are compared with what it says",
    )
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// Homes of the JDKs that have the headers for Linux, links resolved so that each is asked once.
fn jdks_with_headers() -> BTreeSet<PathBuf> {
    let mut homes: Vec<PathBuf> = env::var_os("JAVA_HOME").map(PathBuf::from).into_iter().collect();
    if let Some(list) = env::var_os("JDK_HOMES") {
        homes.extend(env::split_paths(&list));
    }
    // <home>/bin/java, behind any chain of links.
    if let Some(java) = on_path("java").and_then(|java| java.canonicalize().ok()) {
        homes.extend(java.ancestors().nth(2).map(Path::to_path_buf));
    }
    let installed = fs::read_dir("/usr/lib/jvm").into_iter().flatten().flatten();
    homes.extend(installed.map(|entry| entry.path()));
    let has_headers =
        |home: &PathBuf| home.join("include/jvmti.h").is_file() && home.join("include/linux/jni_md.h").is_file();
    homes.iter().filter_map(|home| home.canonicalize().ok()).filter(has_headers).collect()
}
