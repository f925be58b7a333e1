//! JVMTI events: their numbers, callback types and the callback structure.

use core::ffi::{c_char, c_uchar, c_uint, c_void};

use super::*;

/// Number of an event, for `SetEventNotificationMode`.
pub type jvmtiEvent = c_uint;

/// Type of the unused members of [`jvmtiEventCallbacks`].
pub type jvmtiEventReserved = Option<unsafe extern "system" fn()>;

/// Lowest event number, that of the first member of [`jvmtiEventCallbacks`].
pub const JVMTI_MIN_EVENT_TYPE_VAL: jvmtiEvent = 50;
/// Highest event number.
pub const JVMTI_MAX_EVENT_TYPE_VAL: jvmtiEvent = 88;

/// Declares number, callback type and member of each event: `number "since" NUMBER Member Type(arguments);`.
///
/// The environment, first argument of every callback, is left out. Runs of events are separated by `reserved` groups,
/// so that the structure keeps the order of the header.
macro_rules! events {
    (
        $(#[$meta:meta])*
        pub struct $struct:ident {
            $(
                event {
                    $($index:literal $since:literal $number:ident $member:ident $callback:ident ($($args:tt)*);)*
                }
                reserved { $($hole:literal $reserved:ident;)* }
            )*
        }
    ) => {
        $(#[$meta])*
        #[repr(C)]
        #[derive(Clone, Copy, Default)]
        pub struct $struct {
            $(
                $(
                    #[doc = concat!("Called for [`", stringify!($number), "`].")]
                    pub $member: $callback,
                )*
                $(
                    #[doc = concat!("Unused, in place of event ", $hole, ".")]
                    pub $reserved: jvmtiEventReserved,
                )*
            )*
        }

        $($(
            #[doc = concat!("Event ", $index, ", since version ", $since, ".")]
            pub const $number: jvmtiEvent = $index;

            #[doc = concat!("Callback of [`", stringify!($number), "`].")]
            pub type $callback = Option<unsafe extern "system" fn(jvmti_env: *mut jvmtiEnv, $($args)*)>;

            const _: () = assert!(
                core::mem::offset_of!($struct, $member)
                    == ($index - JVMTI_MIN_EVENT_TYPE_VAL as usize) * size_of::<usize>(),
                concat!("callback ", stringify!($member), " is out of place")
            );
        )*)*

        /// Name and number of every event.
        pub const JVMTI_EVENT_NAMES: &[crate::Constant] = &[$($(crate::Constant {
            name: stringify!($number),
            value: $index,
            since: $since,
        },)*)*];

        impl $struct {
            /// Every callback, reserved members left out, in order.
            pub const SLOTS: &'static [crate::Slot] = &[$($(crate::Slot {
                name: stringify!($member),
                offset: core::mem::offset_of!($struct, $member),
                since: $since,
            },)*)*];
        }
    };
}

events! {
    /// The callbacks, for `SetEventCallbacks`. That function takes the size too, so a longer structure than the JVM
    /// knows is no error: members it does not know are not read.
    pub struct jvmtiEventCallbacks {
        event {
            50 "1.0" JVMTI_EVENT_VM_INIT VMInit jvmtiEventVMInit(jni_env: *mut JNIEnv, thread: jthread);
            51 "1.0" JVMTI_EVENT_VM_DEATH VMDeath jvmtiEventVMDeath(jni_env: *mut JNIEnv);
            52 "1.0" JVMTI_EVENT_THREAD_START ThreadStart jvmtiEventThreadStart(jni_env: *mut JNIEnv, thread: jthread);
            53 "1.0" JVMTI_EVENT_THREAD_END ThreadEnd jvmtiEventThreadEnd(jni_env: *mut JNIEnv, thread: jthread);
            54 "1.0" JVMTI_EVENT_CLASS_FILE_LOAD_HOOK ClassFileLoadHook jvmtiEventClassFileLoadHook(
                jni_env: *mut JNIEnv, class_being_redefined: jclass, loader: jobject, name: *const c_char,
                protection_domain: jobject, class_data_len: jint, class_data: *const c_uchar,
                new_class_data_len: *mut jint, new_class_data: *mut *mut c_uchar,
            );
            55 "1.0" JVMTI_EVENT_CLASS_LOAD ClassLoad jvmtiEventClassLoad(
                jni_env: *mut JNIEnv, thread: jthread, klass: jclass,
            );
            56 "1.0" JVMTI_EVENT_CLASS_PREPARE ClassPrepare jvmtiEventClassPrepare(
                jni_env: *mut JNIEnv, thread: jthread, klass: jclass,
            );
            57 "1.0" JVMTI_EVENT_VM_START VMStart jvmtiEventVMStart(jni_env: *mut JNIEnv);
            58 "1.0" JVMTI_EVENT_EXCEPTION Exception jvmtiEventException(
                jni_env: *mut JNIEnv, thread: jthread, method: jmethodID, location: jlocation, exception: jobject,
                catch_method: jmethodID, catch_location: jlocation,
            );
            59 "1.0" JVMTI_EVENT_EXCEPTION_CATCH ExceptionCatch jvmtiEventExceptionCatch(
                jni_env: *mut JNIEnv, thread: jthread, method: jmethodID, location: jlocation, exception: jobject,
            );
            60 "1.0" JVMTI_EVENT_SINGLE_STEP SingleStep jvmtiEventSingleStep(
                jni_env: *mut JNIEnv, thread: jthread, method: jmethodID, location: jlocation,
            );
            61 "1.0" JVMTI_EVENT_FRAME_POP FramePop jvmtiEventFramePop(
                jni_env: *mut JNIEnv, thread: jthread, method: jmethodID, was_popped_by_exception: jboolean,
            );
            62 "1.0" JVMTI_EVENT_BREAKPOINT Breakpoint jvmtiEventBreakpoint(
                jni_env: *mut JNIEnv, thread: jthread, method: jmethodID, location: jlocation,
            );
            63 "1.0" JVMTI_EVENT_FIELD_ACCESS FieldAccess jvmtiEventFieldAccess(
                jni_env: *mut JNIEnv, thread: jthread, method: jmethodID, location: jlocation, field_klass: jclass,
                object: jobject, field: jfieldID,
            );
            64 "1.0" JVMTI_EVENT_FIELD_MODIFICATION FieldModification jvmtiEventFieldModification(
                jni_env: *mut JNIEnv, thread: jthread, method: jmethodID, location: jlocation, field_klass: jclass,
                object: jobject, field: jfieldID, signature_type: c_char, new_value: jvalue,
            );
            65 "1.0" JVMTI_EVENT_METHOD_ENTRY MethodEntry jvmtiEventMethodEntry(
                jni_env: *mut JNIEnv, thread: jthread, method: jmethodID,
            );
            66 "1.0" JVMTI_EVENT_METHOD_EXIT MethodExit jvmtiEventMethodExit(
                jni_env: *mut JNIEnv, thread: jthread, method: jmethodID, was_popped_by_exception: jboolean,
                return_value: jvalue,
            );
            67 "1.0" JVMTI_EVENT_NATIVE_METHOD_BIND NativeMethodBind jvmtiEventNativeMethodBind(
                jni_env: *mut JNIEnv, thread: jthread, method: jmethodID, address: *mut c_void,
                new_address_ptr: *mut *mut c_void,
            );
            68 "1.0" JVMTI_EVENT_COMPILED_METHOD_LOAD CompiledMethodLoad jvmtiEventCompiledMethodLoad(
                method: jmethodID, code_size: jint, code_addr: *const c_void, map_length: jint,
                map: *const jvmtiAddrLocationMap, compile_info: *const c_void,
            );
            69 "1.0" JVMTI_EVENT_COMPILED_METHOD_UNLOAD CompiledMethodUnload jvmtiEventCompiledMethodUnload(
                method: jmethodID, code_addr: *const c_void,
            );
            70 "1.0" JVMTI_EVENT_DYNAMIC_CODE_GENERATED DynamicCodeGenerated jvmtiEventDynamicCodeGenerated(
                name: *const c_char, address: *const c_void, length: jint,
            );
            71 "1.0" JVMTI_EVENT_DATA_DUMP_REQUEST DataDumpRequest jvmtiEventDataDumpRequest();
        }
        reserved {
            72 reserved72;
        }
        event {
            73 "1.0" JVMTI_EVENT_MONITOR_WAIT MonitorWait jvmtiEventMonitorWait(
                jni_env: *mut JNIEnv, thread: jthread, object: jobject, timeout: jlong,
            );
            74 "1.0" JVMTI_EVENT_MONITOR_WAITED MonitorWaited jvmtiEventMonitorWaited(
                jni_env: *mut JNIEnv, thread: jthread, object: jobject, timed_out: jboolean,
            );
            75 "1.0" JVMTI_EVENT_MONITOR_CONTENDED_ENTER MonitorContendedEnter jvmtiEventMonitorContendedEnter(
                jni_env: *mut JNIEnv, thread: jthread, object: jobject,
            );
            76 "1.0" JVMTI_EVENT_MONITOR_CONTENDED_ENTERED MonitorContendedEntered jvmtiEventMonitorContendedEntered(
                jni_env: *mut JNIEnv, thread: jthread, object: jobject,
            );
        }
        reserved {
            77 reserved77;
            78 reserved78;
            79 reserved79;
        }
        event {
            80 "1.1" JVMTI_EVENT_RESOURCE_EXHAUSTED ResourceExhausted jvmtiEventResourceExhausted(
                jni_env: *mut JNIEnv, flags: jint, reserved: *const c_void, description: *const c_char,
            );
            81 "1.0" JVMTI_EVENT_GARBAGE_COLLECTION_START GarbageCollectionStart jvmtiEventGarbageCollectionStart();
            82 "1.0" JVMTI_EVENT_GARBAGE_COLLECTION_FINISH GarbageCollectionFinish jvmtiEventGarbageCollectionFinish();
            83 "1.0" JVMTI_EVENT_OBJECT_FREE ObjectFree jvmtiEventObjectFree(tag: jlong);
            84 "1.0" JVMTI_EVENT_VM_OBJECT_ALLOC VMObjectAlloc jvmtiEventVMObjectAlloc(
                jni_env: *mut JNIEnv, thread: jthread, object: jobject, object_klass: jclass, size: jlong,
            );
        }
        reserved {
            85 reserved85;
        }
        event {
            86 "11" JVMTI_EVENT_SAMPLED_OBJECT_ALLOC SampledObjectAlloc jvmtiEventSampledObjectAlloc(
                jni_env: *mut JNIEnv, thread: jthread, object: jobject, object_klass: jclass, size: jlong,
            );
            87 "21" JVMTI_EVENT_VIRTUAL_THREAD_START VirtualThreadStart jvmtiEventVirtualThreadStart(
                jni_env: *mut JNIEnv, virtual_thread: jthread,
            );
            88 "21" JVMTI_EVENT_VIRTUAL_THREAD_END VirtualThreadEnd jvmtiEventVirtualThreadEnd(
                jni_env: *mut JNIEnv, virtual_thread: jthread,
            );
        }
        reserved {}
    }
}
