//! Finds the separate debug file of a stripped object, in the places where distributions put it.
//!
//! Only a file with the same build id is taken: symbols of another build would name the wrong functions.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::elf::ElfImage;

/// Where distributions install debug files.
const DEBUG_ROOT: &str = "/usr/lib/debug";

/// The debug file of `image`, which was opened at `path`; `None` when it is not installed.
#[must_use]
pub fn find(path: &Path, image: &ElfImage) -> Option<ElfImage> {
    find_below(Path::new(DEBUG_ROOT), path, image)
}

fn find_below(root: &Path, path: &Path, image: &ElfImage) -> Option<ElfImage> {
    let build_id = image.build_id()?;
    let mut candidates = vec![by_build_id(root, &build_id)];
    if let Some(name) = debug_link(image) {
        candidates.extend(by_link(root, path, &name));
    }
    candidates.into_iter().find_map(|candidate| {
        let debug = ElfImage::open(&candidate).ok()?;
        (debug.build_id().as_ref() == Some(&build_id)).then_some(debug)
    })
}

/// `<root>/.build-id/ab/cdef….debug`.
fn by_build_id(root: &Path, build_id: &[u8]) -> PathBuf {
    let hexadecimal = build_id.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    });
    let (directory, name) = hexadecimal.split_at(2);
    root.join(".build-id").join(directory).join(format!("{name}.debug"))
}

/// The three places that gdb looks in for a linked name.
fn by_link(root: &Path, path: &Path, name: &str) -> Vec<PathBuf> {
    let Some(directory) = path.parent() else {
        return Vec::new();
    };
    let below_root = root.join(directory.strip_prefix("/").unwrap_or(directory));
    vec![directory.join(name), directory.join(".debug").join(name), below_root.join(name)]
}

/// The file name in `.gnu_debuglink`. One with a directory in it is refused.
fn debug_link(image: &ElfImage) -> Option<String> {
    /// Longest file name of Linux, with its terminator and the checksum that follows.
    const MAX_BYTES: u64 = 256 + 8;
    let section = image.section(".gnu_debuglink").filter(|section| section.size <= MAX_BYTES)?;
    let bytes = image.read_section(section).ok()?;
    let name = std::str::from_utf8(bytes.split(|byte| *byte == 0).next()?).ok()?;
    (!name.is_empty() && !name.contains('/')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests;
