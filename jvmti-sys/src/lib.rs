//! Raw declarations of JNI, JVMTI and AsyncGetCallTrace, through JDK 25.
//!
//! Only layouts and numbers live here: no function is called, nothing is allocated, `std` is not used, so every crate
//! of the workspace may depend on this one, the signal handler's included. Names are those of the C headers.
//!
//! The tables are checked twice. Constant assertions fix the offset of every slot when the crate is compiled
//! ([`layout`]), and `tests/abi.rs` compiles a C program against the headers of each JDK it finds and compares.
//!
//! Deliberately not here: safe wrappers (they need to know which thread may call what, and when), and `dlsym` of
//! AsyncGetCallTrace.
//!
//! ```
//! use jvmti_sys::{Capability, jvmtiCapabilities};
//!
//! let wanted = jvmtiCapabilities::NONE
//!     .with(Capability::can_generate_sampled_object_alloc_events)
//!     .with(Capability::can_get_line_numbers);
//! assert!(wanted.has(Capability::can_get_line_numbers));
//! ```

#![no_std]
#![forbid(unsafe_code)]
// FFI names stay those of the headers, so that the specification can be searched for them.
#![allow(non_camel_case_types, non_snake_case, non_upper_case_globals)]

pub mod agct;
pub mod jni;
pub mod jvmti;
pub mod layout;
mod table;

pub use agct::*;
pub use jni::*;
pub use jvmti::*;
pub use table::{Constant, Slot};
