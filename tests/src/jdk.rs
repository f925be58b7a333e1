//! Finds the JDKs of this machine: one per major version, the fullest one. Only std, because xtask includes this file by path.
//!
//! Looked at, in this order: the colon list `PYRITE_JDKS` (then nothing else), `JAVA_HOME`, the `java` on `PATH`,
//! `/usr/lib/jvm/*` and `<target directory>/jdks/*`, which `cargo xtask jdks` fills.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The major versions that the end-to-end suite must run on.
pub const REQUIRED_MAJORS: [u32; 4] = [11, 17, 21, 25];

/// The oldest major version that the agent supports.
const OLDEST_MAJOR: u32 = 11;

/// A garbage collector and the flag that selects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gc {
    /// The name as people say it.
    pub name: &'static str,
    /// The `-XX` flag.
    pub flag: &'static str,
}

/// Every collector that the smoke runs try.
pub const GCS: [Gc; 5] = [
    Gc { name: "Serial", flag: "-XX:+UseSerialGC" },
    Gc { name: "Parallel", flag: "-XX:+UseParallelGC" },
    Gc { name: "G1", flag: "-XX:+UseG1GC" },
    Gc { name: "ZGC", flag: "-XX:+UseZGC" },
    Gc { name: "Shenandoah", flag: "-XX:+UseShenandoahGC" },
];

/// One installed JDK or runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jdk {
    /// The directory that holds `bin/java`.
    pub home: PathBuf,
    /// 11, 17, 21, ...
    pub major: u32,
    /// The full version as the `release` file has it.
    pub version: String,
}

impl Jdk {
    /// The JDK in a directory, or `None` if there is none or it says no version.
    pub fn at(home: &Path) -> Option<Jdk> {
        let home = home.canonicalize().ok()?;
        if !home.join("bin/java").is_file() {
            return None;
        }
        let release = std::fs::read_to_string(home.join("release")).ok()?;
        let version = release_value(&release, "JAVA_VERSION")?;
        let major = major_of(&version)?;
        Some(Jdk { home, major, version })
    }

    /// The launcher.
    pub fn java(&self) -> PathBuf {
        self.home.join("bin/java")
    }

    /// A tool beside the launcher (`jcmd`, `jfr`, `javac`), if this JDK has it.
    pub fn tool(&self, name: &str) -> Option<PathBuf> {
        let path = self.home.join("bin").join(name);
        path.is_file().then_some(path)
    }

    /// Whether programs can be compiled with it.
    pub fn has_compiler(&self) -> bool {
        self.tool("javac").is_some()
    }

    /// The collectors that are built in, found by trying each.
    pub fn collectors(&self) -> Vec<Gc> {
        GCS.into_iter().filter(|gc| self.accepts(&["-XX:+UnlockExperimentalVMOptions", gc.flag])).collect()
    }

    /// Whether the JVM starts with the given options.
    pub fn accepts(&self, options: &[&str]) -> bool {
        Command::new(self.java())
            .args(options)
            .arg("-version")
            .env_remove("JAVA_TOOL_OPTIONS")
            .env_remove("JDK_JAVA_OPTIONS")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// A JDK with a compiler beats a bare runtime; a runtime with a class-data archive starts as JDKs do in the field.
    fn rank(&self) -> (bool, bool) {
        (self.has_compiler(), self.home.join("lib/server/classes.jsa").is_file())
    }
}

/// The JDKs of a machine, one per major version, in rising order.
#[derive(Clone, Debug, Default)]
pub struct Jdks(pub Vec<Jdk>);

impl Jdks {
    /// Looks for JDKs; `target_dir` is cargo's target directory.
    pub fn discover(target_dir: &Path) -> Jdks {
        if let Some(list) = std::env::var_os("PYRITE_JDKS") {
            return Jdks::best_of(std::env::split_paths(&list).filter_map(|home| Jdk::at(&home)));
        }
        let mut homes: Vec<PathBuf> = std::env::var_os("JAVA_HOME").map(PathBuf::from).into_iter().collect();
        homes.extend(home_on_path());
        homes.extend(children(Path::new("/usr/lib/jvm")));
        homes.extend(children(&target_dir.join("jdks")));
        Jdks::best_of(homes.iter().filter_map(|home| Jdk::at(home)))
    }

    /// The JDK of a major version.
    pub fn major(&self, major: u32) -> Option<&Jdk> {
        self.0.iter().find(|jdk| jdk.major == major)
    }

    /// The oldest JDK that can compile; it is the one least likely to warn about `--release 11`.
    pub fn compiler(&self) -> Option<&Jdk> {
        self.0.iter().find(|jdk| jdk.has_compiler())
    }

    /// The major versions of [`REQUIRED_MAJORS`] that were not found.
    pub fn missing(&self) -> Vec<u32> {
        REQUIRED_MAJORS.into_iter().filter(|major| self.major(*major).is_none()).collect()
    }

    /// Keeps the best JDK of each major version; the first one found wins a tie.
    fn best_of(found: impl Iterator<Item = Jdk>) -> Jdks {
        let mut best: BTreeMap<u32, Jdk> = BTreeMap::new();
        for jdk in found.filter(|jdk| jdk.major >= OLDEST_MAJOR) {
            match best.get(&jdk.major) {
                Some(known) if known.rank() >= jdk.rank() => {}
                _ => {
                    best.insert(jdk.major, jdk);
                }
            }
        }
        Jdks(best.into_values().collect())
    }
}

/// The value of `KEY="value"` in a JDK's `release` file.
fn release_value(release: &str, key: &str) -> Option<String> {
    let line = release.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
    Some(line.trim().trim_matches('"').to_owned())
}

/// 17 of `17.0.15`, 8 of `1.8.0_402`, 26 of `26-ea`.
fn major_of(version: &str) -> Option<u32> {
    let mut numbers = version.split(['.', '-', '+', '_']).map(str::parse::<u32>);
    match numbers.next()?.ok()? {
        1 => numbers.next()?.ok(),
        major => Some(major),
    }
}

/// The home of the `java` that a shell would start; distributions link it through several links.
fn home_on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let java = std::env::split_paths(&path).map(|dir| dir.join("java")).find(|java| java.is_file())?;
    Some(java.canonicalize().ok()?.parent()?.parent()?.to_owned())
}

/// The entries of a directory in a fixed order; empty if there is no such directory.
fn children(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::{major_of, release_value};

    #[test]
    fn a_major_version_is_read_from_every_form() {
        for (version, major) in [("17.0.15", 17), ("1.8.0_402", 8), ("26-ea", 26), ("25", 25), ("21.0.8+9-LTS", 21)] {
            assert_eq!(major_of(version), Some(major), "{version}");
        }
        assert_eq!(major_of("unknown"), None);
    }

    #[test]
    fn a_release_file_gives_the_value_without_quotes() {
        let release = "IMPLEMENTOR=\"Debian\"\nJAVA_VERSION=\"17.0.15\"\nJAVA_VERSION_DATE=\"2025-04-15\"\n";
        assert_eq!(release_value(release, "JAVA_VERSION").as_deref(), Some("17.0.15"));
        assert_eq!(release_value(release, "MODULES"), None);
    }
}
