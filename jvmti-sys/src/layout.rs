//! Size and field offsets of every structure that crosses to the JVM, as constant assertions for 64-bit Linux.
//!
//! Function tables and the callback structure assert each slot where they are declared; here is the rest. The numbers
//! are what a C compiler makes of the headers (`tests/abi.rs` asks one).

use crate::table::{Constant, Slot};
use crate::*;

/// Layout of one structure, as the test against the C headers needs it.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Name in the C header, as a C type.
    pub name: &'static str,
    /// Size in bytes.
    pub size: usize,
    /// Alignment in bytes.
    pub align: usize,
    /// Checked fields.
    pub fields: &'static [Slot],
}

/// Asserts `Name size { field offset, ... }` and gathers the rows in [`LAYOUTS`].
macro_rules! layouts {
    ($($name:ident $size:literal { $($field:ident $offset:literal),* $(,)? })*) => {
        $(
            const _: () = assert!(size_of::<$name>() == $size, concat!("size of ", stringify!($name)));
            $(
                const _: () = assert!(
                    core::mem::offset_of!($name, $field) == $offset,
                    concat!("offset of ", stringify!($field), " in ", stringify!($name))
                );
            )*
        )*

        /// Every structure and union of the two headers, with its fields.
        pub const LAYOUTS: &[Layout] = &[$(Layout {
            name: stringify!($name),
            size: $size,
            align: align_of::<$name>(),
            fields: &[$(Slot { name: stringify!($field), offset: $offset, since: "" }),*],
        }),*];
    };
}

layouts! {
    jvalue 8 { z 0, b 0, c 0, s 0, i 0, j 0, f 0, d 0, l 0 }
    JNINativeMethod 24 { name 0, signature 8, fnPtr 16 }
    JavaVMOption 16 { optionString 0, extraInfo 8 }
    JavaVMInitArgs 24 { version 0, nOptions 4, options 8, ignoreUnrecognized 16 }
    JavaVMAttachArgs 24 { version 0, name 8, group 16 }
    jvmtiThreadInfo 32 { name 0, priority 8, is_daemon 12, thread_group 16, context_class_loader 24 }
    jvmtiMonitorStackDepthInfo 16 { monitor 0, stack_depth 8 }
    jvmtiThreadGroupInfo 24 { parent 0, name 8, max_priority 16, is_daemon 20 }
    jvmtiFrameInfo 16 { method 0, location 8 }
    jvmtiStackInfo 32 { thread 0, state 8, frame_buffer 16, frame_count 24 }
    jvmtiHeapReferenceInfoField 4 { index 0 }
    jvmtiHeapReferenceInfoArray 4 { index 0 }
    jvmtiHeapReferenceInfoConstantPool 4 { index 0 }
    jvmtiHeapReferenceInfoStackLocal 48 { thread_tag 0, thread_id 8, depth 16, method 24, location 32, slot 40 }
    jvmtiHeapReferenceInfoJniLocal 32 { thread_tag 0, thread_id 8, depth 16, method 24 }
    jvmtiHeapReferenceInfoReserved 64 {
        reserved1 0, reserved2 8, reserved3 16, reserved4 24, reserved5 32, reserved6 40, reserved7 48, reserved8 56,
    }
    jvmtiHeapReferenceInfo 64 { field 0, array 0, constant_pool 0, stack_local 0, jni_local 0, other 0 }
    jvmtiHeapCallbacks 128 {
        heap_iteration_callback 0, heap_reference_callback 8, primitive_field_callback 16,
        array_primitive_value_callback 24, string_primitive_value_callback 32, reserved5 40, reserved6 48,
        reserved7 56, reserved8 64, reserved9 72, reserved10 80, reserved11 88, reserved12 96, reserved13 104,
        reserved14 112, reserved15 120,
    }
    jvmtiClassDefinition 24 { klass 0, class_byte_count 8, class_bytes 16 }
    jvmtiMonitorUsage 40 {
        owner 0, entry_count 8, waiter_count 12, waiters 16, notify_waiter_count 24, notify_waiters 32,
    }
    jvmtiLineNumberEntry 16 { start_location 0, line_number 8 }
    jvmtiLocalVariableEntry 48 { start_location 0, length 8, name 16, signature 24, generic_signature 32, slot 40 }
    jvmtiParamInfo 24 { name 0, kind 8, base_type 12, null_ok 16 }
    jvmtiExtensionFunctionInfo 56 {
        func 0, id 8, short_description 16, param_count 24, params 32, error_count 40, errors 48,
    }
    jvmtiExtensionEventInfo 40 { extension_event_index 0, id 8, short_description 16, param_count 24, params 32 }
    jvmtiTimerInfo 32 { max_value 0, may_skip_forward 8, may_skip_backward 9, kind 12, reserved1 16, reserved2 24 }
    jvmtiAddrLocationMap 16 { start_address 0, location 8 }
}

// AsyncGetCallTrace is in no header, so these are checked here alone.
const _: () = assert!(size_of::<ASGCT_CallFrame>() == 16);
const _: () = assert!(core::mem::offset_of!(ASGCT_CallFrame, method_id) == 8);
const _: () = assert!(size_of::<ASGCT_CallTrace>() == 24);
const _: () = assert!(core::mem::offset_of!(ASGCT_CallTrace, num_frames) == 8);
const _: () = assert!(core::mem::offset_of!(ASGCT_CallTrace, frames) == 16);

/// Size of a pointer, in bytes.
const WORD: usize = size_of::<usize>();

// A callback is an `Option` of a function pointer: one word, null for none.
const _: () = assert!(size_of::<jvmtiStartFunction>() == WORD);
const _: () = assert!(size_of::<jvmtiCapabilities>() == 16);
const _: () = assert!(size_of::<jvmtiEventCallbacks>() == 39 * WORD);
const _: () = assert!(size_of::<JNIInvokeInterface_>() == 8 * WORD);
const _: () = assert!(size_of::<JNINativeInterface_>() == 236 * WORD);
const _: () = assert!(size_of::<jvmtiInterface_1_>() == 156 * WORD);

/// The tables of constants of the two headers, for the test against them.
pub const CONSTANT_TABLES: &[&[Constant]] = &[
    JNI_REF_TYPE_NAMES,
    JNI_RESULT_NAMES,
    JNI_RELEASE_MODE_NAMES,
    JNI_VERSION_NAMES,
    JVMTI_ERROR_NAMES,
    JVMTI_EVENT_NAMES,
    JVMTI_EVENT_MODE_NAMES,
    JVMTI_PHASE_NAMES,
    JVMTI_THREAD_STATE_NAMES,
    JVMTI_JAVA_THREAD_STATE_NAMES,
    JVMTI_THREAD_PRIORITY_NAMES,
    JVMTI_CLASS_STATUS_NAMES,
    JVMTI_TIMER_KIND_NAMES,
    JVMTI_VERBOSE_FLAG_NAMES,
    JVMTI_JLOCATION_FORMAT_NAMES,
    JVMTI_RESOURCE_EXHAUSTED_NAMES,
    JVMTI_PRIMITIVE_TYPE_NAMES,
    JVMTI_TYPE_NAMES,
    JVMTI_KIND_NAMES,
    JVMTI_VERSION_NAMES,
    JVMTI_VERSION_INTERFACE_NAMES,
    JVMTI_VERSION_MASK_NAMES,
    JVMTI_VERSION_SHIFT_NAMES,
    JVMTI_HEAP_FILTER_NAMES,
    JVMTI_VISIT_NAMES,
    JVMTI_HEAP_REFERENCE_NAMES,
    JVMTI_HEAP_OBJECT_NAMES,
    JVMTI_HEAP_ROOT_NAMES,
    JVMTI_REFERENCE_NAMES,
    JVMTI_ITERATION_NAMES,
];
