//! The threads of this process as the kernel lists them.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;

const TASKS: &str = "/proc/self/task";

/// After this many looks at an unchanged number of threads, the list is read all the same: one may have replaced
/// another.
const LOOKS_UNTIL_READ: u32 = 5;

/// Reads the task directory, and spares the reading when nothing seems to have changed.
#[derive(Debug, Default)]
pub struct TaskList {
    links: u64,
    looks: u32,
}

impl TaskList {
    /// All thread ids; `None` when the number of threads is what it was at the last reading, or the directory cannot be
    /// read now (no file descriptor is left, say).
    pub fn read_if_changed(&mut self) -> Option<Vec<i32>> {
        // The directory's link count is the number of threads plus two (proc(5)), and cheap to ask for.
        let links = fs::metadata(TASKS).map(|metadata| metadata.nlink()).unwrap_or(0);
        self.looks += 1;
        if links == self.links && links != 0 && self.looks < LOOKS_UNTIL_READ {
            return None;
        }
        let tids = read().ok()?;
        self.links = links;
        self.looks = 0;
        Some(tids)
    }
}

/// All thread ids now.
///
/// # Errors
/// When the directory cannot be read to its end; a part of the list would look as if threads had ended.
fn read() -> io::Result<Vec<i32>> {
    let mut tids = Vec::new();
    for entry in fs::read_dir(TASKS)? {
        tids.extend(entry?.file_name().to_str().and_then(|name| name.parse::<i32>().ok()));
    }
    Ok(tids)
}

/// The kernel's name of a thread, at most 15 bytes; empty when it has ended.
pub fn native_name(tid: i32) -> String {
    let name = fs::read(format!("{TASKS}/{tid}/comm")).unwrap_or_default();
    String::from_utf8_lossy(&name).trim_end_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_thread_is_listed_and_named() {
        let tid = crate::os::gettid();
        assert!(read().expect("/proc is mounted").contains(&tid));
        assert!(!native_name(tid).is_empty());
    }

    #[test]
    fn an_unchanged_list_is_read_only_now_and_then() {
        let mut list = TaskList::default();
        assert!(list.read_if_changed().is_some());
        let reads = (0..LOOKS_UNTIL_READ * 4).filter(|_| list.read_if_changed().is_some()).count();
        assert!(reads >= 1, "one thread may have replaced another");
    }
}
