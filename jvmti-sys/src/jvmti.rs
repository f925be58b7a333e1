//! JVMTI: base types and version numbers; the tables and structures are in the modules below.

mod capability;
mod constants;
mod error;
mod event;
mod heap;
mod info;
mod interface;

use core::ffi::c_int;

pub use capability::*;
pub use constants::*;
pub use error::*;
pub use event::*;
pub use heap::*;
pub use info::*;
pub use interface::jvmtiInterface_1_;

// The tables below mention JNI types; they see them through this module.
pub(crate) use crate::jni::*;
use crate::table::c_enum;

/// A JVMTI environment: a pointer to its function table, so functions take `*mut jvmtiEnv`.
pub type jvmtiEnv = *const jvmtiInterface_1_;

/// A reference to a `java.lang.Thread`, virtual threads included.
pub type jthread = jobject;
/// A reference to a `java.lang.ThreadGroup`.
pub type jthreadGroup = jobject;
/// A place in a method: a bytecode index in HotSpot.
pub type jlocation = jlong;
/// The JNI table, as `SetJNIFunctionTable` takes it.
pub type jniNativeInterface = JNINativeInterface_;

/// Stands for what a raw monitor points to; never looked into.
#[repr(C)]
#[derive(Debug)]
pub struct _jrawMonitorID {
    _opaque: [u8; 0],
}
/// A raw monitor of `CreateRawMonitor`.
pub type jrawMonitorID = *mut _jrawMonitorID;

c_enum! {
    /// A JVMTI version, as `GetEnv` takes and `GetVersionNumber` answers.
    pub type jvmtiVersion = c_int;
    names JVMTI_VERSION_NAMES {
        JVMTI_VERSION_1 = 0x3001_0000;
        JVMTI_VERSION_1_0 = 0x3001_0000;
        JVMTI_VERSION_1_1 = 0x3001_0100;
        JVMTI_VERSION_1_2 = 0x3001_0200;
        JVMTI_VERSION_9 = 0x3009_0000, since "9";
        JVMTI_VERSION_11 = 0x300B_0000, since "11";
        JVMTI_VERSION_19 = 0x3013_0000, since "19";
        JVMTI_VERSION_21 = 0x3015_0000, since "21";
    }
}

/// The version these declarations follow. An older JVM refuses it in `GetEnv`: ask for the oldest that serves you.
pub const JVMTI_VERSION: jvmtiVersion = 0x3019_0000;
