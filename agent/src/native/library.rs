//! One object in the address space: opening it, checking that it is still what is mapped, and what was made of it.

use std::path::Path;
use std::sync::Arc;

use super::elf::{ElfError, ElfImage, Segment};
use super::maps::{CodeMapping, ObjectKey, ObjectKind};
use super::name_cache::LibraryId;
use super::process_memory;
use super::unwind::{OwnedTable, UnwindError};

/// How much of the beginning of an object is compared with memory, bytes. It holds the program headers and, with all
/// common linkers, the build id.
const COMPARED_BYTES: u64 = 1024;
/// Largest object without a file that is copied out of memory, bytes. The kernel's is two or three pages.
const MAX_VDSO_BYTES: u64 = 1 << 20;

/// Why an object has no table or no symbols.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SkipReason {
    /// Removed or replaced on disk since it was mapped.
    #[error("its file was removed or replaced after it was loaded; restart the JVM to see into it")]
    Changed,
    /// No file: generated code, or one of the kernel's pages.
    #[error("it is generated code without a file")]
    Anonymous,
    /// Cannot be read as ELF.
    #[error(transparent)]
    Elf(#[from] ElfError),
    /// No usable unwind information.
    #[error(transparent)]
    Unwind(UnwindError),
    /// The tables have reached their limit.
    #[error("unwind tables have reached their limit of {limit} bytes")]
    MemoryLimit {
        /// The limit.
        limit: usize,
    },
}

impl From<UnwindError> for SkipReason {
    fn from(error: UnwindError) -> Self {
        match error {
            UnwindError::Elf(error) => Self::Elf(error),
            other => Self::Unwind(other),
        }
    }
}

/// How far the unwind table of a library has come.
#[derive(Debug)]
pub enum TableState {
    /// Nobody needed it.
    Unseen,
    /// A walk ended in it.
    Wanted,
    /// Compiled.
    Ready(Arc<OwnedTable>),
    /// There will be none.
    Skipped(SkipReason),
}

/// One object.
#[derive(Debug)]
pub struct Library {
    /// Identity for caches.
    pub id: LibraryId,
    /// What is mapped.
    pub key: ObjectKey,
    /// As shown in frames: the file name.
    pub module: Arc<str>,
    /// Unwind table.
    pub table: TableState,
    /// Loadable segments, once the object was opened.
    segments: Option<Vec<Segment>>,
    /// Set once its symbols turned out to be unreadable, so that it is not tried again for each address.
    pub symbols_failed: Option<SkipReason>,
}

impl Library {
    /// An object that nobody has looked at yet.
    #[must_use]
    pub fn new(id: LibraryId, key: ObjectKey) -> Self {
        let module = module_name(&key).into();
        Self { id, key, module, table: TableState::Unseen, segments: None, symbols_failed: None }
    }

    /// Opens the object that `mapping` shows, and makes sure that it is the one that was loaded.
    ///
    /// # Errors
    /// The reason why nothing can be known about it.
    pub fn open(&mut self, mapping: &CodeMapping) -> Result<ElfImage, SkipReason> {
        let image = match self.key.kind {
            ObjectKind::Deleted => return Err(SkipReason::Changed),
            ObjectKind::Anonymous => return Err(SkipReason::Anonymous),
            ObjectKind::Vdso => {
                let length = (mapping.end - mapping.start).min(MAX_VDSO_BYTES);
                let length = usize::try_from(length).unwrap_or(0);
                let bytes = process_memory::read(mapping.start, length).map_err(ElfError::Io)?;
                ElfImage::from_bytes(bytes)?
            }
            ObjectKind::File => {
                let image = ElfImage::open(Path::new(&*self.key.path))?;
                self.check_same(&image, mapping)?;
                image
            }
        };
        self.segments = Some(image.segments.clone());
        Ok(image)
    }

    /// What to subtract from an address in `mapping` to get the address that the object was linked for. Opens the
    /// object if that has not been done.
    ///
    /// # Errors
    /// As [`Library::open`], or when no executable segment belongs to the mapping.
    pub fn bias(&mut self, mapping: &CodeMapping) -> Result<u64, SkipReason> {
        if self.segments.is_none() {
            self.open(mapping)?;
        }
        let segments = self.segments.as_deref().unwrap_or_default();
        bias(segments, mapping).ok_or(SkipReason::Elf(ElfError::Malformed("executable segment")))
    }

    /// The memory decides where it can be read, because overlay file systems report other numbers than the map.
    fn check_same(&self, image: &ElfImage, mapping: &CodeMapping) -> Result<(), SkipReason> {
        let length = image.size().min(COMPARED_BYTES);
        let mapped =
            mapping.header.and_then(|address| process_memory::read(address, usize::try_from(length).ok()?).ok());
        let is_same = match mapped {
            Some(mapped) => mapped == image.read(0, length, "header")?,
            None => image.inode() == Some(self.key.inode),
        };
        if is_same { Ok(()) } else { Err(SkipReason::Changed) }
    }
}

/// The bias of `mapping` by the executable segment that it shows. The first mapping of an object says nothing: the
/// same object may be mapped in parts, twice, or with an offset that differs from the address.
fn bias(segments: &[Segment], mapping: &CodeMapping) -> Option<u64> {
    /// The kernel maps whole pages, so a mapping may begin before its segment.
    const PAGE: u64 = 4096;
    let shows = |segment: &&Segment| {
        let first_page = segment.offset - segment.offset % PAGE;
        let end = segment.offset.saturating_add(segment.size);
        segment.executable && first_page <= mapping.offset && mapping.offset < end
    };
    let segment = segments.iter().find(shows)?;
    let linked = segment.address.wrapping_add(mapping.offset).wrapping_sub(segment.offset);
    Some(mapping.start.wrapping_sub(linked))
}

/// The last part of the path; memory without a name is called what it is.
fn module_name(key: &ObjectKey) -> &str {
    match key.path.rsplit('/').next() {
        None | Some("") => "[generated code]",
        Some(name) => name,
    }
}

#[cfg(test)]
mod tests;
