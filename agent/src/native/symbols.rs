//! Finds the functions of addresses in the symbol tables of one object.
//!
//! One linear pass over each table answers a whole batch, and nothing of the tables is kept: the JVM has 70,000
//! symbols, a profile names some hundred of them.

use object::LittleEndian as Le;
use object::elf::{self, Sym64, SymbolBind};

use super::demangle::demangle;
use super::elf::{ElfError, ElfImage, Section};

/// How far a symbol without a size reaches, bytes, if no other symbol comes first. Hand-written assembly has such
/// symbols, and few routines of it are longer.
const MAX_UNSIZED_BYTES: u64 = 4096;
/// Most names that are compared where several symbols share one address.
const MAX_ALIASES: usize = 16;

/// What the symbol tables say about a range of linked addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// First address.
    pub start: u64,
    /// First address above.
    pub end: u64,
    /// Readable name of the function; `None` where no symbol covers the range.
    pub name: Option<String>,
}

/// One span for each of `addresses`, which are linked addresses in ascending order, from the symbol tables of
/// `images`: the object and, where its symbols live apart, its debug file.
///
/// # Errors
/// When a table cannot be read.
pub fn spans(images: &[&ElfImage], addresses: &[u64]) -> Result<Vec<Span>, ElfError> {
    let mut search = Search::new(addresses);
    let tables: Vec<(&ElfImage, &Section)> = images.iter().flat_map(|image| tables(image)).collect();
    for (number, (image, table)) in tables.iter().enumerate() {
        image.for_each_symbol(table, |symbol| {
            if let Some(found) = Found::new(symbol, image, number) {
                search.offer(found);
            }
        })?;
    }
    Ok(search.finish(&tables))
}

fn tables(image: &ElfImage) -> impl Iterator<Item = (&ElfImage, &Section)> {
    let kinds = [elf::SHT_SYMTAB, elf::SHT_DYNSYM];
    kinds.into_iter().filter_map(move |kind| Some((image, image.symbol_table(kind)?)))
}

/// A symbol that may name code.
#[derive(Clone, Copy, Debug)]
struct Found {
    start: u64,
    size: u64,
    binding: SymbolBind,
    /// Offset of the name in the strings of table `table`.
    name: u32,
    table: usize,
}

impl Found {
    /// `None` for a symbol of something else than code of this object.
    fn new(symbol: &Sym64<Le>, image: &ElfImage, table: usize) -> Option<Self> {
        let kind = symbol.st_info.st_type();
        let is_code_kind = matches!(kind, elf::STT_FUNC | elf::STT_GNU_IFUNC | elf::STT_NOTYPE);
        let section = image.sections.get(usize::from(symbol.st_shndx.get(Le {}).index()?))?;
        (is_code_kind && section.executable).then(|| Self {
            start: symbol.st_value.get(Le {}),
            size: symbol.st_size.get(Le {}),
            binding: symbol.st_info.st_bind(),
            name: symbol.st_name.get(Le {}),
            table,
        })
    }

    const fn end(&self) -> u64 {
        self.start.saturating_add(self.size)
    }
}

/// What is known about one wanted address so far.
#[derive(Clone, Debug, Default)]
struct Answer {
    /// Sized symbols that contain the address and begin nearest below it.
    containing: Vec<Found>,
    /// Symbols without size that begin nearest below it.
    unsized_below: Vec<Found>,
    /// Nearest start of any symbol at or below the address.
    start_below: Option<u64>,
    /// Nearest end of a sized symbol at or below the address.
    end_below: Option<u64>,
    /// Nearest start of any symbol above the address.
    start_above: Option<u64>,
}

struct Search<'a> {
    addresses: &'a [u64],
    answers: Vec<Answer>,
}

impl<'a> Search<'a> {
    fn new(addresses: &'a [u64]) -> Self {
        Self { addresses, answers: vec![Answer::default(); addresses.len()] }
    }

    /// Takes a symbol into account. What concerns all addresses above or below it is noted at the nearest one only
    /// and spread by `spread`, so that a pass costs one binary search a symbol.
    fn offer(&mut self, found: Found) {
        let first_at_or_above = self.addresses.partition_point(|address| *address < found.start);
        if let Some(below) = first_at_or_above.checked_sub(1).and_then(|i| self.answers.get_mut(i)) {
            below.start_above = Some(below.start_above.map_or(found.start, |known| known.min(found.start)));
        }
        if let Some(answer) = self.answers.get_mut(first_at_or_above) {
            answer.start_below = answer.start_below.max(Some(found.start));
            if found.size == 0 {
                keep_nearest(&mut answer.unsized_below, found);
            }
        }
        if found.size == 0 {
            return;
        }
        let end = found.end();
        let first_beyond = self.addresses.partition_point(|address| *address < end);
        for answer in self.answers.iter_mut().take(first_beyond).skip(first_at_or_above) {
            keep_nearest(&mut answer.containing, found);
        }
        if let Some(answer) = self.answers.get_mut(first_beyond) {
            answer.end_below = answer.end_below.max(Some(end));
        }
    }

    /// Carries what was noted at one address only to the others that it concerns.
    fn spread(&mut self) {
        let mut above: Option<u64> = None;
        for answer in self.answers.iter_mut().rev() {
            above = [above, answer.start_above].into_iter().flatten().min();
            answer.start_above = above;
        }
        let mut below = Answer::default();
        for answer in &mut self.answers {
            below.start_below = below.start_below.max(answer.start_below);
            below.end_below = below.end_below.max(answer.end_below);
            for found in answer.unsized_below.drain(..) {
                keep_nearest(&mut below.unsized_below, found);
            }
            answer.start_below = below.start_below;
            answer.end_below = below.end_below;
            answer.unsized_below.clone_from(&below.unsized_below);
        }
    }

    fn finish(mut self, tables: &[(&ElfImage, &Section)]) -> Vec<Span> {
        self.spread();
        let spans = self.answers.iter().zip(self.addresses);
        spans.map(|(answer, address)| answer.span(*address, tables)).collect()
    }
}

impl Answer {
    fn span(&self, address: u64, tables: &[(&ElfImage, &Section)]) -> Span {
        let end_below = self.end_below.unwrap_or(0);
        let start_above = self.start_above.unwrap_or(u64::MAX);
        if let Some(found) = self.containing.first() {
            // A smaller symbol inside this one has its own span.
            let (start, end) = (found.start.max(end_below), found.end().min(start_above));
            return Span { start, end, name: best_name(&self.containing, tables) };
        }
        let Some(found) = self.unsized_below.first() else {
            return Span { start: end_below.min(address), end: start_above, name: None };
        };
        let limit = found.start.saturating_add(MAX_UNSIZED_BYTES).min(start_above);
        let is_nearest = self.start_below == Some(found.start) && end_below <= found.start;
        if is_nearest && address < limit {
            return Span { start: found.start, end: limit, name: best_name(&self.unsized_below, tables) };
        }
        let start = if is_nearest { limit.max(end_below) } else { end_below };
        Span { start: start.min(address), end: start_above, name: None }
    }
}

/// Keeps in `kept` the symbols that begin nearest to the address, that is, highest.
fn keep_nearest(kept: &mut Vec<Found>, found: Found) {
    match kept.first().map(|first| first.start.cmp(&found.start)) {
        Some(std::cmp::Ordering::Greater) => return,
        Some(std::cmp::Ordering::Less) => kept.clear(),
        Some(std::cmp::Ordering::Equal) | None => {}
    }
    if kept.len() < MAX_ALIASES {
        kept.push(found);
    }
}

/// The name a person would use among several for one address: without leading underscores, exported, short.
fn best_name(aliases: &[Found], tables: &[(&ElfImage, &Section)]) -> Option<String> {
    let named = aliases.iter().filter_map(|found| {
        let (image, table) = tables.get(found.table)?;
        Some((found.binding, demangle(&image.symbol_name(table, found.name)?)))
    });
    let worth = |(binding, name): &(SymbolBind, String)| {
        let underscores = name.len() - name.trim_start_matches('_').len();
        (underscores, *binding != elf::STB_GLOBAL, *binding != elf::STB_WEAK, name.len(), name.clone())
    };
    named.min_by_key(worth).map(|(_, name)| name)
}

#[cfg(test)]
mod tests;
