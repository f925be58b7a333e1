//! JNI: primitive and reference types, version and result constants, the invocation interface.

mod native_interface;

use core::ffi::{c_char, c_int, c_long, c_uint, c_void};

pub use native_interface::JNINativeInterface_;

use crate::table::{c_enum, function_table};

/// The calling thread's JNI environment: a pointer to its function table, so functions take `*mut JNIEnv`.
pub type JNIEnv = *const JNINativeInterface_;
/// The Java virtual machine: a pointer to the invocation table, so functions take `*mut JavaVM`.
pub type JavaVM = *const JNIInvokeInterface_;

/// Java `int`.
pub type jint = c_int;
/// Java `long`. `jni_md.h` spells it `long` where that has 64 bits, which is every platform supported here.
pub type jlong = c_long;
/// Java `byte`.
pub type jbyte = i8;
/// Java `boolean`: [`JNI_FALSE`] or [`JNI_TRUE`]; a JVM may hand out other non-zero values.
pub type jboolean = u8;
/// Java `char`, one UTF-16 unit.
pub type jchar = u16;
/// Java `short`.
pub type jshort = i16;
/// Java `float`.
pub type jfloat = f32;
/// Java `double`.
pub type jdouble = f64;
/// Lengths and indexes.
pub type jsize = jint;

/// Stands for what a reference points to; never looked into.
#[repr(C)]
#[derive(Debug)]
pub struct _jobject {
    _opaque: [u8; 0],
}
/// Stands for what a field id points to; never looked into.
#[repr(C)]
#[derive(Debug)]
pub struct _jfieldID {
    _opaque: [u8; 0],
}
/// Stands for what a method id points to; never looked into.
#[repr(C)]
#[derive(Debug)]
pub struct _jmethodID {
    _opaque: [u8; 0],
}

/// A local, global or weak reference to an object. The C headers tell classes, strings and arrays apart by name only.
pub type jobject = *mut _jobject;
/// A reference to a `java.lang.Class`.
pub type jclass = jobject;
/// A reference to a `java.lang.Throwable`.
pub type jthrowable = jobject;
/// A reference to a `java.lang.String`.
pub type jstring = jobject;
/// A reference to an array.
pub type jarray = jobject;
/// A reference to a `boolean[]`.
pub type jbooleanArray = jarray;
/// A reference to a `byte[]`.
pub type jbyteArray = jarray;
/// A reference to a `char[]`.
pub type jcharArray = jarray;
/// A reference to a `short[]`.
pub type jshortArray = jarray;
/// A reference to an `int[]`.
pub type jintArray = jarray;
/// A reference to a `long[]`.
pub type jlongArray = jarray;
/// A reference to a `float[]`.
pub type jfloatArray = jarray;
/// A reference to a `double[]`.
pub type jdoubleArray = jarray;
/// A reference to an array of references.
pub type jobjectArray = jarray;
/// A weak global reference; null-equal once its object is gone.
pub type jweak = jobject;

/// A field's identity; valid while its class is loaded.
pub type jfieldID = *mut _jfieldID;
/// A method's identity; valid while its class is loaded, and a JVMTI call on a stale one may crash the JVM.
pub type jmethodID = *mut _jmethodID;

/// C's `va_list` as an argument. The x86-64 and AArch64 Linux ABIs both pass it as one pointer.
pub type va_list = *mut c_void;

/// One argument or result of any Java type; the member in use is told by the signature.
#[repr(C)]
#[derive(Clone, Copy)]
pub union jvalue {
    /// `boolean`.
    pub z: jboolean,
    /// `byte`.
    pub b: jbyte,
    /// `char`.
    pub c: jchar,
    /// `short`.
    pub s: jshort,
    /// `int`.
    pub i: jint,
    /// `long`.
    pub j: jlong,
    /// `float`.
    pub f: jfloat,
    /// `double`.
    pub d: jdouble,
    /// A reference.
    pub l: jobject,
}

c_enum! {
    /// What `GetObjectRefType` answers.
    pub type jobjectRefType = c_uint;
    names JNI_REF_TYPE_NAMES {
        JNIInvalidRefType = 0;
        JNILocalRefType = 1;
        JNIGlobalRefType = 2;
        JNIWeakGlobalRefType = 3;
    }
}

/// False as a `jboolean`.
pub const JNI_FALSE: jboolean = 0;
/// True as a `jboolean`.
pub const JNI_TRUE: jboolean = 1;

c_enum! {
    /// Result of the functions of the invocation interface and of `Agent_OnLoad`.
    pub type jniResult = jint;
    names JNI_RESULT_NAMES {
        JNI_OK = 0;
        JNI_ERR = -1;
        JNI_EDETACHED = -2;
        JNI_EVERSION = -3;
        JNI_ENOMEM = -4;
        JNI_EEXIST = -5;
        JNI_EINVAL = -6;
    }
}

c_enum! {
    /// Mode of `Release<Type>ArrayElements`.
    pub type jniReleaseMode = jint;
    names JNI_RELEASE_MODE_NAMES {
        JNI_COMMIT = 1;
        JNI_ABORT = 2;
    }
}

c_enum! {
    /// A JNI version, as `GetVersion` answers and `GetEnv` takes.
    pub type jniVersion = jint;
    names JNI_VERSION_NAMES {
        JNI_VERSION_1_1 = 0x0001_0001;
        JNI_VERSION_1_2 = 0x0001_0002;
        JNI_VERSION_1_4 = 0x0001_0004;
        JNI_VERSION_1_6 = 0x0001_0006;
        JNI_VERSION_1_8 = 0x0001_0008;
        JNI_VERSION_9 = 0x0009_0000, since "9";
        JNI_VERSION_10 = 0x000a_0000, since "10";
        JNI_VERSION_19 = 0x0013_0000, since "19";
        JNI_VERSION_20 = 0x0014_0000, since "20";
        JNI_VERSION_21 = 0x0015_0000, since "21";
        JNI_VERSION_24 = 0x0018_0000, since "24";
    }
}

/// One entry for `RegisterNatives`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct JNINativeMethod {
    /// Method name, modified UTF-8.
    pub name: *mut c_char,
    /// Descriptor, such as `(I)V`.
    pub signature: *mut c_char,
    /// The function.
    pub fnPtr: *mut c_void,
}

/// One option for `JNI_CreateJavaVM`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct JavaVMOption {
    /// The option as on a command line.
    pub optionString: *mut c_char,
    /// The hook for `vfprintf`, `exit` and `abort`; null otherwise.
    pub extraInfo: *mut c_void,
}

/// Arguments of `JNI_CreateJavaVM`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct JavaVMInitArgs {
    /// A [`jniVersion`].
    pub version: jint,
    /// Length of `options`.
    pub nOptions: jint,
    /// The options.
    pub options: *mut JavaVMOption,
    /// Whether unknown `-X` and `_` options are passed over.
    pub ignoreUnrecognized: jboolean,
}

/// Arguments of `AttachCurrentThread` and `AttachCurrentThreadAsDaemon`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct JavaVMAttachArgs {
    /// A [`jniVersion`], 1.2 at least.
    pub version: jint,
    /// Name of the thread, modified UTF-8, or null.
    pub name: *mut c_char,
    /// Global reference to a thread group, or null for the main one.
    pub group: jobject,
}

function_table! {
    /// The invocation interface. `GetEnv` may be called on any thread; the others change the calling thread's state.
    pub struct JNIInvokeInterface_ (vm: *mut JavaVM) from 0 {
        0 "-" reserved reserved0();
        1 "-" reserved reserved1();
        2 "-" reserved reserved2();
        3 "1.1" call DestroyJavaVM() -> jint;
        4 "1.1" call AttachCurrentThread(penv: *mut *mut c_void, args: *mut c_void) -> jint;
        5 "1.1" call DetachCurrentThread() -> jint;
        6 "1.2" call GetEnv(penv: *mut *mut c_void, version: jint) -> jint;
        7 "1.4" call AttachCurrentThreadAsDaemon(penv: *mut *mut c_void, args: *mut c_void) -> jint;
    }
}
