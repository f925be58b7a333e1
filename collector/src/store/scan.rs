//! Reading the index back from the directory at start.

use super::data_dir::SUFFIX;
use super::file::{FileError, Header, read_header};
use super::{DataDir, Index};
use crate::error::ServeError;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The index, and the first number that no upload has.
pub(super) struct Scanned {
    pub index: Index,
    pub next_id: u64,
}

/// Reads the header of every upload. One that is torn or foreign is skipped with a warning and not deleted: its
/// recording may still be of use to somebody.
pub(super) fn scan(dir: &DataDir) -> Result<Scanned, ServeError> {
    let mut scanned = Scanned { index: Index::default(), next_id: 1 };
    for app in list(&dir.uploads())? {
        if !app.is_dir() {
            continue;
        }
        for path in list(&app)? {
            scanned.add(dir, &path);
        }
    }
    Ok(scanned)
}

impl Scanned {
    fn add(&mut self, dir: &DataDir, path: &Path) {
        let Some(id) = upload_id(path) else { return };
        self.next_id = self.next_id.max(id.saturating_add(1));
        match open_header(path) {
            Ok((header, size_bytes)) => {
                let relative = path.strip_prefix(dir.absolute(Path::new(""))).unwrap_or(path);
                self.index.insert(id, relative.to_owned(), &header, size_bytes);
            }
            Err(error) => log::warn!("{} is skipped: {error}", path.display()),
        }
    }
}

fn open_header(path: &Path) -> Result<(Header, u64), FileError> {
    let file = File::open(path)?;
    let size_bytes = file.metadata()?.len();
    Ok((read_header(std::io::BufReader::new(file), size_bytes)?, size_bytes))
}

/// The number in `<time>-<number>.upload`.
fn upload_id(path: &Path) -> Option<u64> {
    let stem = path.file_name()?.to_str()?.strip_suffix(SUFFIX)?.strip_suffix('.')?;
    u64::from_str_radix(stem.rsplit_once('-')?.1, 16).ok()
}

fn list(directory: &Path) -> Result<Vec<PathBuf>, ServeError> {
    let entries = fs::read_dir(directory).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    entries.map_err(|cause| ServeError::DataDirectory { path: directory.to_owned(), cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_uploads_have_a_number() {
        let path = DataDir::upload_path("bank", 1_700_000_000_000_000_000, 0xab);
        assert_eq!(upload_id(&path), Some(0xab));
        for other in ["x.upload", "1-zz.upload", "1-1.part", "1-1", ""] {
            assert_eq!(upload_id(Path::new(other)), None, "{other}");
        }
    }
}
