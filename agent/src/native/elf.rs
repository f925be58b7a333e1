//! One ELF object: its headers, and bounded reads of the rest.
//!
//! Files are read with `pread` into buffers of ours and never mapped: touching a mapped page of a file that somebody
//! truncates raises SIGBUS in the middle of the application.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

use object::LittleEndian;
use object::elf::{self, FileHeader64, NoteHeader64, ProgramHeader64, SectionHeader64, SectionType, Sym64};
use object::pod::{self, Pod};

/// Largest piece that is read into memory at once. The unwind information of the largest known JVM is 2 MiB.
const MAX_READ_BYTES: u64 = 64 << 20;
/// More headers than this and the file is taken for damaged. Linkers make some tens.
const MAX_HEADERS: u16 = 4096;
/// More bytes of notes than this and the file is taken for damaged.
const MAX_NOTE_BYTES: u64 = 64 << 10;
/// Longest symbol name that is read, bytes. C++ templates reach a few thousand.
const MAX_NAME_BYTES: usize = 4096;

type Le = LittleEndian;

/// Why an object could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ElfError {
    /// The operating system refused.
    #[error("cannot read it: {0}")]
    Io(#[from] io::Error),
    /// Not an ELF object of this machine.
    #[error("not a 64-bit little-endian ELF object")]
    NotElf,
    /// A header points outside the file, or makes no sense.
    #[error("damaged or truncated: {0} is out of range")]
    Malformed(&'static str),
    /// A part is larger than any known object needs.
    #[error("its {part} of {bytes} bytes is over the limit of {MAX_READ_BYTES}")]
    TooLarge {
        /// Which part.
        part: &'static str,
        /// Its size.
        bytes: u64,
    },
}

/// A loadable part of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Offset in the file, bytes.
    pub offset: u64,
    /// Bytes in the file.
    pub size: u64,
    /// Address that the object was linked for.
    pub address: u64,
    /// Whether it is mapped executable.
    pub executable: bool,
}

/// A section of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Name, as in `.eh_frame`.
    pub name: String,
    /// `SHT_*`.
    pub kind: SectionType,
    /// Address that the object was linked for; 0 when it is not loaded.
    pub address: u64,
    /// Offset in the file, bytes.
    pub offset: u64,
    /// Bytes.
    pub size: u64,
    /// For a symbol table, the number of its string table.
    pub link: u32,
    /// Whether it holds code.
    pub executable: bool,
}

/// Where the bytes come from.
#[derive(Debug)]
enum Source {
    File(File),
    /// A copy, for the object that the kernel maps without a file.
    Memory(Vec<u8>),
}

/// An opened object.
#[derive(Debug)]
pub struct ElfImage {
    source: Source,
    size: u64,
    /// Loadable segments, in file order.
    pub segments: Vec<Segment>,
    /// Address and size of `.eh_frame_hdr` as the program headers tell it, for objects without section headers.
    pub eh_frame_header: Option<(u64, u64)>,
    /// All sections; the position is the number that symbols use. Empty when the section headers were stripped.
    pub sections: Vec<Section>,
}

impl ElfImage {
    /// Opens the object at `path` and reads its headers.
    ///
    /// # Errors
    /// When it cannot be read, or is not a sound ELF object of this machine.
    pub fn open(path: &Path) -> Result<Self, ElfError> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(ElfError::NotElf);
        }
        Self::parse(Source::File(file), metadata.size())
    }

    /// Takes the bytes of an object.
    ///
    /// # Errors
    /// When they are not a sound ELF object of this machine.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, ElfError> {
        let size = bytes.len() as u64;
        Self::parse(Source::Memory(bytes), size)
    }

    /// The inode of the file, if there is one.
    #[must_use]
    pub fn inode(&self) -> Option<u64> {
        match &self.source {
            Source::File(file) => file.metadata().ok().map(|metadata| metadata.ino()),
            Source::Memory(_) => None,
        }
    }

    /// The section called `name`.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// The symbol table of type `kind` (`SHT_SYMTAB` or `SHT_DYNSYM`).
    #[must_use]
    pub fn symbol_table(&self, kind: SectionType) -> Option<&Section> {
        self.sections.iter().find(|section| section.kind == kind)
    }

    /// Size of the object, bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Reads exactly `size` bytes at `offset`; `part` names them in errors.
    ///
    /// # Errors
    /// When the range is outside the object or unreasonably large, or the read fails.
    pub fn read(&self, offset: u64, size: u64, part: &'static str) -> Result<Vec<u8>, ElfError> {
        if offset.checked_add(size).is_none_or(|end| end > self.size) {
            return Err(ElfError::Malformed(part));
        }
        let length = usize::try_from(size).map_err(|_| ElfError::Malformed(part))?;
        if size > MAX_READ_BYTES {
            return Err(ElfError::TooLarge { part, bytes: size });
        }
        match &self.source {
            Source::File(file) => {
                let mut bytes = vec![0; length];
                file.read_exact_at(&mut bytes, offset)?;
                Ok(bytes)
            }
            Source::Memory(bytes) => usize::try_from(offset)
                .ok()
                .and_then(|start| bytes.get(start..)?.get(..length))
                .map(<[u8]>::to_vec)
                .ok_or(ElfError::Malformed(part)),
        }
    }

    /// Reads a section whole.
    ///
    /// # Errors
    /// As [`ElfImage::read`].
    pub fn read_section(&self, section: &Section) -> Result<Vec<u8>, ElfError> {
        self.read(section.offset, section.size, "section")
    }

    /// Bytes from the linked address `address` to the end of its segment in the file.
    ///
    /// # Errors
    /// When no segment holds the address, or as [`ElfImage::read`].
    pub fn read_from_address(&self, address: u64) -> Result<Vec<u8>, ElfError> {
        let inside =
            |segment: &&Segment| address.checked_sub(segment.address).is_some_and(|distance| distance < segment.size);
        let segment = self.segments.iter().find(inside).ok_or(ElfError::Malformed("address"))?;
        let distance = address - segment.address;
        let offset = segment.offset.checked_add(distance).ok_or(ElfError::Malformed("segment"))?;
        self.read(offset, segment.size - distance, "segment")
    }

    /// Calls `visit` with each symbol of the table and its number, reading the table piece by piece.
    ///
    /// # Errors
    /// As [`ElfImage::read`]; symbols before the failure have been visited.
    pub fn for_each_symbol(&self, table: &Section, mut visit: impl FnMut(&Sym64<Le>)) -> Result<(), ElfError> {
        const SYMBOLS_A_READ: u64 = 4096;
        let symbol_size = size_of::<Sym64<Le>>() as u64;
        let count = table.size / symbol_size;
        for first in (0..count).step_by(SYMBOLS_A_READ as usize) {
            let size = (count - first).min(SYMBOLS_A_READ) * symbol_size;
            let offset = table.offset.checked_add(first * symbol_size);
            let bytes = self.read(offset.ok_or(ElfError::Malformed("symbols"))?, size, "symbols")?;
            for symbol in slice_of::<Sym64<Le>>(&bytes, "symbols")? {
                visit(symbol);
            }
        }
        Ok(())
    }

    /// The name at `offset` in the string table that belongs to the symbol table `table`.
    #[must_use]
    pub fn symbol_name(&self, table: &Section, offset: u32) -> Option<String> {
        let strings = self.sections.get(usize::try_from(table.link).ok()?)?;
        let left = strings.size.checked_sub(u64::from(offset))?;
        let start = strings.offset.checked_add(u64::from(offset))?;
        let bytes = self.read(start, left.min(MAX_NAME_BYTES as u64), "symbol name").ok()?;
        let name = bytes.split(|byte| *byte == 0).next()?;
        (!name.is_empty()).then(|| String::from_utf8_lossy(name).into_owned())
    }

    /// The build id that the linker put in, if it did.
    #[must_use]
    pub fn build_id(&self) -> Option<Vec<u8>> {
        let notes = self.section(".note.gnu.build-id")?;
        if notes.size > MAX_NOTE_BYTES {
            return None;
        }
        let bytes = self.read_section(notes).ok()?;
        let (header, rest) = pod::from_bytes::<NoteHeader64<Le>>(&bytes).ok()?;
        let name_size = usize::try_from(header.n_namesz.get(Le {})).ok()?;
        let size = usize::try_from(header.n_descsz.get(Le {})).ok()?;
        let id = rest.get(name_size.checked_next_multiple_of(4)?..)?.get(..size)?;
        (!id.is_empty()).then(|| id.to_vec())
    }

    fn parse(source: Source, size: u64) -> Result<Self, ElfError> {
        let mut image = Self { source, size, segments: Vec::new(), eh_frame_header: None, sections: Vec::new() };
        let header_size = size_of::<FileHeader64<Le>>() as u64;
        let bytes = image.read(0, header_size, "header").map_err(|_| ElfError::NotElf)?;
        let (header, _) = pod::from_bytes::<FileHeader64<Le>>(&bytes).map_err(|()| ElfError::NotElf)?;
        let ident = &header.e_ident;
        if ident.magic != elf::ELFMAG || ident.class != elf::ELFCLASS64 || ident.data != elf::ELFDATA2LSB {
            return Err(ElfError::NotElf);
        }
        image.parse_segments(header)?;
        image.parse_sections(header)?;
        Ok(image)
    }

    fn parse_segments(&mut self, header: &FileHeader64<Le>) -> Result<(), ElfError> {
        let count = header.e_phnum.get(Le {});
        let bytes = self.read_headers::<ProgramHeader64<Le>>(header.e_phoff.get(Le {}), count)?;
        for segment in slice_of::<ProgramHeader64<Le>>(&bytes, "program headers")? {
            let (address, size) = (segment.p_vaddr.get(Le {}), segment.p_filesz.get(Le {}));
            match segment.p_type.get(Le {}) {
                elf::PT_LOAD => self.segments.push(Segment {
                    offset: segment.p_offset.get(Le {}),
                    size,
                    address,
                    executable: segment.p_flags.get(Le {}).contains(elf::PF_X),
                }),
                elf::PT_GNU_EH_FRAME => self.eh_frame_header = Some((address, size)),
                _ => {}
            }
        }
        Ok(())
    }

    fn parse_sections(&mut self, header: &FileHeader64<Le>) -> Result<(), ElfError> {
        let (offset, count) = (header.e_shoff.get(Le {}), header.e_shnum.get(Le {}));
        if offset == 0 || count == 0 {
            return Ok(());
        }
        let bytes = self.read_headers::<SectionHeader64<Le>>(offset, count)?;
        let headers = slice_of::<SectionHeader64<Le>>(&bytes, "section headers")?;
        let names = header.e_shstrndx.get(Le {}).index();
        let names = names.and_then(|number| headers.get(usize::from(number)));
        let names = match names {
            Some(names) => self.read(names.sh_offset.get(Le {}), names.sh_size.get(Le {}), "section names")?,
            None => Vec::new(),
        };
        self.sections = headers.iter().map(|header| section(header, &names)).collect();
        Ok(())
    }

    fn read_headers<T>(&self, offset: u64, count: u16) -> Result<Vec<u8>, ElfError> {
        if count > MAX_HEADERS {
            return Err(ElfError::Malformed("number of headers"));
        }
        self.read(offset, u64::from(count) * size_of::<T>() as u64, "headers")
    }
}

/// One section header with its name looked up.
fn section(header: &SectionHeader64<Le>, names: &[u8]) -> Section {
    let name = usize::try_from(header.sh_name.get(Le {})).ok().and_then(|start| names.get(start..));
    let name = name.and_then(|bytes| bytes.split(|byte| *byte == 0).next()).unwrap_or_default();
    Section {
        name: String::from_utf8_lossy(name).into_owned(),
        kind: header.sh_type.get(Le {}),
        address: header.sh_addr.get(Le {}),
        offset: header.sh_offset.get(Le {}),
        size: header.sh_size.get(Le {}),
        link: header.sh_link.get(Le {}),
        executable: header.sh_flags.get(Le {}).contains(elf::SHF_EXECINSTR),
    }
}

/// The bytes as a slice of `T`, which has no alignment of its own.
fn slice_of<'b, T: Pod>(bytes: &'b [u8], part: &'static str) -> Result<&'b [T], ElfError> {
    pod::slice_from_all_bytes(bytes).map_err(|()| ElfError::Malformed(part))
}

#[cfg(test)]
mod tests;
