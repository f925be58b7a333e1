//! JVMTI calls as safe functions.
//!
//! # Safety
//! A JVMTI environment may be used by any thread that is attached to the JVM, at the same time (JVMTI specification,
//! "Environments"). It is never disposed. Arrays and strings that JVMTI allocates are copied and given back at once.
//! Functions that take a method id say which reference must be held for it to be valid.
#![allow(unsafe_code)]

use std::ffi::{CString, c_char, c_uchar};
use std::mem::size_of;
use std::ptr;

use jvmti_sys::{
    JVMTI_DISABLE, JVMTI_ENABLE, jclass, jint, jmethodID, jthread, jvmtiCapabilities, jvmtiEnv, jvmtiEvent,
    jvmtiEventCallbacks, jvmtiInterface_1_, jvmtiLineNumberEntry, jvmtiThreadInfo,
};

use super::jni::{Jni, LocalRef};
use super::strings::copy_modified_utf8;

/// What a JVMTI function answers when it is not there or refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the JVM answered {function} with JVMTI error {code}")]
pub struct JvmtiError {
    /// The function.
    pub function: &'static str,
    /// Its error number, as in jvmti.h.
    pub code: u32,
}

/// A JVMTI environment.
#[derive(Clone, Copy)]
pub struct Jvmti {
    env: *mut jvmtiEnv,
}

// SAFETY: JVMTI environments may be used from any thread.
unsafe impl Send for Jvmti {}
// SAFETY: JVMTI functions are thread-safe.
unsafe impl Sync for Jvmti {}

/// Calls one function of the table; evaluates to `Result<(), JvmtiError>`.
macro_rules! call {
    ($self:ident, $function:ident $(, $argument:expr)*) => {
        match $self.table().$function {
            Some(function) => {
                // SAFETY: the environment is live and the arguments are valid for this function; see each caller.
                let code = unsafe { function($self.env $(, $argument)*) };
                check(stringify!($function), code as u32)
            }
            None => check(stringify!($function), jvmti_sys::JVMTI_ERROR_NOT_AVAILABLE as u32),
        }
    };
}

fn check(function: &'static str, code: u32) -> Result<(), JvmtiError> {
    if code == 0 { Ok(()) } else { Err(JvmtiError { function, code }) }
}

/// The name and signature of a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodName {
    /// For example `<init>`.
    pub name: String,
    /// For example `(I)V`.
    pub descriptor: String,
}

impl Jvmti {
    /// Wraps an environment.
    ///
    /// # Safety
    /// `env` came from `GetEnv` and is never disposed.
    pub unsafe fn new(env: *mut jvmtiEnv) -> Self {
        Self { env }
    }

    fn table(&self) -> &'static jvmtiInterface_1_ {
        // SAFETY: a JVMTI environment begins with a pointer to its function table.
        let table = unsafe { *self.env };
        // SAFETY: the table lives as long as the environment, which is never disposed.
        unsafe { &*table }
    }

    /// Adds those of `wanted` that this JVM has, and returns which they are.
    pub fn add_capabilities(&self, wanted: jvmtiCapabilities) -> Result<jvmtiCapabilities, JvmtiError> {
        let mut potential = jvmtiCapabilities::NONE;
        call!(self, GetPotentialCapabilities, &raw mut potential)?;
        let got = wanted.intersection(potential);
        call!(self, AddCapabilities, &raw const got)?;
        Ok(got)
    }

    /// Sets the callbacks, which the JVM copies.
    pub fn set_callbacks(&self, callbacks: &jvmtiEventCallbacks) -> Result<(), JvmtiError> {
        let size = size_of::<jvmtiEventCallbacks>() as jint;
        call!(self, SetEventCallbacks, ptr::from_ref(callbacks), size)
    }

    /// Enables an event for all threads.
    pub fn enable(&self, event: jvmtiEvent) -> Result<(), JvmtiError> {
        call!(self, SetEventNotificationMode, JVMTI_ENABLE, event, ptr::null_mut())
    }

    /// Has the JVM send past events of this kind again.
    pub fn generate(&self, event: jvmtiEvent) -> Result<(), JvmtiError> {
        call!(self, GenerateEvents, event)
    }

    /// Disables an event.
    pub fn disable(&self, event: jvmtiEvent) -> Result<(), JvmtiError> {
        call!(self, SetEventNotificationMode, JVMTI_DISABLE, event, ptr::null_mut())
    }

    /// A system property as it was given on the command line or set by the JVM; `None` when it is not set.
    pub fn system_property(&self, name: &str) -> Option<String> {
        let name = CString::new(name).ok()?;
        let mut value = ptr::null_mut();
        call!(self, GetSystemProperty, name.as_ptr(), &raw mut value).ok()?;
        Some(self.take_string(value))
    }

    /// Names of all system properties that the JVM knows, without those that Java code set later.
    pub fn system_property_names(&self) -> Vec<String> {
        let (mut count, mut names) = (0, ptr::null_mut());
        if call!(self, GetSystemProperties, &raw mut count, &raw mut names).is_err() {
            return Vec::new();
        }
        let copied = self.take_array(count, names);
        copied.into_iter().map(|name| self.take_string(name)).collect()
    }

    /// All loaded classes, as local references of the calling thread.
    pub fn loaded_classes(&self) -> Result<Vec<jclass>, JvmtiError> {
        let (mut count, mut classes) = (0, ptr::null_mut());
        call!(self, GetLoadedClasses, &raw mut count, &raw mut classes)?;
        Ok(self.take_array(count, classes))
    }

    /// All live platform threads, as local references of the calling thread.
    pub fn all_threads(&self) -> Result<Vec<jthread>, JvmtiError> {
        let (mut count, mut threads) = (0, ptr::null_mut());
        call!(self, GetAllThreads, &raw mut count, &raw mut threads)?;
        Ok(self.take_array(count, threads))
    }

    /// The ids of all methods of a class, which HotSpot creates by this call. Fails for a class that is not prepared.
    ///
    /// # Safety
    /// `class` is a live reference.
    pub unsafe fn class_methods(&self, class: jclass) -> Result<Vec<jmethodID>, JvmtiError> {
        let (mut count, mut methods) = (0, ptr::null_mut());
        call!(self, GetClassMethods, class, &raw mut count, &raw mut methods)?;
        Ok(self.take_array(count, methods))
    }

    /// The signature of a class, such as `Ljava/lang/String;` or `[I`.
    ///
    /// # Safety
    /// `class` is a live reference.
    pub unsafe fn class_signature(&self, class: jclass) -> Result<String, JvmtiError> {
        let mut signature = ptr::null_mut();
        call!(self, GetClassSignature, class, &raw mut signature, ptr::null_mut())?;
        Ok(self.take_string(signature))
    }

    /// The name and descriptor of a method.
    ///
    /// # Safety
    /// A reference to the method's class is held.
    pub unsafe fn method_name(&self, method: jmethodID) -> Result<MethodName, JvmtiError> {
        let (mut name, mut descriptor) = (ptr::null_mut(), ptr::null_mut());
        call!(self, GetMethodName, method, &raw mut name, &raw mut descriptor, ptr::null_mut())?;
        Ok(MethodName { name: self.take_string(name), descriptor: self.take_string(descriptor) })
    }

    /// The access flags of a method.
    ///
    /// # Safety
    /// A reference to the method's class is held.
    pub unsafe fn method_modifiers(&self, method: jmethodID) -> Result<i32, JvmtiError> {
        let mut modifiers = 0;
        call!(self, GetMethodModifiers, method, &raw mut modifiers)?;
        Ok(modifiers)
    }

    /// Pairs of (first bytecode index, line), sorted by the index; empty when the class has no line numbers.
    ///
    /// # Safety
    /// A reference to the method's class is held.
    pub unsafe fn line_numbers(&self, method: jmethodID) -> Vec<(u32, u32)> {
        let (mut count, mut table) = (0, ptr::null_mut::<jvmtiLineNumberEntry>());
        if call!(self, GetLineNumberTable, method, &raw mut count, &raw mut table).is_err() {
            return Vec::new();
        }
        let entries = self.take_array(count, table);
        let mut lines: Vec<(u32, u32)> =
            entries.into_iter().map(|entry| (entry.start_location as u32, entry.line_number as u32)).collect();
        lines.sort_unstable();
        lines
    }

    /// The name of a thread that a reference is held to; `None` when it has ended.
    pub fn name_of(&self, jni: &Jni, thread: &LocalRef<'_>) -> Option<String> {
        // SAFETY: the reference is live.
        unsafe { self.thread_name(jni, thread.object) }
    }

    /// The name of a thread; `None` when it has ended.
    ///
    /// # Safety
    /// `thread` is a live reference, or null for the calling thread.
    pub unsafe fn thread_name(&self, jni: &Jni, thread: jthread) -> Option<String> {
        let mut info = jvmtiThreadInfo {
            name: ptr::null_mut(),
            priority: 0,
            is_daemon: 0,
            thread_group: ptr::null_mut(),
            context_class_loader: ptr::null_mut(),
        };
        call!(self, GetThreadInfo, thread, &raw mut info).ok()?;
        for reference in [info.thread_group, info.context_class_loader] {
            // Kept on a thread that never returns to Java, it would keep the class loader alive for ever.
            // SAFETY: GetThreadInfo made this local reference for the calling thread.
            drop(unsafe { jni.adopt(reference) });
        }
        Some(self.take_string(info.name))
    }

    /// Copies a string and gives it back to JVMTI.
    fn take_string(&self, text: *mut c_char) -> String {
        // SAFETY: the pointer comes from a JVMTI call that succeeded: null or NUL-terminated.
        let copy = unsafe { copy_modified_utf8(text) };
        self.deallocate(text.cast());
        copy
    }

    /// Copies an array of `count` values and gives it back to JVMTI.
    fn take_array<T: Copy>(&self, count: jint, array: *mut T) -> Vec<T> {
        let length = usize::try_from(count).unwrap_or(0);
        if array.is_null() || length == 0 {
            self.deallocate(array.cast());
            return Vec::new();
        }
        // SAFETY: a JVMTI call that succeeded gave this array and its length.
        let copy = unsafe { std::slice::from_raw_parts(array, length) }.to_vec();
        self.deallocate(array.cast());
        copy
    }

    fn deallocate(&self, memory: *mut c_uchar) {
        if !memory.is_null() {
            // A failure leaks a few bytes; there is nobody to tell.
            let _ = call!(self, Deallocate, memory);
        }
    }
}
