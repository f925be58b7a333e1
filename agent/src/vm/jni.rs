//! The few JNI calls that the agent makes, as safe functions.
//!
//! # Safety
//! A [`Jni`] is used on the thread that its environment belongs to: it is neither `Send` nor `Sync`. Local references
//! are deleted when their wrapper drops.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_void};
use std::marker::PhantomData;
use std::ptr;

use jvmti_sys::{
    JNI_OK, JNI_VERSION_10, JNIEnv, JNIInvokeInterface_, JNINativeInterface_, JavaVM, JavaVMAttachArgs, jclass,
    jfieldID, jobject, jweak,
};

/// The JNI environment of the calling thread.
#[derive(Clone, Copy)]
pub struct Jni {
    env: *mut JNIEnv,
    not_send: PhantomData<*mut ()>,
}

/// A weak global reference to a class: it does not keep the class alive.
#[derive(Debug, PartialEq, Eq)]
pub struct WeakClass(jweak);

// SAFETY: global references may be used on any thread.
unsafe impl Send for WeakClass {}

/// A local reference, deleted on drop.
pub struct LocalRef<'j> {
    jni: &'j Jni,
    /// The reference, not null.
    pub object: jobject,
}

/// Calls one function of the table, which every JVM has had since the version that the agent requires.
macro_rules! call {
    ($self:ident, $function:ident, $otherwise:expr $(, $argument:expr)*) => {
        match $self.table().$function {
            Some(function) => {
                // SAFETY: the environment belongs to this thread and the arguments are valid; see each caller.
                unsafe { function($self.env $(, $argument)*) }
            }
            None => $otherwise,
        }
    };
}

impl Jni {
    /// Wraps the environment of the calling thread.
    ///
    /// # Safety
    /// `env` belongs to the calling thread and is valid as long as the value is used.
    pub unsafe fn new(env: *mut JNIEnv) -> Self {
        Self { env, not_send: PhantomData }
    }

    /// Attaches the calling thread to the JVM as a daemon named `name`.
    ///
    /// # Safety
    /// `vm` is the process's JVM, which is initialised.
    unsafe fn attach_as_daemon(vm: *mut JavaVM, name: &CStr) -> Option<Self> {
        let mut arguments =
            JavaVMAttachArgs { version: JNI_VERSION_10, name: name.as_ptr().cast_mut(), group: ptr::null_mut() };
        let mut env: *mut c_void = ptr::null_mut();
        // SAFETY: the caller promises a live JVM.
        let attach = unsafe { invoke_table(vm) }.AttachCurrentThreadAsDaemon?;
        // SAFETY: `arguments` and `env` are valid for the call, which does not keep them.
        let result = unsafe { attach(vm, &raw mut env, (&raw mut arguments).cast()) };
        // SAFETY: on success the JVM gave this thread's environment.
        (result == JNI_OK).then(|| unsafe { Self::new(env.cast()) })
    }

    /// The raw environment.
    pub fn env(&self) -> *mut JNIEnv {
        self.env
    }

    fn table(&self) -> &'static JNINativeInterface_ {
        // SAFETY: an environment begins with a pointer to its function table.
        let table = unsafe { *self.env };
        // SAFETY: the JVM's function table lives as long as the JVM.
        unsafe { &*table }
    }

    /// Makes a weak global reference.
    ///
    /// # Safety
    /// `class` is a live reference.
    pub unsafe fn weak(&self, class: jclass) -> Option<WeakClass> {
        let weak = call!(self, NewWeakGlobalRef, ptr::null_mut(), class);
        (!weak.is_null()).then_some(WeakClass(weak))
    }

    /// A strong local reference to the class; `None` when it was unloaded. While it is held, the class stays.
    pub fn upgrade(&self, weak: &WeakClass) -> Option<LocalRef<'_>> {
        let object = call!(self, NewLocalRef, ptr::null_mut(), weak.0);
        (!object.is_null()).then_some(LocalRef { jni: self, object })
    }

    /// Gives a weak reference back.
    pub fn delete_weak(&self, weak: WeakClass) {
        call!(self, DeleteWeakGlobalRef, (), weak.0);
    }

    /// Takes over a local reference that JNI or JVMTI made for this thread.
    ///
    /// # Safety
    /// `object` is null or a local reference of the calling thread that nobody else deletes.
    pub unsafe fn adopt(&self, object: jobject) -> Option<LocalRef<'_>> {
        (!object.is_null()).then_some(LocalRef { jni: self, object })
    }

    /// Tells the JVM that so many local references are to come, which -Xcheck:jni wants to know.
    pub fn expect_local_references(&self, count: usize) {
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        call!(self, EnsureLocalCapacity, 0, count);
        // A refusal leaves an exception behind, which would surface in the next Java call.
        call!(self, ExceptionClear, ());
    }

    /// The field `eetop` of `java.lang.Thread`, in which HotSpot keeps the address of its `JavaThread`.
    pub fn eetop_field(&self) -> Option<EetopField> {
        let class = call!(self, FindClass, ptr::null_mut(), c"java/lang/Thread".as_ptr());
        // SAFETY: FindClass made this local reference for us.
        let class = unsafe { self.adopt(class) };
        let field = class.as_ref().map_or(ptr::null_mut(), |class| {
            call!(self, GetFieldID, ptr::null_mut(), class.object, c"eetop".as_ptr(), c"J".as_ptr())
        });
        // A pending exception would surface in the next Java call of this thread.
        call!(self, ExceptionClear, ());
        (!field.is_null()).then_some(EetopField(field))
    }

    /// Address of the `JavaThread` of a platform thread; 0 when it has not started or has ended.
    pub fn java_thread_address(&self, thread: &LocalRef<'_>, field: &EetopField) -> u64 {
        call!(self, GetLongField, 0, thread.object, field.0) as u64
    }
}

/// Keeps the calling thread attached to the JVM as a daemon, until it is dropped on the same thread.
///
/// Dropping it before the JVM ends matters: the JVM waits up to 300 ms for threads that are attached and in native code
/// (vmOperations.cpp, `wait_for_threads_in_native_to_block`).
pub struct Attached {
    vm: *mut JavaVM,
    /// The thread's environment.
    pub jni: Jni,
}

impl Attached {
    /// Attaches the calling thread under `name`.
    ///
    /// # Safety
    /// `vm` is the process's JVM, which is initialised.
    pub unsafe fn as_daemon(vm: *mut JavaVM, name: &CStr) -> Option<Self> {
        // SAFETY: the caller's promise.
        let jni = unsafe { Jni::attach_as_daemon(vm, name) }?;
        Some(Self { vm, jni })
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        // SAFETY: the JVM that the thread was attached to; it outlives the process's threads.
        if let Some(detach) = unsafe { invoke_table(self.vm) }.DetachCurrentThread {
            // SAFETY: this thread was attached, and holds no Java frame.
            unsafe { detach(self.vm) };
        }
    }
}

/// The id of the field `java.lang.Thread.eetop`.
pub struct EetopField(jfieldID);

impl Drop for LocalRef<'_> {
    fn drop(&mut self) {
        let jni = self.jni;
        call!(jni, DeleteLocalRef, (), self.object);
    }
}

/// The invocation functions of a JVM.
///
/// # Safety
/// `vm` is a live JVM.
pub unsafe fn invoke_table(vm: *mut JavaVM) -> &'static JNIInvokeInterface_ {
    // SAFETY: a JavaVM begins with a pointer to its function table.
    let table = unsafe { *vm };
    // SAFETY: the table lives as long as the JVM.
    unsafe { &*table }
}
