//! The JVM as the agent sees it: safe wrappers around JVMTI, JNI and the tables that libjvm exports.
//!
//! Nothing with C naming leaves this folder but ids and environments, which are opaque everywhere else.

pub mod callbacks;
pub mod jni;
pub mod jvmti;
pub mod libjvm;
pub mod strings;
pub mod structs;
pub mod stubs;

pub use jni::{Attached, Jni, LocalRef, WeakClass};
pub use jvmti::Jvmti;
