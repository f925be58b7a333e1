//! What the JVM calls when it loads, attaches or unloads the library. Nothing here may fail loudly: whatever is wrong,
//! the JVM goes on without a profiler.
//!
//! # Safety
//! The JVM calls these functions with its own live `JavaVM` and a NUL-terminated option string, or null.
#![allow(unsafe_code)]

use std::ffi::{c_char, c_void};
use std::panic::catch_unwind;
use std::ptr;

use jvmti_sys::{JNI_OK, JVMTI_EVENT_VM_DEATH, JVMTI_EVENT_VM_INIT, JVMTI_VERSION_11, JavaVM, jint, jvmtiEnv};

use crate::facts;
use crate::lifecycle::{self, Loaded, VmPointer};
use crate::log;
use crate::os;
use crate::vm::jni::invoke_table;
use crate::vm::libjvm::LibJvm;
use crate::vm::strings::copy_modified_utf8;
use crate::vm::structs::VmStructs;
use crate::vm::{Jvmti, callbacks};

/// Called before the JVM is initialised, for `-agentpath`. Does the least: profiling starts at VMInit.
///
/// # Safety
/// Called by the JVM.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn Agent_OnLoad(vm: *mut JavaVM, options: *const c_char, _reserved: *mut c_void) -> jint {
    let _ = catch_unwind(|| {
        if refuse_second() {
            return;
        }
        // SAFETY: the JVM's arguments.
        if let Some(loaded) = unsafe { load(vm, options) } {
            prepare(&loaded);
            lifecycle::remember(loaded);
        }
    });
    JNI_OK
}

/// Called in a running JVM, for attach. A second attach says so and changes nothing.
///
/// # Safety
/// Called by the JVM.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn Agent_OnAttach(vm: *mut JavaVM, options: *const c_char, _reserved: *mut c_void) -> jint {
    let _ = catch_unwind(|| {
        if refuse_second() {
            return;
        }
        // SAFETY: the JVM's arguments.
        let Some(loaded) = (unsafe { load(vm, options) }) else { return };
        let jvmti = loaded.jvmti;
        prepare(&loaded);
        if lifecycle::remember(loaded) {
            lifecycle::start(&jvmti);
        }
    });
    JNI_OK
}

/// Called when the JVM ends. Frees nothing: a signal may still arrive.
///
/// # Safety
/// Called by the JVM.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn Agent_OnUnload(_vm: *mut JavaVM) {}

/// Says so if the agent was loaded before. Asked first, because every environment that is made stays for ever.
fn refuse_second() -> bool {
    let second = lifecycle::is_loaded();
    if second {
        log::warn("Pyrite is loaded in this JVM already; the second request changes nothing");
    }
    second
}

/// # Safety
/// The arguments are those of the JVM.
unsafe fn load(vm: *mut JavaVM, options: *const c_char) -> Option<Loaded> {
    os::pin_library();
    // SAFETY: the option string of the JVM.
    let agent_string = unsafe { copy_modified_utf8(options) };
    let mut env: *mut c_void = ptr::null_mut();
    // SAFETY: a live JVM.
    let get_env = unsafe { invoke_table(vm) }.GetEnv?;
    // SAFETY: `env` is writable for the call.
    let result = unsafe { get_env(vm, &raw mut env, JVMTI_VERSION_11 as jint) };
    if result != JNI_OK || env.is_null() {
        log::error("not profiling: this JVM is older than JDK 11, which is the oldest that Pyrite supports");
        return None;
    }
    // SAFETY: GetEnv made this environment for us; it is never disposed.
    let jvmti = unsafe { Jvmti::new(env.cast::<jvmtiEnv>()) };
    // SAFETY: a live JVM.
    let libjvm = unsafe { LibJvm::of(vm) };
    let Some(libjvm) = libjvm.filter(|libjvm| libjvm.async_get_call_trace().is_some()) else {
        let name = jvmti.system_property("java.vm.name").unwrap_or_else(|| "unnamed".into());
        log::error(format_args!("not profiling: this JVM ({name}) is not HotSpot; use an OpenJDK-based one"));
        return None;
    };
    // Here and not later, because the JVM loads its agents one after the other.
    let is_second_copy = os::leave_mark(facts::MARK).is_some_and(facts::is_second_copy);
    Some(Loaded { vm: VmPointer(vm), jvmti, libjvm, agent_string, is_second_copy })
}

/// What has to happen before code is compiled, or at least before more is.
fn prepare(loaded: &Loaded) {
    // Without it, inlined methods vanish and samples shift to the next call (HotSpot records debug information at
    // safepoints only).
    if let Some(structs) = VmStructs::of(&loaded.libjvm) {
        structs.switch_on_flag("DebugNonSafepoints");
    }
    listen_to_life(&loaded.jvmti);
}

fn listen_to_life(jvmti: &Jvmti) {
    let asked = jvmti
        .set_callbacks(&callbacks::table())
        .and_then(|()| jvmti.enable(JVMTI_EVENT_VM_INIT))
        .and_then(|()| jvmti.enable(JVMTI_EVENT_VM_DEATH));
    if let Err(error) = asked {
        log::error(format_args!("not profiling: {error}"));
    }
}
