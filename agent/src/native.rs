//! Everything the agent knows about native code: unwind tables for the walker, and names for its pcs.
//!
//! Owned by the drain thread. Nothing is read before it is needed: a library is parsed once a walk ended in it, and
//! named once an address in it is asked for. All memory is bounded and counted.

pub mod debug_file;
pub mod demangle;
pub mod elf;
#[cfg(test)]
mod fixture;
pub mod library;
pub mod maps;
pub mod name_cache;
pub mod process_memory;
pub mod publisher;
pub mod rules;
pub mod symbols;
pub mod unwind;

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sampler::walk::stack_bounds::StackBounds;
use sampler::walk::table_set::TableSet;

use self::library::{Library, SkipReason, TableState};
use self::maps::{AddressMap, CodeMapping, ObjectKey};
use self::name_cache::{LibraryId, NameCache};
use self::publisher::{Publisher, TableMapping};

/// Shortest time between two readings of the address map that an unknown address causes.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_millis(100);
/// An unknown address may cost one part in this many of the thread's time, for processes with a huge map.
const REFRESH_TIME_SHARE: u32 = 50;
/// Names are looked up for the first time only in a map that is not older than this, because a library may have been
/// replaced by another one at the same address.
const MAX_MAP_AGE: Duration = Duration::from_secs(1);
/// What handlers see is compared with the address map at least this often. Until then a walk through a library that
/// was replaced at the same address may find wrong callers, though it reads nothing but its stack.
const MAX_PUBLISHED_AGE: Duration = Duration::from_secs(10);
/// Most reasons that wait to be logged.
const MAX_NOTES: usize = 64;

/// Bounds on memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NativeLimits {
    /// All unwind tables together, bytes. The largest known JVM needs 1.3 MB.
    pub table_bytes: usize,
    /// Ranges of addresses whose name is remembered, about 100 bytes each.
    pub names: usize,
}

impl Default for NativeLimits {
    fn default() -> Self {
        Self { table_bytes: 32 << 20, names: 16_384 }
    }
}

/// Name of one native frame.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NativeName {
    /// File name of the object, such as `libjvm.so`; in brackets when it is no file.
    pub module: Arc<str>,
    /// Readable name of the function, such as `Thread::call_run`; `None` when no symbol covers the address.
    pub symbol: Option<Arc<str>>,
}

/// What this part of the agent counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NativeCounters {
    /// Libraries whose unwind table was compiled.
    pub libraries_compiled: u64,
    /// Libraries that have none, each with its reason in the log.
    pub libraries_skipped: u64,
    /// Rows compiled.
    pub rows_compiled: u64,
    /// Readings of the address map.
    pub map_readings: u64,
    /// Failed readings of the address map.
    pub map_failures: u64,
    /// Passes over the symbol tables of one library.
    pub symbol_passes: u64,
    /// Publications that had to wait for readers.
    pub publications_delayed: u64,
}

/// Native unwind tables and names of this process.
pub struct Native {
    limits: NativeLimits,
    publisher: Publisher,
    /// Mappings that handlers see, to notice a change.
    published: Vec<(u64, u64, LibraryId)>,
    map: AddressMap,
    map_read: Option<Instant>,
    next_refresh: Option<Instant>,
    libraries: HashMap<ObjectKey, Library>,
    next_library: u64,
    pending: VecDeque<ObjectKey>,
    names: NameCache,
    counters: NativeCounters,
    notes: Vec<String>,
}

impl Native {
    /// Knows nothing yet, and reads nothing. `tables` must have no other writer.
    #[must_use]
    pub fn new(tables: &'static TableSet, limits: NativeLimits) -> Self {
        Self {
            limits,
            publisher: Publisher::new(tables),
            published: Vec::new(),
            map: AddressMap::default(),
            map_read: None,
            next_refresh: None,
            libraries: HashMap::new(),
            next_library: 1,
            pending: VecDeque::new(),
            names: NameCache::new(limits.names),
            counters: NativeCounters::default(),
            notes: Vec::new(),
        }
    }

    /// Notes that a walk ended at `pc` for want of a table. Whether that is news. Cheap when it is not.
    pub fn want(&mut self, pc: u64) -> bool {
        let Some(mapping) = self.code_at(pc) else {
            return false;
        };
        let Some(key) = self.map.object(&mapping).cloned() else {
            return false;
        };
        let library = self.library(&key);
        if !matches!(library.table, TableState::Unseen) {
            return false;
        }
        library.table = TableState::Wanted;
        self.pending.push_back(key);
        true
    }

    /// Compiles and publishes the table of one wanted library. The number of libraries that still wait.
    ///
    /// The largest JVM library takes about 30 ms of CPU in an optimised build; all others a few. Also looks now and
    /// then whether the libraries that handlers see are still there, so call it also when nothing waits.
    pub fn parse_pending(&mut self) -> usize {
        if !self.published.is_empty() {
            self.refresh_if_older(MAX_PUBLISHED_AGE);
        }
        if let Some(key) = self.pending.pop_front() {
            self.compile(&key);
        }
        self.publish_if_changed();
        self.pending.len()
    }

    /// Reads the address map anew and takes vanished libraries away from the handlers.
    ///
    /// Done as needed by the other functions.
    ///
    /// # Errors
    /// When the map cannot be read; what was known stays.
    pub fn refresh_maps(&mut self) -> io::Result<()> {
        let start = Instant::now();
        let read = AddressMap::read();
        let end = Instant::now();
        let pause = end.duration_since(start).saturating_mul(REFRESH_TIME_SHARE);
        self.next_refresh = end.checked_add(pause.max(MIN_REFRESH_INTERVAL));
        self.counters.map_readings += 1;
        self.map = read.inspect_err(|_| self.counters.map_failures += 1)?;
        self.map_read = Some(end);
        self.forget_vanished();
        self.publish_if_changed();
        Ok(())
    }

    /// Looks up all `frames` (pc, and whether it is a return address) that are not known yet, with one pass over the
    /// symbol tables of each library. [`Native::name`] is then a matter of microseconds.
    pub fn prefetch(&mut self, frames: impl IntoIterator<Item = (u64, bool)>) {
        let lookups: Vec<u64> = frames.into_iter().map(lookup_address).collect();
        if lookups.iter().any(|pc| !self.is_named(*pc)) {
            self.refresh_if_older(MAX_MAP_AGE);
        }
        let mut wanted = HashMap::<ObjectKey, Vec<CodeAddress>>::new();
        for pc in lookups {
            if let Some(mapping) = self.code_at(pc)
                && let Some(key) = self.map.object(&mapping)
            {
                wanted.entry(key.clone()).or_default().push(CodeAddress { pc, mapping });
            }
        }
        for (key, addresses) in wanted {
            self.look_up(&key, &addresses);
        }
    }

    /// The name of a frame; `None` when `pc` is not in any executable mapping, that is, not code at all.
    pub fn name(&mut self, pc: u64, is_return_address: bool) -> Option<NativeName> {
        let pc = lookup_address((pc, is_return_address));
        if !self.is_named(pc) {
            self.prefetch([(pc, false)]);
        }
        let mapping = self.code_at(pc)?;
        let key = self.map.object(&mapping)?;
        let library = self.libraries.get_mut(key)?;
        let module = Arc::clone(&library.module);
        let linked = library.bias(&mapping).ok().map(|bias| pc.wrapping_sub(bias));
        let symbol = linked.and_then(|address| self.names.get(library.id, address)).flatten();
        Some(NativeName { module, symbol })
    }

    /// The stacks of the threads whose stack pointers are `sps`: one answer each, `None` where the memory is not
    /// recognised as a thread's stack. Reads the address map, so ask for many at once.
    ///
    /// An answer holds for the life of the thread, if the thread was running when this was called.
    ///
    /// # Errors
    /// When the map cannot be read.
    pub fn stack_bounds(&mut self, sps: &[u64]) -> io::Result<Vec<Option<StackBounds>>> {
        self.refresh_maps()?;
        let bounds = |sp: &u64| self.map.stack_at(*sp).map(|(lo, hi)| StackBounds { lo, hi });
        Ok(sps.iter().map(bounds).collect())
    }

    /// What was counted so far.
    #[must_use]
    pub const fn counters(&self) -> NativeCounters {
        self.counters
    }

    /// Heap bytes held, roughly: tables, names and the address map.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.table_bytes() + self.names.bytes() + self.map.bytes()
    }

    /// Heap bytes of all unwind tables.
    #[must_use]
    pub fn table_bytes(&self) -> usize {
        self.libraries
            .values()
            .map(|library| match &library.table {
                TableState::Ready(table) => table.bytes(),
                TableState::Unseen | TableState::Wanted | TableState::Skipped(_) => 0,
            })
            .sum()
    }

    /// Takes the lines that are to be logged: why a library has no callers or no names.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// The executable mapping at `pc`; reads the map anew when there is none, but not too often.
    fn code_at(&mut self, pc: u64) -> Option<CodeMapping> {
        if self.map.code_at(pc).is_none() {
            let may_refresh = self.next_refresh.is_none_or(|next| Instant::now() >= next);
            if !may_refresh || self.refresh_maps().is_err() {
                return None;
            }
        }
        self.map.code_at(pc).cloned()
    }

    fn refresh_if_older(&mut self, age: Duration) {
        if self.map_read.is_none_or(|read| read.elapsed() > age) {
            // A failure is counted, and the old map serves on.
            let _ = self.refresh_maps();
        }
    }

    fn library(&mut self, key: &ObjectKey) -> &mut Library {
        let next = &mut self.next_library;
        self.libraries.entry(key.clone()).or_insert_with(|| {
            let id = LibraryId(*next);
            *next += 1;
            Library::new(id, key.clone())
        })
    }

    fn compile(&mut self, key: &ObjectKey) {
        let Some(mapping) = self.mapping_of(key) else {
            return;
        };
        let room = self.limits.table_bytes.saturating_sub(self.table_bytes());
        let limit = self.limits.table_bytes;
        let library = self.library(key);
        let compiled = library.open(&mapping).and_then(|image| {
            let table = unwind::compile(&image)?;
            if table.bytes() > room { Err(SkipReason::MemoryLimit { limit }) } else { Ok(table) }
        });
        match compiled {
            Ok(table) => {
                let rows = table.rows() as u64;
                library.table = TableState::Ready(Arc::new(table));
                self.counters.rows_compiled += rows;
                self.counters.libraries_compiled += 1;
            }
            Err(reason) => {
                let note = format!("native walks end in {}: {reason}", library.key.path);
                library.table = TableState::Skipped(reason);
                self.counters.libraries_skipped += 1;
                self.note(note);
            }
        }
    }

    fn mapping_of(&self, key: &ObjectKey) -> Option<CodeMapping> {
        let object = self.map.objects().iter().position(|object| object == key)?;
        self.map.code().iter().find(|mapping| mapping.object == object).cloned()
    }

    fn note(&mut self, note: String) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(note);
        }
    }

    fn forget_vanished(&mut self) {
        let present: HashSet<&ObjectKey> = self.map.objects().iter().collect();
        let names = &mut self.names;
        self.libraries.retain(|key, library| {
            let stays = present.contains(key);
            if !stays {
                names.forget(library.id);
            }
            stays
        });
        self.pending.retain(|key| present.contains(key));
    }

    /// Publishes all compiled tables, if the mappings that they cover are others than before.
    fn publish_if_changed(&mut self) {
        let mut mappings = Vec::new();
        let mut identity = Vec::new();
        for mapping in self.map.code() {
            let library = self.map.object(mapping).and_then(|key| self.libraries.get_mut(key));
            let Some(library) = library else { continue };
            let TableState::Ready(table) = &library.table else {
                continue;
            };
            let table = Arc::clone(table);
            if let Ok(bias) = library.bias(mapping) {
                identity.push((mapping.start, mapping.end, library.id));
                mappings.push(TableMapping { start: mapping.start, end: mapping.end, bias, table });
            }
        }
        if identity == self.published {
            self.publisher.reclaim();
        } else if self.publisher.publish(&mappings).is_ok() {
            self.published = identity;
        } else {
            self.counters.publications_delayed += 1;
        }
    }

    /// Whether the name cache, or the lack of any symbols, answers for `pc`.
    fn is_named(&mut self, pc: u64) -> bool {
        let Some(mapping) = self.map.code_at(pc) else {
            return false;
        };
        let library = self.map.object(mapping).and_then(|key| self.libraries.get_mut(key));
        let Some(library) = library else { return false };
        if library.symbols_failed.is_some() {
            return true;
        }
        let bias = library.bias(mapping);
        bias.is_ok_and(|bias| self.names.contains(library.id, pc.wrapping_sub(bias)))
    }

    /// Looks up addresses of one object.
    fn look_up(&mut self, key: &ObjectKey, addresses: &[CodeAddress]) {
        let library = self.library(key);
        if library.symbols_failed.is_some() {
            return;
        }
        let id = library.id;
        let mut linked = Vec::new();
        for address in addresses {
            match library.bias(&address.mapping) {
                Ok(bias) => linked.push((address.pc.wrapping_sub(bias), address.mapping.clone())),
                Err(reason) => return self.fail_symbols(key, reason),
            }
        }
        linked.retain(|(address, _)| !self.names.contains(id, *address));
        linked.sort_unstable_by_key(|(address, _)| *address);
        linked.dedup_by_key(|(address, _)| *address);
        let Some((_, mapping)) = linked.first().cloned() else {
            return;
        };
        let linked: Vec<u64> = linked.into_iter().map(|(address, _)| address).collect();
        self.counters.symbol_passes += 1;
        match self.library(key).open(&mapping).and_then(|image| spans_of(key, &image, &linked)) {
            Ok(spans) => spans.into_iter().for_each(|span| self.names.insert(id, span)),
            Err(reason) => self.fail_symbols(key, reason),
        }
    }

    fn fail_symbols(&mut self, key: &ObjectKey, reason: SkipReason) {
        let note = format!("functions of {} have no names: {reason}", key.path);
        // Generated code is nothing that a user could give symbols to.
        if !matches!(reason, SkipReason::Anonymous) {
            self.note(note);
        }
        self.library(key).symbols_failed = Some(reason);
    }
}

/// An address in code, and the mapping that it lies in.
struct CodeAddress {
    pc: u64,
    mapping: CodeMapping,
}

/// The address inside the instruction that a frame executes: the call before a return address.
const fn lookup_address((pc, is_return_address): (u64, bool)) -> u64 {
    if is_return_address { pc.saturating_sub(1) } else { pc }
}

/// Spans from the object, and from its debug file if it was stripped.
fn spans_of(key: &ObjectKey, image: &elf::ElfImage, addresses: &[u64]) -> Result<Vec<symbols::Span>, SkipReason> {
    let is_stripped = image.symbol_table(object::elf::SHT_SYMTAB).is_none();
    let debug = if is_stripped { debug_file::find(Path::new(&*key.path), image) } else { None };
    let images: Vec<&elf::ElfImage> = std::iter::once(image).chain(debug.as_ref()).collect();
    Ok(symbols::spans(&images, addresses)?)
}

#[cfg(test)]
mod tests;
