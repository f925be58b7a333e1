//! `jvmtiInterface_1_`: the table of JVMTI functions that a `jvmtiEnv` points to, through JDK 25.
//!
//! Rows are generated from `jvmti.h`; slot numbers are those of the JVMTI specification, which counts from 1.

use core::ffi::{c_char, c_uchar, c_void};

use super::*;
use crate::table::function_table;

function_table! {
    /// The JVMTI functions. Every one takes the environment first and returns a [`jvmtiError`].
    ///
    /// HotSpot keeps reserved slots null and never shortens the table below slot 156 since JDK 11, but a slot that a
    /// later version filled is null in an older JVM: hence the `Option`.
    pub struct jvmtiInterface_1_ (env: *mut jvmtiEnv) from 1 {
        1 "-" reserved reserved1();
        2 "1.0" varargs SetEventNotificationMode(
            mode: jvmtiEventMode, event_type: jvmtiEvent, event_thread: jthread, ...,
        ) -> jvmtiError;
        3 "9" call GetAllModules(module_count_ptr: *mut jint, modules_ptr: *mut *mut jobject) -> jvmtiError;
        4 "1.0" call GetAllThreads(threads_count_ptr: *mut jint, threads_ptr: *mut *mut jthread) -> jvmtiError;
        5 "1.0" call SuspendThread(thread: jthread) -> jvmtiError;
        6 "1.0" call ResumeThread(thread: jthread) -> jvmtiError;
        7 "1.0" call StopThread(thread: jthread, exception: jobject) -> jvmtiError;
        8 "1.0" call InterruptThread(thread: jthread) -> jvmtiError;
        9 "1.0" call GetThreadInfo(thread: jthread, info_ptr: *mut jvmtiThreadInfo) -> jvmtiError;
        10 "1.0" call GetOwnedMonitorInfo(
            thread: jthread, owned_monitor_count_ptr: *mut jint, owned_monitors_ptr: *mut *mut jobject,
        ) -> jvmtiError;
        11 "1.0" call GetCurrentContendedMonitor(thread: jthread, monitor_ptr: *mut jobject) -> jvmtiError;
        12 "1.0" call RunAgentThread(
            thread: jthread, proc: jvmtiStartFunction, arg: *const c_void, priority: jint,
        ) -> jvmtiError;
        13 "1.0" call GetTopThreadGroups(group_count_ptr: *mut jint, groups_ptr: *mut *mut jthreadGroup) -> jvmtiError;
        14 "1.0" call GetThreadGroupInfo(group: jthreadGroup, info_ptr: *mut jvmtiThreadGroupInfo) -> jvmtiError;
        15 "1.0" call GetThreadGroupChildren(
            group: jthreadGroup, thread_count_ptr: *mut jint, threads_ptr: *mut *mut jthread,
            group_count_ptr: *mut jint, groups_ptr: *mut *mut jthreadGroup,
        ) -> jvmtiError;
        16 "1.0" call GetFrameCount(thread: jthread, count_ptr: *mut jint) -> jvmtiError;
        17 "1.0" call GetThreadState(thread: jthread, thread_state_ptr: *mut jint) -> jvmtiError;
        18 "1.0" call GetCurrentThread(thread_ptr: *mut jthread) -> jvmtiError;
        19 "1.0" call GetFrameLocation(
            thread: jthread, depth: jint, method_ptr: *mut jmethodID, location_ptr: *mut jlocation,
        ) -> jvmtiError;
        20 "1.0" call NotifyFramePop(thread: jthread, depth: jint) -> jvmtiError;
        21 "1.0" call GetLocalObject(thread: jthread, depth: jint, slot: jint, value_ptr: *mut jobject) -> jvmtiError;
        22 "1.0" call GetLocalInt(thread: jthread, depth: jint, slot: jint, value_ptr: *mut jint) -> jvmtiError;
        23 "1.0" call GetLocalLong(thread: jthread, depth: jint, slot: jint, value_ptr: *mut jlong) -> jvmtiError;
        24 "1.0" call GetLocalFloat(thread: jthread, depth: jint, slot: jint, value_ptr: *mut jfloat) -> jvmtiError;
        25 "1.0" call GetLocalDouble(thread: jthread, depth: jint, slot: jint, value_ptr: *mut jdouble) -> jvmtiError;
        26 "1.0" call SetLocalObject(thread: jthread, depth: jint, slot: jint, value: jobject) -> jvmtiError;
        27 "1.0" call SetLocalInt(thread: jthread, depth: jint, slot: jint, value: jint) -> jvmtiError;
        28 "1.0" call SetLocalLong(thread: jthread, depth: jint, slot: jint, value: jlong) -> jvmtiError;
        29 "1.0" call SetLocalFloat(thread: jthread, depth: jint, slot: jint, value: jfloat) -> jvmtiError;
        30 "1.0" call SetLocalDouble(thread: jthread, depth: jint, slot: jint, value: jdouble) -> jvmtiError;
        31 "1.0" call CreateRawMonitor(name: *const c_char, monitor_ptr: *mut jrawMonitorID) -> jvmtiError;
        32 "1.0" call DestroyRawMonitor(monitor: jrawMonitorID) -> jvmtiError;
        33 "1.0" call RawMonitorEnter(monitor: jrawMonitorID) -> jvmtiError;
        34 "1.0" call RawMonitorExit(monitor: jrawMonitorID) -> jvmtiError;
        35 "1.0" call RawMonitorWait(monitor: jrawMonitorID, millis: jlong) -> jvmtiError;
        36 "1.0" call RawMonitorNotify(monitor: jrawMonitorID) -> jvmtiError;
        37 "1.0" call RawMonitorNotifyAll(monitor: jrawMonitorID) -> jvmtiError;
        38 "1.0" call SetBreakpoint(method: jmethodID, location: jlocation) -> jvmtiError;
        39 "1.0" call ClearBreakpoint(method: jmethodID, location: jlocation) -> jvmtiError;
        40 "9" call GetNamedModule(
            class_loader: jobject, package_name: *const c_char, module_ptr: *mut jobject,
        ) -> jvmtiError;
        41 "1.0" call SetFieldAccessWatch(klass: jclass, field: jfieldID) -> jvmtiError;
        42 "1.0" call ClearFieldAccessWatch(klass: jclass, field: jfieldID) -> jvmtiError;
        43 "1.0" call SetFieldModificationWatch(klass: jclass, field: jfieldID) -> jvmtiError;
        44 "1.0" call ClearFieldModificationWatch(klass: jclass, field: jfieldID) -> jvmtiError;
        45 "1.1" call IsModifiableClass(klass: jclass, is_modifiable_class_ptr: *mut jboolean) -> jvmtiError;
        46 "1.0" call Allocate(size: jlong, mem_ptr: *mut *mut c_uchar) -> jvmtiError;
        47 "1.0" call Deallocate(mem: *mut c_uchar) -> jvmtiError;
        48 "1.0" call GetClassSignature(
            klass: jclass, signature_ptr: *mut *mut c_char, generic_ptr: *mut *mut c_char,
        ) -> jvmtiError;
        49 "1.0" call GetClassStatus(klass: jclass, status_ptr: *mut jint) -> jvmtiError;
        50 "1.0" call GetSourceFileName(klass: jclass, source_name_ptr: *mut *mut c_char) -> jvmtiError;
        51 "1.0" call GetClassModifiers(klass: jclass, modifiers_ptr: *mut jint) -> jvmtiError;
        52 "1.0" call GetClassMethods(
            klass: jclass, method_count_ptr: *mut jint, methods_ptr: *mut *mut jmethodID,
        ) -> jvmtiError;
        53 "1.0" call GetClassFields(
            klass: jclass, field_count_ptr: *mut jint, fields_ptr: *mut *mut jfieldID,
        ) -> jvmtiError;
        54 "1.0" call GetImplementedInterfaces(
            klass: jclass, interface_count_ptr: *mut jint, interfaces_ptr: *mut *mut jclass,
        ) -> jvmtiError;
        55 "1.0" call IsInterface(klass: jclass, is_interface_ptr: *mut jboolean) -> jvmtiError;
        56 "1.0" call IsArrayClass(klass: jclass, is_array_class_ptr: *mut jboolean) -> jvmtiError;
        57 "1.0" call GetClassLoader(klass: jclass, classloader_ptr: *mut jobject) -> jvmtiError;
        58 "1.0" call GetObjectHashCode(object: jobject, hash_code_ptr: *mut jint) -> jvmtiError;
        59 "1.0" call GetObjectMonitorUsage(object: jobject, info_ptr: *mut jvmtiMonitorUsage) -> jvmtiError;
        60 "1.0" call GetFieldName(
            klass: jclass, field: jfieldID, name_ptr: *mut *mut c_char, signature_ptr: *mut *mut c_char,
            generic_ptr: *mut *mut c_char,
        ) -> jvmtiError;
        61 "1.0" call GetFieldDeclaringClass(
            klass: jclass, field: jfieldID, declaring_class_ptr: *mut jclass,
        ) -> jvmtiError;
        62 "1.0" call GetFieldModifiers(klass: jclass, field: jfieldID, modifiers_ptr: *mut jint) -> jvmtiError;
        63 "1.0" call IsFieldSynthetic(klass: jclass, field: jfieldID, is_synthetic_ptr: *mut jboolean) -> jvmtiError;
        64 "1.0" call GetMethodName(
            method: jmethodID, name_ptr: *mut *mut c_char, signature_ptr: *mut *mut c_char,
            generic_ptr: *mut *mut c_char,
        ) -> jvmtiError;
        65 "1.0" call GetMethodDeclaringClass(method: jmethodID, declaring_class_ptr: *mut jclass) -> jvmtiError;
        66 "1.0" call GetMethodModifiers(method: jmethodID, modifiers_ptr: *mut jint) -> jvmtiError;
        67 "25" call ClearAllFramePops(thread: jthread) -> jvmtiError;
        68 "1.0" call GetMaxLocals(method: jmethodID, max_ptr: *mut jint) -> jvmtiError;
        69 "1.0" call GetArgumentsSize(method: jmethodID, size_ptr: *mut jint) -> jvmtiError;
        70 "1.0" call GetLineNumberTable(
            method: jmethodID, entry_count_ptr: *mut jint, table_ptr: *mut *mut jvmtiLineNumberEntry,
        ) -> jvmtiError;
        71 "1.0" call GetMethodLocation(
            method: jmethodID, start_location_ptr: *mut jlocation, end_location_ptr: *mut jlocation,
        ) -> jvmtiError;
        72 "1.0" call GetLocalVariableTable(
            method: jmethodID, entry_count_ptr: *mut jint, table_ptr: *mut *mut jvmtiLocalVariableEntry,
        ) -> jvmtiError;
        73 "1.1" call SetNativeMethodPrefix(prefix: *const c_char) -> jvmtiError;
        74 "1.1" call SetNativeMethodPrefixes(prefix_count: jint, prefixes: *mut *mut c_char) -> jvmtiError;
        75 "1.0" call GetBytecodes(
            method: jmethodID, bytecode_count_ptr: *mut jint, bytecodes_ptr: *mut *mut c_uchar,
        ) -> jvmtiError;
        76 "1.0" call IsMethodNative(method: jmethodID, is_native_ptr: *mut jboolean) -> jvmtiError;
        77 "1.0" call IsMethodSynthetic(method: jmethodID, is_synthetic_ptr: *mut jboolean) -> jvmtiError;
        78 "1.0" call GetLoadedClasses(class_count_ptr: *mut jint, classes_ptr: *mut *mut jclass) -> jvmtiError;
        79 "1.0" call GetClassLoaderClasses(
            initiating_loader: jobject, class_count_ptr: *mut jint, classes_ptr: *mut *mut jclass,
        ) -> jvmtiError;
        80 "1.0" call PopFrame(thread: jthread) -> jvmtiError;
        81 "1.1" call ForceEarlyReturnObject(thread: jthread, value: jobject) -> jvmtiError;
        82 "1.1" call ForceEarlyReturnInt(thread: jthread, value: jint) -> jvmtiError;
        83 "1.1" call ForceEarlyReturnLong(thread: jthread, value: jlong) -> jvmtiError;
        84 "1.1" call ForceEarlyReturnFloat(thread: jthread, value: jfloat) -> jvmtiError;
        85 "1.1" call ForceEarlyReturnDouble(thread: jthread, value: jdouble) -> jvmtiError;
        86 "1.1" call ForceEarlyReturnVoid(thread: jthread) -> jvmtiError;
        87 "1.0" call RedefineClasses(class_count: jint, class_definitions: *const jvmtiClassDefinition) -> jvmtiError;
        88 "1.0" call GetVersionNumber(version_ptr: *mut jint) -> jvmtiError;
        89 "1.0" call GetCapabilities(capabilities_ptr: *mut jvmtiCapabilities) -> jvmtiError;
        90 "1.0" call GetSourceDebugExtension(
            klass: jclass, source_debug_extension_ptr: *mut *mut c_char,
        ) -> jvmtiError;
        91 "1.0" call IsMethodObsolete(method: jmethodID, is_obsolete_ptr: *mut jboolean) -> jvmtiError;
        92 "1.0" call SuspendThreadList(
            request_count: jint, request_list: *const jthread, results: *mut jvmtiError,
        ) -> jvmtiError;
        93 "1.0" call ResumeThreadList(
            request_count: jint, request_list: *const jthread, results: *mut jvmtiError,
        ) -> jvmtiError;
        94 "9" call AddModuleReads(module: jobject, to_module: jobject) -> jvmtiError;
        95 "9" call AddModuleExports(module: jobject, pkg_name: *const c_char, to_module: jobject) -> jvmtiError;
        96 "9" call AddModuleOpens(module: jobject, pkg_name: *const c_char, to_module: jobject) -> jvmtiError;
        97 "9" call AddModuleUses(module: jobject, service: jclass) -> jvmtiError;
        98 "9" call AddModuleProvides(module: jobject, service: jclass, impl_class: jclass) -> jvmtiError;
        99 "9" call IsModifiableModule(module: jobject, is_modifiable_module_ptr: *mut jboolean) -> jvmtiError;
        100 "1.0" call GetAllStackTraces(
            max_frame_count: jint, stack_info_ptr: *mut *mut jvmtiStackInfo, thread_count_ptr: *mut jint,
        ) -> jvmtiError;
        101 "1.0" call GetThreadListStackTraces(
            thread_count: jint, thread_list: *const jthread, max_frame_count: jint,
            stack_info_ptr: *mut *mut jvmtiStackInfo,
        ) -> jvmtiError;
        102 "1.0" call GetThreadLocalStorage(thread: jthread, data_ptr: *mut *mut c_void) -> jvmtiError;
        103 "1.0" call SetThreadLocalStorage(thread: jthread, data: *const c_void) -> jvmtiError;
        104 "1.0" call GetStackTrace(
            thread: jthread, start_depth: jint, max_frame_count: jint, frame_buffer: *mut jvmtiFrameInfo,
            count_ptr: *mut jint,
        ) -> jvmtiError;
        105 "-" reserved reserved105();
        106 "1.0" call GetTag(object: jobject, tag_ptr: *mut jlong) -> jvmtiError;
        107 "1.0" call SetTag(object: jobject, tag: jlong) -> jvmtiError;
        108 "1.0" call ForceGarbageCollection() -> jvmtiError;
        109 "1.0" call IterateOverObjectsReachableFromObject(
            object: jobject, object_reference_callback: jvmtiObjectReferenceCallback, user_data: *const c_void,
        ) -> jvmtiError;
        110 "1.0" call IterateOverReachableObjects(
            heap_root_callback: jvmtiHeapRootCallback, stack_ref_callback: jvmtiStackReferenceCallback,
            object_ref_callback: jvmtiObjectReferenceCallback, user_data: *const c_void,
        ) -> jvmtiError;
        111 "1.0" call IterateOverHeap(
            object_filter: jvmtiHeapObjectFilter, heap_object_callback: jvmtiHeapObjectCallback,
            user_data: *const c_void,
        ) -> jvmtiError;
        112 "1.0" call IterateOverInstancesOfClass(
            klass: jclass, object_filter: jvmtiHeapObjectFilter, heap_object_callback: jvmtiHeapObjectCallback,
            user_data: *const c_void,
        ) -> jvmtiError;
        113 "-" reserved reserved113();
        114 "1.0" call GetObjectsWithTags(
            tag_count: jint, tags: *const jlong, count_ptr: *mut jint, object_result_ptr: *mut *mut jobject,
            tag_result_ptr: *mut *mut jlong,
        ) -> jvmtiError;
        115 "1.1" call FollowReferences(
            heap_filter: jint, klass: jclass, initial_object: jobject, callbacks: *const jvmtiHeapCallbacks,
            user_data: *const c_void,
        ) -> jvmtiError;
        116 "1.1" call IterateThroughHeap(
            heap_filter: jint, klass: jclass, callbacks: *const jvmtiHeapCallbacks, user_data: *const c_void,
        ) -> jvmtiError;
        117 "-" reserved reserved117();
        118 "21" call SuspendAllVirtualThreads(except_count: jint, except_list: *const jthread) -> jvmtiError;
        119 "21" call ResumeAllVirtualThreads(except_count: jint, except_list: *const jthread) -> jvmtiError;
        120 "1.0" call SetJNIFunctionTable(function_table: *const jniNativeInterface) -> jvmtiError;
        121 "1.0" call GetJNIFunctionTable(function_table: *mut *mut jniNativeInterface) -> jvmtiError;
        122 "1.0" call SetEventCallbacks(callbacks: *const jvmtiEventCallbacks, size_of_callbacks: jint) -> jvmtiError;
        123 "1.0" call GenerateEvents(event_type: jvmtiEvent) -> jvmtiError;
        124 "1.0" call GetExtensionFunctions(
            extension_count_ptr: *mut jint, extensions: *mut *mut jvmtiExtensionFunctionInfo,
        ) -> jvmtiError;
        125 "1.0" call GetExtensionEvents(
            extension_count_ptr: *mut jint, extensions: *mut *mut jvmtiExtensionEventInfo,
        ) -> jvmtiError;
        126 "1.0" call SetExtensionEventCallback(
            extension_event_index: jint, callback: jvmtiExtensionEvent,
        ) -> jvmtiError;
        127 "1.0" call DisposeEnvironment() -> jvmtiError;
        128 "1.0" call GetErrorName(error: jvmtiError, name_ptr: *mut *mut c_char) -> jvmtiError;
        129 "1.0" call GetJLocationFormat(format_ptr: *mut jvmtiJlocationFormat) -> jvmtiError;
        130 "1.0" call GetSystemProperties(count_ptr: *mut jint, property_ptr: *mut *mut *mut c_char) -> jvmtiError;
        131 "1.0" call GetSystemProperty(property: *const c_char, value_ptr: *mut *mut c_char) -> jvmtiError;
        132 "1.0" call SetSystemProperty(property: *const c_char, value_ptr: *const c_char) -> jvmtiError;
        133 "1.0" call GetPhase(phase_ptr: *mut jvmtiPhase) -> jvmtiError;
        134 "1.0" call GetCurrentThreadCpuTimerInfo(info_ptr: *mut jvmtiTimerInfo) -> jvmtiError;
        135 "1.0" call GetCurrentThreadCpuTime(nanos_ptr: *mut jlong) -> jvmtiError;
        136 "1.0" call GetThreadCpuTimerInfo(info_ptr: *mut jvmtiTimerInfo) -> jvmtiError;
        137 "1.0" call GetThreadCpuTime(thread: jthread, nanos_ptr: *mut jlong) -> jvmtiError;
        138 "1.0" call GetTimerInfo(info_ptr: *mut jvmtiTimerInfo) -> jvmtiError;
        139 "1.0" call GetTime(nanos_ptr: *mut jlong) -> jvmtiError;
        140 "1.0" call GetPotentialCapabilities(capabilities_ptr: *mut jvmtiCapabilities) -> jvmtiError;
        141 "-" reserved reserved141();
        142 "1.0" call AddCapabilities(capabilities_ptr: *const jvmtiCapabilities) -> jvmtiError;
        143 "1.0" call RelinquishCapabilities(capabilities_ptr: *const jvmtiCapabilities) -> jvmtiError;
        144 "1.0" call GetAvailableProcessors(processor_count_ptr: *mut jint) -> jvmtiError;
        145 "1.1" call GetClassVersionNumbers(
            klass: jclass, minor_version_ptr: *mut jint, major_version_ptr: *mut jint,
        ) -> jvmtiError;
        146 "1.1" call GetConstantPool(
            klass: jclass, constant_pool_count_ptr: *mut jint, constant_pool_byte_count_ptr: *mut jint,
            constant_pool_bytes_ptr: *mut *mut c_uchar,
        ) -> jvmtiError;
        147 "1.0" call GetEnvironmentLocalStorage(data_ptr: *mut *mut c_void) -> jvmtiError;
        148 "1.0" call SetEnvironmentLocalStorage(data: *const c_void) -> jvmtiError;
        149 "1.0" call AddToBootstrapClassLoaderSearch(segment: *const c_char) -> jvmtiError;
        150 "1.0" call SetVerboseFlag(flag: jvmtiVerboseFlag, value: jboolean) -> jvmtiError;
        151 "1.1" call AddToSystemClassLoaderSearch(segment: *const c_char) -> jvmtiError;
        152 "1.1" call RetransformClasses(class_count: jint, classes: *const jclass) -> jvmtiError;
        153 "1.1" call GetOwnedMonitorStackDepthInfo(
            thread: jthread, monitor_info_count_ptr: *mut jint,
            monitor_info_ptr: *mut *mut jvmtiMonitorStackDepthInfo,
        ) -> jvmtiError;
        154 "1.0" call GetObjectSize(object: jobject, size_ptr: *mut jlong) -> jvmtiError;
        155 "1.2" call GetLocalInstance(thread: jthread, depth: jint, value_ptr: *mut jobject) -> jvmtiError;
        156 "11" call SetHeapSamplingInterval(sampling_interval: jint) -> jvmtiError;
    }
}
