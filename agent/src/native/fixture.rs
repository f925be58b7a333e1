//! Makes small ELF objects for tests: named sections, symbols, one executable segment.

use std::path::{Path, PathBuf};

use super::elf::ElfImage;

/// Linked address of the code section of every fixture, and its size.
pub const CODE: u64 = 0x1000;
/// Size of the code section, bytes.
pub const CODE_SIZE: u64 = 0x10000;

const SHT_PROGBITS: u32 = 1;
const SHT_STRTAB: u32 = 3;
/// `SHT_SYMTAB`.
pub const SYMTAB: u32 = 2;
/// `SHT_DYNSYM`.
pub const DYNSYM: u32 = 11;

/// `STT_FUNC`, global.
pub const GLOBAL_FUNCTION: u8 = 0x12;
/// `STT_FUNC`, local.
pub const LOCAL_FUNCTION: u8 = 0x02;
/// `STT_FUNC`, weak.
pub const WEAK_FUNCTION: u8 = 0x22;
/// `STT_OBJECT`, global.
pub const GLOBAL_OBJECT: u8 = 0x11;
/// `STT_NOTYPE`, local.
pub const LABEL: u8 = 0x00;

/// A section to be.
struct Part {
    name: &'static str,
    kind: u32,
    flags: u64,
    address: u64,
    link: u32,
    bytes: Vec<u8>,
    size: u64,
}

/// An object to be. Section 1 is always the code.
pub struct Fixture {
    parts: Vec<Part>,
}

impl Fixture {
    /// An object with code and nothing else.
    pub fn new() -> Self {
        let bytes = vec![0x90; 16];
        let code = Part { name: ".text", kind: SHT_PROGBITS, flags: 6, address: CODE, link: 0, bytes, size: CODE_SIZE };
        Self { parts: vec![code] }
    }

    /// Adds a section of data.
    pub fn with(mut self, name: &'static str, address: u64, bytes: Vec<u8>) -> Self {
        let size = bytes.len() as u64;
        self.parts.push(Part { name, kind: SHT_PROGBITS, flags: 2, address, link: 0, bytes, size });
        self
    }

    /// Adds a note with a build id.
    pub fn with_build_id(self, id: &[u8]) -> Self {
        let mut note = Vec::new();
        for word in [4, id.len() as u32, 3] {
            note.extend(word.to_le_bytes());
        }
        note.extend(b"GNU\0");
        note.extend(id);
        self.with(".note.gnu.build-id", 0x200, note)
    }

    /// Adds a symbol table of functions in the code: name, info, start and size.
    pub fn with_symbols(mut self, kind: u32, symbols: &[(&str, u8, u64, u64)]) -> Self {
        let mut strings = vec![0];
        let mut table = vec![0; 24];
        for (name, info, start, size) in symbols {
            table.extend((strings.len() as u32).to_le_bytes());
            table.extend([*info, 0, 1, 0]);
            table.extend(start.to_le_bytes());
            table.extend(size.to_le_bytes());
            strings.extend(name.as_bytes());
            strings.push(0);
        }
        // The null section comes first, so the next free number is one more than the number of parts.
        let link = self.parts.len() as u32 + 2;
        for (name, kind, link, bytes) in [(".symbols", kind, link, table), (".strings", SHT_STRTAB, 0, strings)] {
            let size = bytes.len() as u64;
            self.parts.push(Part { name, kind, flags: 0, address: 0, link, bytes, size });
        }
        self
    }

    /// The bytes of the object.
    pub fn bytes(mut self) -> Vec<u8> {
        let mut names = vec![0];
        let mut starts = Vec::new();
        for name in self.parts.iter().map(|part| part.name).chain([".shstrtab"]) {
            starts.push(names.len() as u32);
            names.extend(name.as_bytes());
            names.push(0);
        }
        let size = names.len() as u64;
        let kind = SHT_STRTAB;
        self.parts.push(Part { name: ".shstrtab", kind, flags: 0, address: 0, link: 0, bytes: names, size });
        let mut body = vec![0; 64 + 56];
        let mut headers = vec![0; 64];
        for (part, name) in self.parts.iter().zip(starts) {
            headers.extend(name.to_le_bytes());
            headers.extend(part.kind.to_le_bytes());
            for word in [part.flags, part.address, body.len() as u64, part.size] {
                headers.extend(word.to_le_bytes());
            }
            headers.extend(part.link.to_le_bytes());
            headers.extend([0; 4 + 8 + 8]);
            body.extend(&part.bytes);
        }
        let header = file_header(body.len() as u64, self.parts.len() as u16 + 1);
        body[..64].copy_from_slice(&header);
        body[64..64 + 56].copy_from_slice(&code_segment());
        body.extend(headers);
        body
    }

    /// The object, parsed.
    pub fn image(self) -> ElfImage {
        ElfImage::from_bytes(self.bytes()).expect("a sound fixture")
    }
}

fn file_header(section_headers: u64, sections: u16) -> Vec<u8> {
    let mut header = b"\x7fELF\x02\x01\x01".to_vec();
    header.resize(16, 0);
    for half in [3_u16, 62] {
        header.extend(half.to_le_bytes());
    }
    header.extend(1_u32.to_le_bytes());
    for word in [0_u64, 64, section_headers] {
        header.extend(word.to_le_bytes());
    }
    header.extend(0_u32.to_le_bytes());
    for half in [64_u16, 56, 1, 64, sections, sections - 1] {
        header.extend(half.to_le_bytes());
    }
    header
}

/// Readable and executable, from the beginning of the file.
fn code_segment() -> Vec<u8> {
    let mut segment = Vec::new();
    for word in [1_u32, 5] {
        segment.extend(word.to_le_bytes());
    }
    for word in [120_u64, CODE, CODE, 16, CODE_SIZE, 0x1000] {
        segment.extend(word.to_le_bytes());
    }
    segment
}

/// A directory of its own for one test, removed when dropped.
pub struct TestDirectory(PathBuf);

impl TestDirectory {
    /// Makes the directory; `name` must be unique among tests.
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pyrite-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a writable temporary directory");
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TestDirectory {
    fn drop(&mut self) {
        // What cannot be removed stays in the temporary directory.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
