//! The process's address map: which object file an address belongs to, and where thread stacks are.
//!
//! Parsing is pure; [`AddressMap::read`] is the only function that touches the system.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

/// What the kernel appends to the name of a file that was removed or replaced.
const DELETED: &str = " (deleted)";

/// One line of `/proc/self/maps`, see proc_pid_maps(5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping<'t> {
    /// First address.
    pub start: u64,
    /// First address above.
    pub end: u64,
    /// May be read.
    pub readable: bool,
    /// May be written.
    pub writable: bool,
    /// May be executed.
    pub executable: bool,
    /// Offset of `start` in the file, bytes.
    pub offset: u64,
    /// Device number of the file, as the kernel prints it: `major:minor` in hexadecimal.
    pub device: &'t str,
    /// Inode of the file; 0 when there is none.
    pub inode: u64,
    /// Path, or a name in brackets, or nothing. A newline in it is written `\012`.
    pub name: &'t str,
}

/// Parses one line; `None` when it has not the documented form.
#[must_use]
pub fn parse_line(line: &str) -> Option<Mapping<'_>> {
    let (range, rest) = line.split_once(' ')?;
    let (permissions, rest) = rest.split_once(' ')?;
    let (offset, rest) = rest.split_once(' ')?;
    let (device, rest) = rest.split_once(' ')?;
    let (inode, name) = rest.split_once(' ').unwrap_or((rest, ""));
    let (start, end) = range.split_once('-')?;
    let may = |position: usize, letter: u8| permissions.as_bytes().get(position) == Some(&letter);
    let mapping = Mapping {
        start: u64::from_str_radix(start, 16).ok()?,
        end: u64::from_str_radix(end, 16).ok()?,
        readable: may(0, b'r'),
        writable: may(1, b'w'),
        executable: may(2, b'x'),
        offset: u64::from_str_radix(offset, 16).ok()?,
        device,
        inode: inode.parse().ok()?,
        // The kernel pads before the name; a name itself begins with a slash or a bracket.
        name: name.trim_start_matches(' '),
    };
    (mapping.start < mapping.end).then_some(mapping)
}

/// What kind of object a mapping shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    /// A file that still is where it was.
    File,
    /// A file that was removed or replaced since.
    Deleted,
    /// The object that the kernel maps into every process.
    Vdso,
    /// Memory without a file: code that something generated.
    Anonymous,
}

/// Identity of one object in the address space.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectKey {
    /// Path, or name in brackets, without the mark of deleted files.
    pub path: Arc<str>,
    /// Device number as printed by the kernel.
    pub device: Arc<str>,
    /// Inode; 0 when there is none.
    pub inode: u64,
    /// Kind.
    pub kind: ObjectKind,
}

/// One executable mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeMapping {
    /// First address.
    pub start: u64,
    /// First address above.
    pub end: u64,
    /// Offset of `start` in the file, bytes.
    pub offset: u64,
    /// Where the first bytes of the object are mapped readable, for comparing them with the file.
    pub header: Option<u64>,
    /// Which object, as a position in [`AddressMap::objects`].
    pub object: usize,
}

/// What the agent keeps of the address map.
#[derive(Clone, Debug, Default)]
pub struct AddressMap {
    /// Executable mappings, ascending.
    code: Vec<CodeMapping>,
    /// The objects they belong to.
    objects: Vec<ObjectKey>,
    /// Thread stacks, `lo..hi`, ascending.
    stacks: Vec<(u64, u64)>,
}

impl AddressMap {
    /// Reads the map of this process.
    ///
    /// # Errors
    /// When `/proc` is not mounted or may not be read.
    pub fn read() -> io::Result<Self> {
        let text = std::fs::read("/proc/self/maps")?;
        Ok(Self::parse(&String::from_utf8_lossy(&text)))
    }

    /// Builds the map from the text of `/proc/self/maps`. Lines that make no sense are left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut builder = Builder::default();
        text.lines().filter_map(parse_line).for_each(|mapping| builder.add(&mapping));
        builder.map
    }

    /// The executable mapping that contains `pc`.
    #[must_use]
    pub fn code_at(&self, pc: u64) -> Option<&CodeMapping> {
        let index = self.code.partition_point(|mapping| mapping.start <= pc).checked_sub(1)?;
        self.code.get(index).filter(|mapping| pc < mapping.end)
    }

    /// All executable mappings, ascending.
    #[must_use]
    pub fn code(&self) -> &[CodeMapping] {
        &self.code
    }

    /// The object of a mapping of this map.
    #[must_use]
    pub fn object(&self, mapping: &CodeMapping) -> Option<&ObjectKey> {
        self.objects.get(mapping.object)
    }

    /// All objects that have executable mappings.
    #[must_use]
    pub fn objects(&self) -> &[ObjectKey] {
        &self.objects
    }

    /// The thread stack that contains `sp`, as `lo..hi`.
    #[must_use]
    pub fn stack_at(&self, sp: u64) -> Option<(u64, u64)> {
        let index = self.stacks.partition_point(|(lo, _)| *lo <= sp).checked_sub(1)?;
        self.stacks.get(index).copied().filter(|(_, hi)| sp < *hi)
    }

    /// Heap bytes held, roughly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let names: usize = self.objects.iter().map(|object| object.path.len() + object.device.len()).sum();
        self.code.capacity() * size_of::<CodeMapping>()
            + self.objects.capacity() * size_of::<ObjectKey>()
            + self.stacks.capacity() * size_of::<(u64, u64)>()
            + names
    }
}

/// Collects mappings in the order of the file, which is ascending.
#[derive(Default)]
struct Builder {
    map: AddressMap,
    objects: HashMap<ObjectKey, usize>,
    /// Last mapping that shows the beginning of an object: its name, inode and address.
    header: Option<(String, u64, u64)>,
    /// End of the previous mapping if nothing may access it: a guard.
    guard_end: Option<u64>,
}

impl Builder {
    fn add(&mut self, mapping: &Mapping<'_>) {
        if mapping.offset == 0 && mapping.readable && !mapping.name.is_empty() {
            self.header = Some((mapping.name.to_owned(), mapping.inode, mapping.start));
        }
        if mapping.executable {
            self.add_code(mapping);
        } else if is_stack(mapping, self.guard_end) {
            self.map.stacks.push((mapping.start, mapping.end));
        }
        let is_guard = !mapping.readable && !mapping.writable && !mapping.executable;
        self.guard_end = is_guard.then_some(mapping.end);
    }

    fn add_code(&mut self, mapping: &Mapping<'_>) {
        let header = self.header.as_ref();
        let same = header.filter(|(name, inode, _)| name == mapping.name && *inode == mapping.inode);
        let key = object_key(mapping);
        let next = self.map.objects.len();
        let object = *self.objects.entry(key).or_insert_with_key(|key| {
            self.map.objects.push(key.clone());
            next
        });
        self.map.code.push(CodeMapping {
            start: mapping.start,
            end: mapping.end,
            offset: mapping.offset,
            header: same.map(|(_, _, start)| *start),
            object,
        });
    }
}

/// Whether the mapping is the stack of a thread. Thread libraries and the JVM put an inaccessible guard just below
/// each stack, and the kernel names the first thread's; a coroutine's stack on the heap has neither.
fn is_stack(mapping: &Mapping<'_>, guard_end: Option<u64>) -> bool {
    let anonymous = mapping.name.is_empty() || mapping.name.starts_with("[anon:");
    let guarded = anonymous && mapping.inode == 0 && guard_end == Some(mapping.start);
    mapping.readable && mapping.writable && (guarded || mapping.name.starts_with("[stack"))
}

fn object_key(mapping: &Mapping<'_>) -> ObjectKey {
    let (path, kind) = match mapping.name {
        "[vdso]" => ("[vdso]", ObjectKind::Vdso),
        name if name.starts_with('/') => match name.strip_suffix(DELETED) {
            Some(path) => (path, ObjectKind::Deleted),
            None => (name, ObjectKind::File),
        },
        name => (name, ObjectKind::Anonymous),
    };
    ObjectKey { path: path.replace("\\012", "\n").into(), device: mapping.device.into(), inode: mapping.inode, kind }
}

#[cfg(test)]
mod tests;
