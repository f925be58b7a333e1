//! The agent's log: single lines on standard error, by level, safe to call from any of our threads.
//!
//! ```text
//! 2026-01-01T00:00:00.000Z [pyrite/pyroscope] INFO profiling started
//! ```
//!
//! Each line holds the word `pyroscope`, because that is what operators who come from pyroscope-java search container logs for.
//! Not for signal handlers: it allocates and takes a lock.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::io::Write;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// Longest message; a longer one is cut and marked. With time and level a line then stays under `PIPE_BUF` (4,096 bytes, pipe(7)), and
/// a write that short is never mixed with another process's output.
const MAX_MESSAGE_BYTES: usize = 4_000;

/// How important a line is. A logger set to one level prints that level and those below it in this list's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// As a setting only: prints nothing.
    Off,
    /// Something the user asked for does not happen.
    Error,
    /// Something was lost, refused or replaced by a default.
    Warn,
    /// A change of state that happens a few times in a process's life.
    Info,
    /// Everything else that helps to understand the agent.
    Debug,
}

impl Level {
    /// Each level with its name as an option value.
    pub const NAMES: &[(&str, Level)] = &[
        ("debug", Level::Debug),
        ("info", Level::Info),
        ("warn", Level::Warn),
        ("error", Level::Error),
        ("off", Level::Off),
    ];

    fn label(self) -> &'static str {
        match self {
            Level::Off => "OFF",
            Level::Error => "ERROR",
            Level::Warn => "WARN",
            Level::Info => "INFO",
            Level::Debug => "DEBUG",
        }
    }
}

/// Where lines go when a part is to be tested without standard error.
pub type Sink = Arc<dyn Fn(Level, &str) + Send + Sync>;

static LEVEL: AtomicU8 = AtomicU8::new(Level::Info as u8);
static SAID: Mutex<BTreeMap<&'static str, String>> = Mutex::new(BTreeMap::new());

/// Sets the level for the whole process. Until then it is [`Level::Info`].
pub fn set_level(level: Level) {
    LEVEL.store(level as u8, Ordering::Relaxed);
}

/// True when a line of this level would be printed; ask before building an expensive message.
pub fn enabled(level: Level) -> bool {
    level != Level::Off && level as u8 <= LEVEL.load(Ordering::Relaxed)
}

/// Logs at [`Level::Error`].
pub fn error(message: impl Display) {
    write(Level::Error, message);
}

/// Logs at [`Level::Warn`].
pub fn warn(message: impl Display) {
    write(Level::Warn, message);
}

/// Logs at [`Level::Info`].
pub fn info(message: impl Display) {
    write(Level::Info, message);
}

/// Logs at [`Level::Debug`].
pub fn debug(message: impl Display) {
    write(Level::Debug, message);
}

/// Logs one line at `level`. A closed, full or missing standard error loses the line and nothing else.
pub fn write(level: Level, message: impl Display) {
    if enabled(level) && crate::os::stderr_takes_a_line() {
        let line = line(SystemTime::now(), level, &message);
        // Standard error is unbuffered, so one `write_all` is one write(2). There is nowhere to report a failure to.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

/// Logs the first message given for `key` in this process; later ones are dropped.
pub fn once(key: &'static str, level: Level, message: impl Display) {
    if first_time(key) {
        write(level, message);
    }
}

/// Logs when `state` differs from the state last given for `key`, so that a lasting condition costs one line, and its end another.
pub fn on_change(key: &'static str, state: impl Into<String>, level: Level, message: impl Display) {
    if changed(key, state.into()) {
        write(level, message);
    }
}

/// A sink that ends in [`write`].
pub fn stderr_sink() -> Sink {
    Arc::new(|level, message| write(level, message))
}

fn first_time(key: &'static str) -> bool {
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if said.contains_key(key) {
        return false;
    }
    said.insert(key, String::new());
    true
}

fn changed(key: &'static str, state: String) -> bool {
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    said.insert(key, state.clone()).as_ref() != Some(&state)
}

fn line(at: SystemTime, level: Level, message: &dyn Display) -> String {
    let mut text = OneLine { text: String::with_capacity(160), left: MAX_MESSAGE_BYTES };
    // Formatting fails only when `OneLine` is full, which is its way to stop a huge message early.
    let cut = fmt::write(&mut text, format_args!("{message}")).is_err();
    let stamp = humantime::format_rfc3339_millis(at);
    format!("{stamp} [pyrite/pyroscope] {} {}{}\n", level.label(), text.text, if cut { "…" } else { "" })
}

/// Collects a message up to a bound, with every control character (line ends, escape sequences) turned into a space.
struct OneLine {
    text: String,
    left: usize,
}

impl fmt::Write for OneLine {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        for c in part.chars() {
            self.left = self.left.checked_sub(c.len_utf8()).ok_or(fmt::Error)?;
            self.text.push(if c.is_control() { ' ' } else { c });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    fn at(seconds: u64, message: &str) -> String {
        line(UNIX_EPOCH + Duration::from_secs(seconds), Level::Warn, &message)
    }

    #[test]
    fn a_line_has_time_name_level_and_message() {
        assert_eq!(at(1_767_225_600, "all well"), "2026-01-01T00:00:00.000Z [pyrite/pyroscope] WARN all well\n");
    }

    #[test]
    fn a_message_cannot_start_a_second_line_or_send_escapes() {
        assert!(at(0, "a\nb\r\u{1b}[31mc").ends_with("WARN a b  [31mc\n"));
    }

    #[test]
    fn a_huge_message_is_cut_and_marked() {
        let fits = "ä".repeat(MAX_MESSAGE_BYTES / 2);
        assert!(!at(0, &fits).contains('…'));
        let text = at(0, &format!("{fits}b"));
        assert!(text.ends_with("ä…\n"));
        assert!(text.len() < 4_096);
    }

    #[test]
    fn levels_order_from_silence_to_detail() {
        for pair in Level::NAMES.windows(2) {
            assert!(pair[0].1 > pair[1].1, "{pair:?}");
        }
    }

    #[test]
    fn once_and_on_change_remember_their_keys() {
        assert!(first_time("test.once"));
        assert!(!first_time("test.once"));
        assert!(changed("test.change", "lost".into()));
        assert!(!changed("test.change", "lost".into()));
        assert!(changed("test.change", "back".into()));
    }
}
