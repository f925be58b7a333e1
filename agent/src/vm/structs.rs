//! HotSpot's self-description: the tables `gHotSpotVMStructs` that libjvm exports for debuggers.
//!
//! # Safety
//! The tables are constant data of libjvm with the layout that their own stride and offset variables describe. Every
//! entry before the terminating null has valid strings. Fields are looked up by name; one that is absent disables
//! what needs it, nothing is guessed.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};

use sampler::java::VmLayout;

use super::libjvm::LibJvm;

/// More entries than any JDK has; ends the walk over a table without a terminator.
const MAX_ENTRIES: usize = 20_000;

/// One field of a HotSpot type.
#[derive(Clone, Copy, Debug)]
struct Field {
    offset: u64,
    address: u64,
}

/// Reads HotSpot's tables. Made when needed and dropped again; what matters is copied out.
pub struct VmStructs {
    first: u64,
    stride: u64,
    type_name: u64,
    field_name: u64,
    offset: u64,
    address: u64,
    types: Types,
}

/// The table of HotSpot's types.
struct Types {
    first: u64,
    stride: u64,
    name: u64,
    size: u64,
}

impl VmStructs {
    /// Finds the tables; `None` for a JVM that does not export them.
    pub fn of(libjvm: &LibJvm) -> Option<Self> {
        let entry = |what: &str| libjvm.variable(&format!("gHotSpotVMStructEntry{what}"));
        Some(Self {
            first: libjvm.variable("gHotSpotVMStructs")?,
            stride: entry("ArrayStride")?,
            type_name: entry("TypeNameOffset")?,
            field_name: entry("FieldNameOffset")?,
            offset: entry("OffsetOffset")?,
            address: entry("AddressOffset")?,
            types: Types {
                first: libjvm.variable("gHotSpotVMTypes")?,
                stride: libjvm.variable("gHotSpotVMTypeEntryArrayStride")?,
                name: libjvm.variable("gHotSpotVMTypeEntryTypeNameOffset")?,
                size: libjvm.variable("gHotSpotVMTypeEntrySizeOffset")?,
            },
        })
    }

    /// What the handler's checks need. `env` is not in the tables: it is measured on a live thread.
    pub fn layout(&self) -> VmLayout {
        let offset = |name, field| self.field(name, field).map(|field| field.offset as u32);
        // JDK 25 moved `_osthread` from JavaThread to Thread, which JavaThread begins with.
        let os_thread = offset("JavaThread", "_osthread").or_else(|| offset("Thread", "_osthread"));
        let anchor = offset("JavaThread", "_anchor");
        let last_sp = offset("JavaFrameAnchor", "_last_Java_sp");
        VmLayout {
            env: None,
            thread_state: offset("JavaThread", "_thread_state"),
            last_java_sp: anchor.zip(last_sp).map(|(anchor, sp)| anchor + sp),
            os_thread,
            os_thread_state: offset("OSThread", "_state"),
            call_stub_return: self.static_word("StubRoutines", "_call_stub_return_address"),
        }
    }

    /// Offset of `OSThread::_thread_id`, a 32-bit kernel thread id on Linux.
    pub fn os_thread_id_offset(&self) -> Option<u64> {
        self.field("OSThread", "_thread_id").map(|field| field.offset)
    }

    /// Offsets of `JavaThread::_stack_base` (the highest address) and `_stack_size`.
    pub fn stack_offsets(&self) -> Option<(u64, u64)> {
        let base = self.field("JavaThread", "_stack_base")?;
        let size = self.field("JavaThread", "_stack_size")?;
        Some((base.offset, size.offset))
    }

    /// Bounds of the code cache, once the JVM has reserved it.
    pub fn code_cache(&self) -> Option<(u64, u64)> {
        let lo = self.static_word("CodeCache", "_low_bound")?;
        let hi = self.static_word("CodeCache", "_high_bound")?;
        (lo != 0 && lo < hi).then_some((lo, hi))
    }

    /// Sets a boolean JVM flag unless the user has set it. `true` if it is on afterwards.
    pub fn switch_on_flag(&self, flag: &str) -> bool {
        self.find_flag(flag).is_some_and(|(value, origin)| {
            /// Low bits of `_flags` that hold the origin; 0 is "default" (jvmFlag.hpp, JVMFlagOrigin).
            const ORIGIN: u32 = 0xf;
            let value: *mut u8 = value as *mut u8;
            if origin & ORIGIN == 0 {
                // SAFETY: the address of a `bool` flag variable of libjvm, read by the compilers later.
                unsafe { value.write_volatile(1) };
            }
            // SAFETY: same variable.
            unsafe { value.read_volatile() != 0 }
        })
    }

    /// Address of a flag's value, and its `_flags` word.
    fn find_flag(&self, wanted: &str) -> Option<(u64, u32)> {
        let flags = self.static_word("JVMFlag", "flags")?;
        let count = self.static_word("JVMFlag", "numFlags")?;
        let name = self.field("JVMFlag", "_name")?.offset;
        let value = self.field("JVMFlag", "_addr")?.offset;
        let bits = self.field("JVMFlag", "_flags")?.offset;
        let size = self.size_of("JVMFlag")?;
        (0..count.min(MAX_ENTRIES as u64)).map(|index| flags + index * size).find_map(|entry| {
            (text(word(entry + name))? == wanted).then(|| (word(entry + value), word(entry + bits) as u32))
        })
    }

    /// The value of a static field of 64 bits.
    fn static_word(&self, type_name: &str, field_name: &str) -> Option<u64> {
        self.field(type_name, field_name).filter(|field| field.address != 0).map(|field| word(field.address))
    }

    /// The size of a type in bytes.
    fn size_of(&self, type_name: &str) -> Option<u64> {
        let entries = (0..MAX_ENTRIES as u64).map(|index| self.types.first + index * self.types.stride);
        entries
            .take_while(|entry| word(entry + self.types.name) != 0)
            .find(|entry| text(word(entry + self.types.name)) == Some(type_name))
            .map(|entry| word(entry + self.types.size))
    }

    fn field(&self, type_name: &str, field_name: &str) -> Option<Field> {
        let entries = (0..MAX_ENTRIES as u64).map(|index| self.first + index * self.stride);
        for entry in entries {
            let name = word(entry + self.type_name);
            if name == 0 {
                return None;
            }
            if text(name) == Some(type_name) && text(word(entry + self.field_name)) == Some(field_name) {
                return Some(Field { offset: word(entry + self.offset), address: word(entry + self.address) });
            }
        }
        None
    }
}

fn word(address: u64) -> u64 {
    let pointer = address as *const u64;
    // SAFETY: an address inside libjvm's tables or named by them; see the module.
    unsafe { pointer.read_volatile() }
}

fn text(address: u64) -> Option<&'static str> {
    if address == 0 {
        return None;
    }
    let pointer = address as *const c_char;
    // SAFETY: the tables name NUL-terminated constants of libjvm.
    unsafe { CStr::from_ptr(pointer) }.to_str().ok()
}
