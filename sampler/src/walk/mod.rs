//! Stack walking: from the interrupted registers to the pcs of the native frames above the Java ones.
//!
//! Memory is only reached through [`stack_memory::StackMemory`], which refuses every address outside the
//! interrupted thread's stack. Unwind rules are compiled elsewhere and only looked up here. What is architecture
//! specific stands in one file per architecture, with the same names in both.

#[cfg(target_arch = "aarch64")]
#[path = "aarch64.rs"]
pub mod arch;
#[cfg(target_arch = "x86_64")]
#[path = "x86_64.rs"]
pub mod arch;

pub mod native;
pub mod registers;
pub mod stack_bounds;
pub mod stack_memory;
pub mod table_set;
pub mod unwind_rule;
pub mod unwind_table;
