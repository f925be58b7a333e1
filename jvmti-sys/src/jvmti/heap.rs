//! Types of the heap functions (`FollowReferences`, `IterateThroughHeap` and the older ones of JVMTI 1.0).

#![allow(missing_docs)] // Members carry the names of jvmti.h; the JVMTI specification describes each one.

use core::ffi::{c_uint, c_void};

use super::*;
use crate::table::c_enum;

c_enum! {
    /// Bits of the `heap_filter` argument: which objects to leave out.
    pub type jvmtiHeapFilter = c_uint;
    names JVMTI_HEAP_FILTER_NAMES {
        JVMTI_HEAP_FILTER_TAGGED = 0x4;
        JVMTI_HEAP_FILTER_UNTAGGED = 0x8;
        JVMTI_HEAP_FILTER_CLASS_TAGGED = 0x10;
        JVMTI_HEAP_FILTER_CLASS_UNTAGGED = 0x20;
    }
}

c_enum! {
    /// Bits that a heap callback returns.
    pub type jvmtiHeapVisitControl = c_uint;
    names JVMTI_VISIT_NAMES {
        JVMTI_VISIT_OBJECTS = 0x100;
        JVMTI_VISIT_ABORT = 0x8000;
    }
}

c_enum! {
    /// Kind of a reference seen by `FollowReferences`.
    pub type jvmtiHeapReferenceKind = c_uint;
    names JVMTI_HEAP_REFERENCE_NAMES {
        JVMTI_HEAP_REFERENCE_CLASS = 1;
        JVMTI_HEAP_REFERENCE_FIELD = 2;
        JVMTI_HEAP_REFERENCE_ARRAY_ELEMENT = 3;
        JVMTI_HEAP_REFERENCE_CLASS_LOADER = 4;
        JVMTI_HEAP_REFERENCE_SIGNERS = 5;
        JVMTI_HEAP_REFERENCE_PROTECTION_DOMAIN = 6;
        JVMTI_HEAP_REFERENCE_INTERFACE = 7;
        JVMTI_HEAP_REFERENCE_STATIC_FIELD = 8;
        JVMTI_HEAP_REFERENCE_CONSTANT_POOL = 9;
        JVMTI_HEAP_REFERENCE_SUPERCLASS = 10;
        JVMTI_HEAP_REFERENCE_JNI_GLOBAL = 21;
        JVMTI_HEAP_REFERENCE_SYSTEM_CLASS = 22;
        JVMTI_HEAP_REFERENCE_MONITOR = 23;
        JVMTI_HEAP_REFERENCE_STACK_LOCAL = 24;
        JVMTI_HEAP_REFERENCE_JNI_LOCAL = 25;
        JVMTI_HEAP_REFERENCE_THREAD = 26;
        JVMTI_HEAP_REFERENCE_OTHER = 27;
    }
}

c_enum! {
    /// Which objects the heap functions of JVMTI 1.0 visit.
    pub type jvmtiHeapObjectFilter = c_uint;
    names JVMTI_HEAP_OBJECT_NAMES {
        JVMTI_HEAP_OBJECT_TAGGED = 1;
        JVMTI_HEAP_OBJECT_UNTAGGED = 2;
        JVMTI_HEAP_OBJECT_EITHER = 3;
    }
}

c_enum! {
    /// Kind of a root seen by the heap functions of JVMTI 1.0.
    pub type jvmtiHeapRootKind = c_uint;
    names JVMTI_HEAP_ROOT_NAMES {
        JVMTI_HEAP_ROOT_JNI_GLOBAL = 1;
        JVMTI_HEAP_ROOT_SYSTEM_CLASS = 2;
        JVMTI_HEAP_ROOT_MONITOR = 3;
        JVMTI_HEAP_ROOT_STACK_LOCAL = 4;
        JVMTI_HEAP_ROOT_JNI_LOCAL = 5;
        JVMTI_HEAP_ROOT_THREAD = 6;
        JVMTI_HEAP_ROOT_OTHER = 7;
    }
}

c_enum! {
    /// Kind of a reference seen by the heap functions of JVMTI 1.0.
    pub type jvmtiObjectReferenceKind = c_uint;
    names JVMTI_REFERENCE_NAMES {
        JVMTI_REFERENCE_CLASS = 1;
        JVMTI_REFERENCE_FIELD = 2;
        JVMTI_REFERENCE_ARRAY_ELEMENT = 3;
        JVMTI_REFERENCE_CLASS_LOADER = 4;
        JVMTI_REFERENCE_SIGNERS = 5;
        JVMTI_REFERENCE_PROTECTION_DOMAIN = 6;
        JVMTI_REFERENCE_INTERFACE = 7;
        JVMTI_REFERENCE_STATIC_FIELD = 8;
        JVMTI_REFERENCE_CONSTANT_POOL = 9;
    }
}

c_enum! {
    /// What a heap callback of JVMTI 1.0 returns.
    pub type jvmtiIterationControl = c_uint;
    names JVMTI_ITERATION_NAMES {
        JVMTI_ITERATION_CONTINUE = 1;
        JVMTI_ITERATION_IGNORE = 2;
        JVMTI_ITERATION_ABORT = 0;
    }
}

/// Called for each object by `IterateThroughHeap`; returns visit control bits.
pub type jvmtiHeapIterationCallback = Option<
    unsafe extern "system" fn(
        class_tag: jlong,
        size: jlong,
        tag_ptr: *mut jlong,
        length: jint,
        user_data: *mut c_void,
    ) -> jint,
>;

/// Called for each reference by `FollowReferences`; returns visit control bits.
pub type jvmtiHeapReferenceCallback = Option<
    unsafe extern "system" fn(
        reference_kind: jvmtiHeapReferenceKind,
        reference_info: *const jvmtiHeapReferenceInfo,
        class_tag: jlong,
        referrer_class_tag: jlong,
        size: jlong,
        tag_ptr: *mut jlong,
        referrer_tag_ptr: *mut jlong,
        length: jint,
        user_data: *mut c_void,
    ) -> jint,
>;

/// Called for each primitive field by the heap functions; returns visit control bits.
pub type jvmtiPrimitiveFieldCallback = Option<
    unsafe extern "system" fn(
        kind: jvmtiHeapReferenceKind,
        info: *const jvmtiHeapReferenceInfo,
        object_class_tag: jlong,
        object_tag_ptr: *mut jlong,
        value: jvalue,
        value_type: jvmtiPrimitiveType,
        user_data: *mut c_void,
    ) -> jint,
>;

/// Called for each primitive array by the heap functions; returns visit control bits.
pub type jvmtiArrayPrimitiveValueCallback = Option<
    unsafe extern "system" fn(
        class_tag: jlong,
        size: jlong,
        tag_ptr: *mut jlong,
        element_count: jint,
        element_type: jvmtiPrimitiveType,
        elements: *const c_void,
        user_data: *mut c_void,
    ) -> jint,
>;

/// Called for each string by the heap functions; `value` is UTF-16, not terminated.
pub type jvmtiStringPrimitiveValueCallback = Option<
    unsafe extern "system" fn(
        class_tag: jlong,
        size: jlong,
        tag_ptr: *mut jlong,
        value: *const jchar,
        value_length: jint,
        user_data: *mut c_void,
    ) -> jint,
>;

/// Unused slot of [`jvmtiHeapCallbacks`].
pub type jvmtiReservedCallback = Option<unsafe extern "system" fn() -> jint>;

/// Called for each object by the heap functions of JVMTI 1.0.
pub type jvmtiHeapObjectCallback = Option<
    unsafe extern "system" fn(
        class_tag: jlong,
        size: jlong,
        tag_ptr: *mut jlong,
        user_data: *mut c_void,
    ) -> jvmtiIterationControl,
>;

/// Called for each root by the heap functions of JVMTI 1.0.
pub type jvmtiHeapRootCallback = Option<
    unsafe extern "system" fn(
        root_kind: jvmtiHeapRootKind,
        class_tag: jlong,
        size: jlong,
        tag_ptr: *mut jlong,
        user_data: *mut c_void,
    ) -> jvmtiIterationControl,
>;

/// Called for each stack reference by the heap functions of JVMTI 1.0.
pub type jvmtiStackReferenceCallback = Option<
    unsafe extern "system" fn(
        root_kind: jvmtiHeapRootKind,
        class_tag: jlong,
        size: jlong,
        tag_ptr: *mut jlong,
        thread_tag: jlong,
        depth: jint,
        method: jmethodID,
        slot: jint,
        user_data: *mut c_void,
    ) -> jvmtiIterationControl,
>;

/// Called for each object reference by the heap functions of JVMTI 1.0.
pub type jvmtiObjectReferenceCallback = Option<
    unsafe extern "system" fn(
        reference_kind: jvmtiObjectReferenceKind,
        class_tag: jlong,
        size: jlong,
        tag_ptr: *mut jlong,
        referrer_tag: jlong,
        referrer_index: jint,
        user_data: *mut c_void,
    ) -> jvmtiIterationControl,
>;

/// Where a field reference comes from: the index over all fields, super-interfaces first.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiHeapReferenceInfoField {
    pub index: jint,
}

/// Where an array element reference comes from.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiHeapReferenceInfoArray {
    pub index: jint,
}

/// Where a constant pool reference comes from.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiHeapReferenceInfoConstantPool {
    pub index: jint,
}

/// Where a stack reference comes from.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiHeapReferenceInfoStackLocal {
    pub thread_tag: jlong,
    pub thread_id: jlong,
    pub depth: jint,
    pub method: jmethodID,
    pub location: jlocation,
    pub slot: jint,
}

/// Where a JNI local reference comes from.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiHeapReferenceInfoJniLocal {
    pub thread_tag: jlong,
    pub thread_id: jlong,
    pub depth: jint,
    pub method: jmethodID,
}

/// Room that fixes the size of the union.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct jvmtiHeapReferenceInfoReserved {
    pub reserved1: jlong,
    pub reserved2: jlong,
    pub reserved3: jlong,
    pub reserved4: jlong,
    pub reserved5: jlong,
    pub reserved6: jlong,
    pub reserved7: jlong,
    pub reserved8: jlong,
}

/// Where a reference comes from; which member counts is told by the reference kind.
#[repr(C)]
#[derive(Clone, Copy)]
pub union jvmtiHeapReferenceInfo {
    pub field: jvmtiHeapReferenceInfoField,
    pub array: jvmtiHeapReferenceInfoArray,
    pub constant_pool: jvmtiHeapReferenceInfoConstantPool,
    pub stack_local: jvmtiHeapReferenceInfoStackLocal,
    pub jni_local: jvmtiHeapReferenceInfoJniLocal,
    pub other: jvmtiHeapReferenceInfoReserved,
}

/// Callbacks of `FollowReferences` and `IterateThroughHeap`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct jvmtiHeapCallbacks {
    pub heap_iteration_callback: jvmtiHeapIterationCallback,
    pub heap_reference_callback: jvmtiHeapReferenceCallback,
    pub primitive_field_callback: jvmtiPrimitiveFieldCallback,
    pub array_primitive_value_callback: jvmtiArrayPrimitiveValueCallback,
    pub string_primitive_value_callback: jvmtiStringPrimitiveValueCallback,
    pub reserved5: jvmtiReservedCallback,
    pub reserved6: jvmtiReservedCallback,
    pub reserved7: jvmtiReservedCallback,
    pub reserved8: jvmtiReservedCallback,
    pub reserved9: jvmtiReservedCallback,
    pub reserved10: jvmtiReservedCallback,
    pub reserved11: jvmtiReservedCallback,
    pub reserved12: jvmtiReservedCallback,
    pub reserved13: jvmtiReservedCallback,
    pub reserved14: jvmtiReservedCallback,
    pub reserved15: jvmtiReservedCallback,
}
