//! `DataDir`: the directory's layout, its owner, and how a file gets into it.
//!
//! ```text
//! LOCK                                    held by the one process that uses the directory
//! incoming/<number>.part                  an upload being written
//! uploads/<application>/<time>-<number>.upload
//! ```

use super::{Disk, StoreError};
use crate::error::ServeError;
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The directory, locked for this process.
pub(crate) struct DataDir {
    root: PathBuf,
    /// Releases the lock when closed.
    _lock: File,
}

/// The end of an upload's file name.
pub(super) const SUFFIX: &str = "upload";

impl DataDir {
    /// Creates what is missing, takes the lock and clears what an interrupted write left behind.
    pub fn open(root: &Path) -> Result<Self, ServeError> {
        let failed = |cause| ServeError::DataDirectory { path: root.to_owned(), cause };
        fs::create_dir_all(root.join("uploads")).map_err(failed)?;
        fs::create_dir_all(root.join("incoming")).map_err(failed)?;
        let lock = File::options().create(true).truncate(false).write(true).open(root.join("LOCK")).map_err(failed)?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(io::Error::from) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Err(ServeError::DataDirectoryInUse { path: root.to_owned() });
            }
            Err(cause) => return Err(failed(cause)),
        }
        for entry in fs::read_dir(root.join("incoming")).map_err(failed)? {
            fs::remove_file(entry.map_err(failed)?.path()).map_err(failed)?;
        }
        Ok(DataDir { root: root.to_owned(), _lock: lock })
    }

    pub fn uploads(&self) -> PathBuf {
        self.root.join("uploads")
    }

    pub fn absolute(&self, relative: &Path) -> PathBuf {
        self.root.join(relative)
    }

    /// The place of an upload, by application and time, below the root.
    pub fn upload_path(app: &str, from_ns: i64, id: u64) -> PathBuf {
        let name = format!("{from_ns:020}-{id:016x}.{SUFFIX}");
        PathBuf::from("uploads").join(directory_name(app)).join(name)
    }

    /// Writes a whole file so that it is there completely or not at all.
    pub fn write(&self, disk: &dyn Disk, relative: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let target = self.absolute(relative);
        let name = target.file_stem().unwrap_or_default();
        let part = self.root.join("incoming").join(name).with_extension("part");
        let written = self.write_part(disk, &part, bytes).and_then(|()| place(&part, &target));
        written.map_err(|cause| {
            // The refusal is what matters; a part that stays is cleared at the next start.
            let _ = fs::remove_file(&part);
            StoreError::write(target, cause)
        })
    }

    fn write_part(&self, disk: &dyn Disk, part: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = disk.create(part)?;
        file.write_all(bytes)?;
        file.flush()?;
        file.sync()
    }
}

/// Moves a finished file into its place and makes the move durable.
fn place(part: &Path, target: &Path) -> io::Result<()> {
    let Some(directory) = target.parent() else { return Ok(()) };
    let is_new = !directory.exists();
    fs::create_dir_all(directory)?;
    fs::rename(part, target)?;
    File::open(directory)?.sync_all()?;
    match directory.parent() {
        Some(above) if is_new => File::open(above)?.sync_all(),
        _ => Ok(()),
    }
}

/// An application's name with everything but letters, digits, `-`, `_` and inner dots as `%XX`, cut to a length that
/// every file system takes. Names that are cut alike share a directory; the file itself holds the whole name.
fn directory_name(app: &str) -> String {
    const LONGEST: usize = 120;
    let mut name = String::new();
    for byte in app.bytes() {
        if name.len() >= LONGEST {
            break;
        }
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || (byte == b'.' && !name.is_empty());
        if plain {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directory_names_cannot_leave_the_directory() {
        assert_eq!(directory_name("bank-order.service_1"), "bank-order.service_1");
        assert_eq!(directory_name("../x"), "%2E.%2Fx");
        assert_eq!(directory_name("."), "%2E");
        assert_eq!(directory_name("a/b ü"), "a%2Fb%20%C3%BC");
        assert!(directory_name(&"/".repeat(1000)).len() < 130);
    }
}
