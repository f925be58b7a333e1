//! The loaded `libjvm.so`: its exported symbols.
//!
//! # Safety
//! `dlopen` with RTLD_NOLOAD only returns a handle of what is loaded, and the handle is never closed. Symbols are read
//! with the type that HotSpot declares for them.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_void};
use std::mem::MaybeUninit;

use jvmti_sys::{AsyncGetCallTrace, JavaVM};

use super::jni::invoke_table;

/// A handle of the loaded libjvm.
#[derive(Clone, Copy)]
pub struct LibJvm {
    handle: *mut c_void,
}

// SAFETY: dlsym may be called from any thread.
unsafe impl Send for LibJvm {}

impl LibJvm {
    /// Finds the library that a JVM's own functions live in.
    ///
    /// # Safety
    /// `vm` is a live JVM.
    pub unsafe fn of(vm: *mut JavaVM) -> Option<Self> {
        // SAFETY: the caller's promise.
        let function = unsafe { invoke_table(vm) }.GetEnv?;
        let zeroed = MaybeUninit::<libc::Dl_info>::zeroed();
        // SAFETY: all-zero bytes are a valid Dl_info.
        let mut info = unsafe { zeroed.assume_init() };
        // SAFETY: any address may be asked for; `info` is writable.
        let found = unsafe { libc::dladdr(function as *const c_void, &raw mut info) };
        if found == 0 || info.dli_fname.is_null() {
            return None;
        }
        // SAFETY: the name is a C string that the loader keeps.
        let handle = unsafe { libc::dlopen(info.dli_fname, libc::RTLD_LAZY | libc::RTLD_NOLOAD) };
        (!handle.is_null()).then_some(Self { handle })
    }

    /// The address of an exported symbol.
    pub fn symbol(&self, name: &CStr) -> Option<*mut c_void> {
        // SAFETY: the handle is open and the name is a C string.
        let address = unsafe { libc::dlsym(self.handle, name.as_ptr()) };
        (!address.is_null()).then_some(address)
    }

    /// The value of an exported 64-bit variable.
    pub fn variable(&self, name: &str) -> Option<u64> {
        let name = CString::new(name).ok()?;
        let address: *const u64 = self.symbol(&name)?.cast();
        // SAFETY: HotSpot declares the variables asked for here as 64-bit words (vmStructs.hpp).
        Some(unsafe { address.read() })
    }

    /// HotSpot's asynchronous stack walker, which every HotSpot exports and no other JVM does.
    pub fn async_get_call_trace(&self) -> Option<AsyncGetCallTrace> {
        let address = self.symbol(c"AsyncGetCallTrace")?;
        // SAFETY: the symbol has had this signature since JDK 5 (forte.cpp).
        Some(unsafe { std::mem::transmute::<*mut c_void, AsyncGetCallTrace>(address) })
    }
}
