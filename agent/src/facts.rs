//! What is true here: the JVM, the kernel and the limits, read once. The policy decides what follows from it.

use std::fs;
use std::thread;

use crate::os;

/// Signals that the per-thread timers may use, the best first: not real-time, because those queue up without merging
/// (async-profiler issue 1749), and not wanted by a JVM.
const CANDIDATE_SIGNALS: [i32; 3] = [libc::SIGSTKFLT, libc::SIGVTALRM, libc::SIGPWR];

/// The facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// `java.vm.name`.
    pub vm_name: String,
    /// `java.vm.version`.
    pub vm_version: String,
    /// Feature release of the JDK, such as 17.
    pub feature: u32,
    /// Whether libjvm exports AsyncGetCallTrace.
    pub has_call_trace: bool,
    /// Processors that this process may use.
    pub processors: usize,
    /// Length of a scheduler tick.
    pub tick_ns: u64,
    /// Largest thread id plus one.
    pub pid_max: usize,
    /// Candidate signals whose disposition is default or ignored, in the order of preference.
    pub free_signals: Vec<i32>,
    /// Whether nobody has a handler for SIGPROF.
    pub profiling_signal_free: bool,
    /// Why the kernel refuses a timer on a thread's CPU clock, if it does: a limit, or a seccomp filter.
    pub timer_refusal: Option<String>,
    /// Names of other profilers' libraries that are loaded.
    pub other_profilers: Vec<String>,
}

impl Facts {
    /// Reads the facts about this process. `vm_name` and `vm_version` are the JVM's own properties.
    pub fn gather(vm_name: String, vm_version: String, has_call_trace: bool) -> Self {
        let is_free = |signal: &i32| {
            os::disposition(*signal)
                .is_ok_and(|action| action.handler == libc::SIG_DFL || action.handler == libc::SIG_IGN)
        };
        Self {
            feature: feature_release(&vm_version),
            vm_name,
            vm_version,
            has_call_trace,
            processors: thread::available_parallelism().map_or(1, usize::from),
            tick_ns: os::tick_ns().unwrap_or(DEFAULT_TICK_NS),
            pid_max: pid_max(),
            free_signals: CANDIDATE_SIGNALS.into_iter().filter(is_free).collect(),
            profiling_signal_free: is_free(&libc::SIGPROF),
            timer_refusal: os::probe_timer().err().map(|error| error.to_string()),
            other_profilers: other_profilers(&fs::read_to_string("/proc/self/maps").unwrap_or_default()),
        }
    }
}

/// The tick of the slowest common kernel configuration, CONFIG_HZ=100.
const DEFAULT_TICK_NS: u64 = 10_000_000;

/// Thread ids of a 64-bit kernel are below this (PID_MAX_LIMIT, threads.h).
const PID_MAX_LIMIT: usize = 4_194_304;

/// The default of kernels that do not say (threads.h, PID_MAX_DEFAULT).
const PID_MAX_DEFAULT: usize = 32_768;

fn pid_max() -> usize {
    let text = fs::read_to_string("/proc/sys/kernel/pid_max").unwrap_or_default();
    // The limit can be raised while we run, but only to what the kernel was built for; 4 bytes of address space each.
    text.trim().parse().unwrap_or(PID_MAX_DEFAULT).clamp(PID_MAX_DEFAULT, PID_MAX_LIMIT)
}

/// The feature release in `java.vm.version`, such as `17.0.15+6` or `25+36-LTS`. HotSpot's own numbering, in which JDK 8 is
/// 25.x, ended with JDK 8, which the entry points refuse by its JVMTI version.
fn feature_release(vm_version: &str) -> u32 {
    let digits = vm_version.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().unwrap_or(0)
}

/// Parts of file names by which other profilers of the JVM are known.
const PROFILERS: [&str; 3] = ["asyncProfiler", "javaProfiler", "jdprof"];

fn other_profilers(maps: &str) -> Vec<String> {
    let mut found: Vec<String> = maps
        .lines()
        .filter_map(|line| line.rsplit('/').next())
        .filter(|file| PROFILERS.iter().any(|profiler| file.contains(profiler)))
        .map(str::to_owned)
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The name under which a running agent shows in /proc/self/maps, see [`crate::os::leave_mark`].
pub const MARK: &std::ffi::CStr = c"pyrite-agent";

/// Whether a copy of the agent that left its mark before `own` runs in this process.
///
/// Files that live in memory get their inode numbers in the order of their making.
pub fn is_second_copy(own_inode: u64) -> bool {
    marks(&fs::read_to_string("/proc/self/maps").unwrap_or_default()).any(|inode| inode < own_inode)
}

/// Inodes of all marks in a listing of mappings: address, permissions, offset, device, inode, name (proc(5)).
fn marks(maps: &str) -> impl Iterator<Item = u64> + '_ {
    let marked = maps.lines().filter(|line| line.contains("/memfd:pyrite-agent"));
    marked.filter_map(|line| line.split_whitespace().nth(4)?.parse().ok())
}

/// What a JVM was started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To run a program.
    Application,
    /// To be a tool of the JDK, or to print its version: nothing to profile, and nobody wants our output in theirs.
    Tool,
}

/// Modules of the JDK whose main classes are tools. The source launcher (`java Program.java`) lives in the compiler's
/// module too, but runs a program.
const TOOL_MODULES: [&str; 14] = [
    "jdk.jcmd/",
    "jdk.compiler/",
    "jdk.jfr/",
    "jdk.jartool/",
    "jdk.javadoc/",
    "jdk.jshell/",
    "jdk.jlink/",
    "jdk.jdeps/",
    "jdk.jpackage/",
    "jdk.jconsole/",
    "jdk.hotspot.agent/",
    "jdk.rmic/",
    "jdk.jstatd/",
    "java.base/sun.security.tools.",
];

/// The source launcher's main class.
const SOURCE_LAUNCHER: &str = "jdk.compiler/com.sun.tools.javac.launcher.";

/// Tells a program from a tool by `sun.java.command` and `sun.java.launcher`, both set by the `java` launcher. A program
/// that embeds the JVM sets neither.
pub fn purpose(command: Option<&str>, launcher: Option<&str>) -> Purpose {
    match command {
        Some(command) if command.starts_with(SOURCE_LAUNCHER) => Purpose::Application,
        Some(command) if TOOL_MODULES.iter().any(|module| command.starts_with(module)) => Purpose::Tool,
        Some(_) => Purpose::Application,
        // The launcher without a command prints a version or a help text.
        None if launcher.is_some() => Purpose::Tool,
        None => Purpose::Application,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_feature_release_is_the_first_number() {
        assert_eq!(feature_release("11.0.13+8"), 11);
        assert_eq!(feature_release("17.0.15+6-Debian-1deb12u1"), 17);
        assert_eq!(feature_release("25+36-LTS"), 25);
        assert_eq!(feature_release("nonsense"), 0);
    }

    #[test]
    fn tools_of_the_jdk_are_told_from_programs() {
        let launcher = Some("SUN_STANDARD");
        for tool in [
            "jdk.jcmd/sun.tools.jps.Jps -l",
            "jdk.compiler/com.sun.tools.javac.Main A.java",
            "java.base/sun.security.tools.keytool.Main -list",
        ] {
            assert_eq!(purpose(Some(tool), launcher), Purpose::Tool, "{tool}");
        }
        for program in [
            "app.jar --port 80",
            "com.shop.Main",
            "java.base/x.Y",
            "jdk.compiler/com.sun.tools.javac.launcher.Main A.java",
            "jdk.httpserver/sun.net.httpserver.simpleserver.Main",
        ] {
            assert_eq!(purpose(Some(program), launcher), Purpose::Application, "{program}");
        }
        assert_eq!(purpose(None, launcher), Purpose::Tool);
        assert_eq!(purpose(None, None), Purpose::Application);
    }

    #[test]
    fn marks_are_told_by_their_inodes() {
        let maps = "7f00-7f01 ---p 00000000 00:01 77 /memfd:pyrite-agent (deleted)\n7f01-7f02 r--p 0 00:01 5 /lib/libc.so.6\n\
                    7e00-7e01 ---p 00000000 00:01 81 /memfd:pyrite-agent (deleted)\n";
        assert_eq!(marks(maps).collect::<Vec<_>>(), [77, 81]);
    }

    #[test]
    fn other_profilers_are_found_by_their_files() {
        let maps = "7f00-7f01 r-xp 0 0:0 1 /opt/lib/libasyncProfiler.so\n7f02-7f03 r--p 0 0:0 1 /opt/lib/libasyncProfiler.so\n7f04-7f05 r-xp 0 0:0 1 /lib/libc.so.6\n";
        assert_eq!(other_profilers(maps), ["libasyncProfiler.so"]);
    }
}
