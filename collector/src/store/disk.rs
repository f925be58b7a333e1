//! `Disk`: where files are written, replaceable so that a full disk can be tried.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Creates the files that uploads are written to.
pub trait Disk: Send + Sync {
    /// Creates a new file; one that exists is an error.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
}

/// A file being written.
pub trait DiskFile: Write + Send {
    /// Returns when what was written would survive a power cut.
    fn sync(&mut self) -> io::Result<()>;
}

/// The real file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalDisk;

impl Disk for LocalDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(File::create_new(path)?))
    }
}

impl DiskFile for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}
