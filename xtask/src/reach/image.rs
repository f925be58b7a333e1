//! The library as the loader will have it: functions by address, and what each slot of the offset tables holds.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use object::elf;
use object::read::elf::{Dyn, ElfFile64, FileHeader};
use object::{
    Architecture, Object, ObjectSection, ObjectSymbol, RelocationFlags, RelocationTarget, SectionFlags, SymbolKind,
};
use rustc_demangle::demangle;

/// One function of the library.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its names, demangled and without their hashes; more than one if the linker folded functions together.
    pub names: Vec<String>,
    /// Its first address.
    pub start: u64,
    /// The address behind its last byte.
    pub end: u64,
}

impl Function {
    /// The name to show.
    pub fn name(&self) -> &str {
        self.names.first().map_or("?", String::as_str)
    }
}

/// What a pointer-sized slot holds once the library is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// An address in this library.
    Local(u64),
    /// A symbol of another library.
    Import(String),
}

/// A loaded section.
struct Section<'a> {
    start: u64,
    bytes: &'a [u8],
    executable: bool,
}

/// The parsed library.
pub struct Image<'a> {
    functions: BTreeMap<u64, Function>,
    slots: BTreeMap<u64, Slot>,
    sections: Vec<Section<'a>>,
    /// Names of the functions and data that other libraries can see.
    pub exported: Vec<String>,
    /// Whether the loader binds all imports before any code runs.
    pub binds_now: bool,
}

impl<'a> Image<'a> {
    /// Parses a shared object.
    ///
    /// # Errors
    /// If it is no x86-64 ELF file, or has been stripped of its symbols.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let file: ElfFile64<'a> = ElfFile64::parse(bytes).context("not a 64-bit ELF file")?;
        ensure!(file.architecture() == Architecture::X86_64, "only x86-64 code can be followed");
        let functions = functions(&file)?;
        if functions.is_empty() {
            bail!("no function symbols; build without `strip`");
        }
        Ok(Self {
            functions,
            slots: slots(&file)?,
            sections: sections(&file)?,
            exported: exported(&file)?,
            binds_now: binds_now(&file)?,
        })
    }

    /// All functions, by address.
    pub fn functions(&self) -> impl Iterator<Item = &Function> {
        self.functions.values()
    }

    /// The function that holds `address`.
    pub fn function_at(&self, address: u64) -> Option<&Function> {
        let (_, function) = self.functions.range(..=address).next_back()?;
        (address < function.end).then_some(function)
    }

    /// What the slot at `address` holds, if the loader or the linker fixes it for the life of the process.
    pub fn slot(&self, address: u64) -> Option<&Slot> {
        self.slots.get(&address)
    }

    /// The code between two addresses.
    pub fn code(&self, start: u64, end: u64) -> Option<&'a [u8]> {
        self.section(start).filter(|section| section.executable)?;
        self.read(start, end.checked_sub(start)?)
    }

    /// `length` bytes of the file's content at `address`.
    pub fn read(&self, address: u64, length: u64) -> Option<&'a [u8]> {
        let section = self.section(address)?;
        let from = usize::try_from(address - section.start).ok()?;
        section.bytes.get(from..from.checked_add(usize::try_from(length).ok()?)?)
    }

    fn section(&self, address: u64) -> Option<&Section<'a>> {
        self.sections
            .iter()
            .find(|section| section.start <= address && address - section.start < section.bytes.len() as u64)
    }
}

fn functions(file: &ElfFile64<'_>) -> Result<BTreeMap<u64, Function>> {
    let mut functions: BTreeMap<u64, Function> = BTreeMap::new();
    for symbol in file.symbols().chain(file.dynamic_symbols()) {
        if symbol.kind() != SymbolKind::Text || !symbol.is_definition() {
            continue;
        }
        let name = plain_name(symbol.name().context("a symbol without a readable name")?);
        let (start, end) = (symbol.address(), symbol.address() + symbol.size());
        let function = functions.entry(start).or_insert_with(|| Function { names: Vec::new(), start, end });
        function.end = function.end.max(end);
        if !function.names.contains(&name) {
            function.names.push(name);
        }
    }
    Ok(close_gaps(functions, file))
}

/// Gives functions without a size, as assembly has them, everything up to the next one or the end of the section.
fn close_gaps(mut functions: BTreeMap<u64, Function>, file: &ElfFile64<'_>) -> BTreeMap<u64, Function> {
    let ends: Vec<u64> = file.sections().map(|section| section.address() + section.size()).collect();
    let mut borders: Vec<u64> = functions.keys().copied().chain(ends).collect();
    borders.sort_unstable();
    for function in functions.values_mut().filter(|function| function.end == function.start) {
        let next = borders.partition_point(|border| *border <= function.start);
        function.end = borders.get(next).copied().unwrap_or(function.start + 1);
    }
    functions
}

/// A symbol's name for people: demangled, without the hash and without the version that the linker appends.
fn plain_name(symbol: &str) -> String {
    let unversioned = symbol.split('@').next().unwrap_or(symbol);
    format!("{:#}", demangle(unversioned))
}

/// The slots that the loader fills in sections which are read-only afterwards or which only the loader writes.
fn slots(file: &ElfFile64<'_>) -> Result<BTreeMap<u64, Slot>> {
    let mut fixed = Vec::new();
    for section in file.sections() {
        let name = section.name().context("a section without a readable name")?;
        if matches!(name, ".got" | ".got.plt" | ".data.rel.ro") {
            fixed.push(section.address()..section.address() + section.size());
        }
    }
    let mut slots = BTreeMap::new();
    for (address, relocation) in file.dynamic_relocations().into_iter().flatten() {
        if !fixed.iter().any(|range| range.contains(&address)) {
            continue;
        }
        let RelocationFlags::Elf { r_type } = relocation.flags() else {
            continue;
        };
        let addend = relocation.addend();
        let slot = match (r_type, relocation.target()) {
            (elf::R_X86_64_RELATIVE, _) => Slot::Local(addend.cast_unsigned()),
            (elf::R_X86_64_GLOB_DAT | elf::R_X86_64_JUMP_SLOT | elf::R_X86_64_64, RelocationTarget::Symbol(index)) => {
                let table = file.dynamic_symbol_table().context("relocations without dynamic symbols")?;
                let symbol =
                    object::ObjectSymbolTable::symbol_by_index(&table, index).context("a symbol is missing")?;
                if symbol.is_undefined() {
                    Slot::Import(plain_name(symbol.name().context("an import without a readable name")?))
                } else {
                    Slot::Local(symbol.address().wrapping_add_signed(addend))
                }
            }
            _ => continue,
        };
        slots.insert(address, slot);
    }
    Ok(slots)
}

fn sections<'a>(file: &ElfFile64<'a>) -> Result<Vec<Section<'a>>> {
    let mut sections = Vec::new();
    for section in file.sections() {
        let SectionFlags::Elf { sh_flags, .. } = section.flags() else {
            continue;
        };
        if !sh_flags.contains(elf::SHF_ALLOC) {
            continue;
        }
        let bytes = section.data().context("a section lies outside the file")?;
        let executable = sh_flags.contains(elf::SHF_EXECINSTR);
        sections.push(Section { start: section.address(), bytes, executable });
    }
    Ok(sections)
}

fn exported(file: &ElfFile64<'_>) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for symbol in file.dynamic_symbols().filter(|symbol| symbol.is_definition() && symbol.is_global()) {
        names.push(symbol.name().context("an export without a readable name")?.to_owned());
    }
    names.sort();
    Ok(names)
}

fn binds_now(file: &ElfFile64<'_>) -> Result<bool> {
    let (endian, data) = (file.endian(), file.data());
    let sections = file.elf_header().sections(endian, data).context("unreadable sections")?;
    let Some((entries, _)) = sections.dynamic(endian, data).context("unreadable dynamic section")? else {
        return Ok(false);
    };
    // Each of the three says so on its own; linkers write one or two of them.
    Ok(entries.iter().any(|entry| match entry.d_tag(endian) {
        elf::DT_BIND_NOW => true,
        elf::DT_FLAGS => entry.d_val(endian) & elf::DF_BIND_NOW.0 != 0,
        elf::DT_FLAGS_1 => entry.d_val(endian) & elf::DF_1_NOW.0 != 0,
        _ => false,
    }))
}
