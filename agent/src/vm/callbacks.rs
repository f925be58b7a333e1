//! The JVMTI callbacks: each turns raw pointers into safe wrappers, catches panics, and calls one function.
//!
//! # Safety
//! The JVM calls these on threads that are attached, with that thread's environment and local references that are valid
//! during the call. No reference is kept past a callback.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jvmti_sys::{JNIEnv, jclass, jint, jthread, jvmtiEnv, jvmtiEventCallbacks};

use super::strings::copy_modified_utf8;
use super::{Jni, Jvmti};
use crate::lifecycle;

/// The table that the JVM is given.
pub fn table() -> jvmtiEventCallbacks {
    let zeroed = MaybeUninit::<jvmtiEventCallbacks>::zeroed();
    // SAFETY: every member is an optional function pointer, for which zero is `None`.
    let mut callbacks = unsafe { zeroed.assume_init() };
    callbacks.VMInit = Some(vm_init);
    callbacks.VMDeath = Some(vm_death);
    callbacks.ThreadStart = Some(thread_start);
    callbacks.ThreadEnd = Some(thread_end);
    callbacks.ClassLoad = Some(class_load);
    callbacks.ClassPrepare = Some(class_prepare);
    callbacks.DynamicCodeGenerated = Some(dynamic_code_generated);
    callbacks
}

/// Runs `action`; a panic stops the profiler with one line, never the JVM.
pub fn guarded(action: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(action)).is_err() {
        lifecycle::stop_after_panic();
    }
}

unsafe extern "system" fn vm_init(jvmti: *mut jvmtiEnv, _env: *mut JNIEnv, _thread: jthread) {
    guarded(|| {
        // SAFETY: the JVM passes the environment that the callbacks were set on.
        lifecycle::vm_initialised(unsafe { Jvmti::new(jvmti) });
    });
}

unsafe extern "system" fn vm_death(_jvmti: *mut jvmtiEnv, _env: *mut JNIEnv) {
    guarded(lifecycle::vm_dies);
}

unsafe extern "system" fn thread_start(jvmti: *mut jvmtiEnv, env: *mut JNIEnv, thread: jthread) {
    guarded(|| {
        // SAFETY: the JVM passes the environment that the callbacks were set on.
        let jvmti = unsafe { Jvmti::new(jvmti) };
        // SAFETY: the environment of the calling thread.
        let jni = unsafe { Jni::new(env) };
        lifecycle::thread_started(&jni, || {
            // SAFETY: a live local reference during the callback.
            unsafe { jvmti.thread_name(&jni, thread) }
        });
    });
}

unsafe extern "system" fn thread_end(_jvmti: *mut jvmtiEnv, _env: *mut JNIEnv, _thread: jthread) {
    guarded(lifecycle::thread_ends);
}

/// Empty, and needed: AsyncGetCallTrace refuses every call while no agent has asked for ClassLoad.
unsafe extern "system" fn class_load(_jvmti: *mut jvmtiEnv, _env: *mut JNIEnv, _thread: jthread, _class: jclass) {}

unsafe extern "system" fn dynamic_code_generated(
    _jvmti: *mut jvmtiEnv,
    name: *const c_char,
    address: *const c_void,
    length: jint,
) {
    guarded(|| {
        // SAFETY: the JVM passes a NUL-terminated name, or null.
        let name = unsafe { copy_modified_utf8(name) };
        lifecycle::stub_generated(&name, address as u64, u64::try_from(length).unwrap_or(0));
    });
}

unsafe extern "system" fn class_prepare(jvmti: *mut jvmtiEnv, env: *mut JNIEnv, _thread: jthread, class: jclass) {
    guarded(|| {
        // SAFETY: the JVM passes the environment that the callbacks were set on.
        let jvmti = unsafe { Jvmti::new(jvmti) };
        // SAFETY: the environment of the calling thread.
        let jni = unsafe { Jni::new(env) };
        // SAFETY: a live local reference during the callback.
        unsafe { lifecycle::class_prepared(&jvmti, &jni, class) };
    });
}
