//! The structures that JVMTI functions fill, and the function types they mention.

#![allow(missing_docs)] // Fields carry the names of jvmti.h; the JVMTI specification describes each one.

use core::ffi::{c_char, c_uchar, c_void};

use super::*;

/// Body of a thread started by `RunAgentThread`.
pub type jvmtiStartFunction =
    Option<unsafe extern "system" fn(jvmti_env: *mut jvmtiEnv, jni_env: *mut JNIEnv, arg: *mut c_void)>;

/// An extension function; its parameters are told by `jvmtiExtensionFunctionInfo`.
pub type jvmtiExtensionFunction = Option<unsafe extern "C" fn(jvmti_env: *mut jvmtiEnv, ...) -> jvmtiError>;

/// Callback of an extension event; its parameters are told by `jvmtiExtensionEventInfo`.
pub type jvmtiExtensionEvent = Option<unsafe extern "C" fn(jvmti_env: *mut jvmtiEnv, ...)>;

/// Result of `GetThreadInfo`; `name` (modified UTF-8) must be given to `Deallocate`, the references are local.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiThreadInfo {
    pub name: *mut c_char,
    pub priority: jint,
    pub is_daemon: jboolean,
    pub thread_group: jthreadGroup,
    pub context_class_loader: jobject,
}

/// One entry of `GetOwnedMonitorStackDepthInfo`; depth -1 means unknown.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiMonitorStackDepthInfo {
    pub monitor: jobject,
    pub stack_depth: jint,
}

/// Result of `GetThreadGroupInfo`; `name` (modified UTF-8) must be given to `Deallocate`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiThreadGroupInfo {
    pub parent: jthreadGroup,
    pub name: *mut c_char,
    pub max_priority: jint,
    pub is_daemon: jboolean,
}

/// One frame of a stack trace; `location` is a bytecode index, -1 in a native method.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiFrameInfo {
    pub method: jmethodID,
    pub location: jlocation,
}

/// One thread of `GetAllStackTraces`; frames live in the same allocation, freed with its start.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiStackInfo {
    pub thread: jthread,
    pub state: jint,
    pub frame_buffer: *mut jvmtiFrameInfo,
    pub frame_count: jint,
}

/// One class for `RedefineClasses`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiClassDefinition {
    pub klass: jclass,
    pub class_byte_count: jint,
    pub class_bytes: *const c_uchar,
}

/// Result of `GetObjectMonitorUsage`; both arrays must be given to `Deallocate`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiMonitorUsage {
    pub owner: jthread,
    pub entry_count: jint,
    pub waiter_count: jint,
    pub waiters: *mut jthread,
    pub notify_waiter_count: jint,
    pub notify_waiters: *mut jthread,
}

/// One entry of `GetLineNumberTable`: the first bytecode index of a source line.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiLineNumberEntry {
    pub start_location: jlocation,
    pub line_number: jint,
}

/// One entry of `GetLocalVariableTable`; the strings must be given to `Deallocate`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiLocalVariableEntry {
    pub start_location: jlocation,
    pub length: jint,
    pub name: *mut c_char,
    pub signature: *mut c_char,
    pub generic_signature: *mut c_char,
    pub slot: jint,
}

/// One parameter of an extension.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiParamInfo {
    pub name: *mut c_char,
    pub kind: jvmtiParamKind,
    pub base_type: jvmtiParamTypes,
    pub null_ok: jboolean,
}

/// One entry of `GetExtensionFunctions`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiExtensionFunctionInfo {
    pub func: jvmtiExtensionFunction,
    pub id: *mut c_char,
    pub short_description: *mut c_char,
    pub param_count: jint,
    pub params: *mut jvmtiParamInfo,
    pub error_count: jint,
    pub errors: *mut jvmtiError,
}

/// One entry of `GetExtensionEvents`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiExtensionEventInfo {
    pub extension_event_index: jint,
    pub id: *mut c_char,
    pub short_description: *mut c_char,
    pub param_count: jint,
    pub params: *mut jvmtiParamInfo,
}

/// Result of `GetTimerInfo` and its kin; `max_value` in ns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiTimerInfo {
    pub max_value: jlong,
    pub may_skip_forward: jboolean,
    pub may_skip_backward: jboolean,
    pub kind: jvmtiTimerKind,
    pub reserved1: jlong,
    pub reserved2: jlong,
}

/// One entry of the map that CompiledMethodLoad carries: machine address to bytecode index.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiAddrLocationMap {
    pub start_address: *const c_void,
    pub location: jlocation,
}
