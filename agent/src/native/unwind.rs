//! Compiles the `.eh_frame` of one object into the compact table that handlers read.

use std::collections::HashMap;

use gimli::{
    BaseAddresses, CieOrFde, CommonInformationEntry, EhFrame, EhFrameHdr, EhFrameOffset, FrameDescriptionEntry,
    LittleEndian, UnwindContext, UnwindSection,
};
use sampler::walk::unwind_rule::UnwindRule;
use sampler::walk::unwind_table::UnwindTable;

use super::elf::{ElfError, ElfImage};
use super::rules::{Bytes, Context};

/// Most rows of one table. The largest known JVM has 213,000.
const MAX_ROWS: usize = 4 << 20;
/// Functions are aligned to this many bytes; a shorter gap that ends on it is padding, which never runs.
const ALIGNMENT: u32 = 16;

/// This many rules are searched one after the other before the rest is hashed.
const COMMON_RULES: usize = 16;

/// Why an object has no table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnwindError {
    /// The object itself cannot be used.
    #[error(transparent)]
    Elf(#[from] ElfError),
    /// Built without unwind information.
    #[error("it has no .eh_frame; build it with -fasynchronous-unwind-tables to see its callers")]
    NoUnwindInformation,
    /// Not readable as call frame information.
    #[error("its .eh_frame is damaged: {0}")]
    Malformed(gimli::Error),
    /// Code more than 4 GiB apart, or too many rows.
    #[error("its code is too large for a table")]
    TooLarge,
}

/// A compiled table and its memory.
#[derive(Debug)]
pub struct OwnedTable {
    /// Linked address that the table counts from.
    pub base: u64,
    pcs: Box<[u32]>,
    rules: Box<[u16]>,
    rule_list: Box<[UnwindRule]>,
}

impl OwnedTable {
    /// The table as handlers read it.
    #[must_use]
    pub fn table(&self) -> UnwindTable<'_> {
        UnwindTable { pcs: &self.pcs, rules: &self.rules, rule_list: &self.rule_list }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.pcs.len()
    }

    /// Number of different rules.
    #[must_use]
    pub fn different_rules(&self) -> usize {
        self.rule_list.len()
    }

    /// Heap bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.pcs) + size_of_val(&*self.rules) + size_of_val(&*self.rule_list)
    }
}

/// Compiles the unwind information of `image`.
///
/// A function whose entry is damaged gets no rule; the others are kept.
///
/// # Errors
/// When there is no unwind information, or none of it can be read.
pub fn compile(image: &ElfImage) -> Result<OwnedTable, UnwindError> {
    let (address, bytes) = eh_frame(image)?;
    let mut eh_frame = EhFrame::new(&bytes, LittleEndian);
    eh_frame.set_address_size(8);
    let bases = BaseAddresses::default().set_eh_frame(address);
    let mut common = CommonEntries::default();
    let functions = functions(&eh_frame, &bases, &mut common)?;
    let base = functions.first().ok_or(UnwindError::NoUnwindInformation)?.0;
    let mut rows = Rows::new(base);
    let mut unwind_context = UnwindContext::new();
    for (_, offset) in functions {
        let parsed =
            eh_frame.fde_from_offset(&bases, offset, |section, bases, offset| common.get(section, bases, offset));
        if let Ok(function) = parsed {
            add_function(&mut rows, &function, &eh_frame, &bases, &mut unwind_context)?;
        }
    }
    rows.finish()
}

/// Linked address and bytes of `.eh_frame`, by section header or, without those, through `.eh_frame_hdr`.
fn eh_frame(image: &ElfImage) -> Result<(u64, Vec<u8>), UnwindError> {
    let section = image.section(".eh_frame").filter(|section| section.kind != object::elf::SHT_NOBITS);
    if let Some(section) = section {
        return Ok((section.address, image.read_section(section)?));
    }
    let (header_address, _) = image.eh_frame_header.ok_or(UnwindError::NoUnwindInformation)?;
    let header = image.read_from_address(header_address)?;
    let bases = BaseAddresses::default().set_eh_frame_hdr(header_address);
    let header = EhFrameHdr::new(&header, LittleEndian).parse(&bases, 8).map_err(UnwindError::Malformed)?;
    let address = header.eh_frame_ptr().direct().map_err(UnwindError::Malformed)?;
    Ok((address, image.read_from_address(address)?))
}

type Function<'d> = FrameDescriptionEntry<Bytes<'d>>;

/// The entries that functions share, parsed once each. Neighbours mostly share one, so the last is kept at hand.
#[derive(Default)]
struct CommonEntries<'d> {
    last: Option<(usize, CommonInformationEntry<Bytes<'d>>)>,
    all: HashMap<usize, CommonInformationEntry<Bytes<'d>>>,
}

impl<'d> CommonEntries<'d> {
    fn get(
        &mut self,
        eh_frame: &EhFrame<Bytes<'d>>,
        bases: &BaseAddresses,
        offset: EhFrameOffset<usize>,
    ) -> gimli::Result<CommonInformationEntry<Bytes<'d>>> {
        if let Some((last, entry)) = &self.last
            && *last == offset.0
        {
            return Ok(entry.clone());
        }
        let entry = match self.all.get(&offset.0) {
            Some(known) => known.clone(),
            None => eh_frame.cie_from_offset(bases, offset)?,
        };
        self.all.insert(offset.0, entry.clone());
        self.last = Some((offset.0, entry.clone()));
        Ok(entry)
    }
}

/// First address and position of all functions with unwind information, ascending. The entries themselves are
/// parsed again when their turn comes: kept, they would take ten times the memory of the finished table.
fn functions<'d>(
    eh_frame: &EhFrame<Bytes<'d>>,
    bases: &BaseAddresses,
    common: &mut CommonEntries<'d>,
) -> Result<Vec<(u64, EhFrameOffset<usize>)>, UnwindError> {
    let mut functions = Vec::new();
    let mut entries = eh_frame.entries(bases);
    loop {
        let entry = match entries.next() {
            Ok(Some(CieOrFde::Fde(entry))) => entry,
            Ok(Some(CieOrFde::Cie(_))) => continue,
            Ok(None) => break,
            // The length of a damaged entry is unknown, so what follows is lost; what came before is sound.
            Err(error) if functions.is_empty() => return Err(UnwindError::Malformed(error)),
            Err(_) => break,
        };
        let parsed = entry.parse(|section, bases, offset| common.get(section, bases, offset));
        // A linker that drops a function leaves its entry behind with address 0.
        if let Ok(function) = parsed
            && function.initial_address() != 0
            && function.len() != 0
        {
            functions.push((function.initial_address(), EhFrameOffset(entry.offset())));
        }
        if functions.len() > MAX_ROWS {
            return Err(UnwindError::TooLarge);
        }
    }
    functions.sort_unstable_by_key(|(address, _)| *address);
    Ok(functions)
}

fn add_function(
    rows: &mut Rows,
    function: &Function<'_>,
    eh_frame: &EhFrame<Bytes<'_>>,
    bases: &BaseAddresses,
    unwind_context: &mut UnwindContext<usize>,
) -> Result<(), UnwindError> {
    let context = Context {
        eh_frame,
        encoding: function.cie().encoding(),
        is_signal_trampoline: function.is_signal_trampoline(),
    };
    let (start, end) = (function.initial_address(), function.end_address());
    let Ok(mut table) = function.rows(eh_frame, bases, unwind_context) else {
        return rows.add(start, end, UnwindRule::Unsupported);
    };
    let mut covered = start;
    while let Ok(Some(row)) = table.next_row() {
        covered = row.end_address();
        rows.add(row.start_address(), covered, context.rule(row))?;
    }
    // Reached only when a row could not be read.
    if covered < end { rows.add(covered, end, UnwindRule::Unsupported) } else { Ok(()) }
}

/// Rows under construction, ascending; neighbours with the same rule are one.
struct Rows {
    base: u64,
    pcs: Vec<u32>,
    rules: Vec<u16>,
    numbers: HashMap<UnwindRule, u16>,
    rule_list: Vec<UnwindRule>,
    /// First relative address that has no row yet.
    covered: u32,
}

impl Rows {
    fn new(base: u64) -> Self {
        Self { base, pcs: Vec::new(), rules: Vec::new(), numbers: HashMap::new(), rule_list: Vec::new(), covered: 0 }
    }

    /// Adds the rule of the linked addresses `start..end`. What is covered already stays as it is.
    fn add(&mut self, start: u64, end: u64, rule: UnwindRule) -> Result<(), UnwindError> {
        let relative =
            |address: u64| u32::try_from(address.saturating_sub(self.base)).map_err(|_| UnwindError::TooLarge);
        let (start, end) = (relative(start)?.max(self.covered), relative(end)?);
        if start >= end {
            return Ok(());
        }
        let is_padding = start - self.covered < ALIGNMENT && start.is_multiple_of(ALIGNMENT);
        if start > self.covered && !is_padding {
            self.push(self.covered, UnwindRule::Uncovered)?;
        }
        self.push(start, rule)?;
        self.covered = end;
        Ok(())
    }

    fn push(&mut self, pc: u32, rule: UnwindRule) -> Result<(), UnwindError> {
        if self.pcs.len() >= MAX_ROWS {
            return Err(UnwindError::TooLarge);
        }
        let number = self.number(rule)?;
        if self.rules.last() != Some(&number) {
            self.pcs.push(pc);
            self.rules.push(number);
        }
        Ok(())
    }

    fn number(&mut self, rule: UnwindRule) -> Result<u16, UnwindError> {
        // Most rows have one of the first rules, which are found faster than hashed.
        let known = self.rule_list.iter().take(COMMON_RULES).position(|known| *known == rule);
        if let Some(number) = known.and_then(|number| u16::try_from(number).ok()) {
            return Ok(number);
        }
        if let Some(number) = self.numbers.get(&rule) {
            return Ok(*number);
        }
        let number = u16::try_from(self.rule_list.len()).map_err(|_| UnwindError::TooLarge)?;
        self.rule_list.push(rule);
        self.numbers.insert(rule, number);
        Ok(number)
    }

    fn finish(mut self) -> Result<OwnedTable, UnwindError> {
        self.push(self.covered, UnwindRule::Uncovered)?;
        Ok(OwnedTable {
            base: self.base,
            pcs: self.pcs.into_boxed_slice(),
            rules: self.rules.into_boxed_slice(),
            rule_list: self.rule_list.into_boxed_slice(),
        })
    }
}

#[cfg(test)]
mod tests;
