//! The smaller enumerations and flag sets of `jvmti.h`.
//!
//! C leaves the integer type of an enumeration to the compiler; GCC and Clang take `unsigned int` for all of these,
//! since none has a negative member.

use core::ffi::c_uint;

use crate::table::c_enum;

c_enum! {
    /// Second argument of `SetEventNotificationMode`.
    pub type jvmtiEventMode = c_uint;
    names JVMTI_EVENT_MODE_NAMES {
        JVMTI_ENABLE = 1;
        JVMTI_DISABLE = 0;
    }
}

c_enum! {
    /// Life of the JVM; in order of time: on-load, primordial, start, live, dead.
    pub type jvmtiPhase = c_uint;
    names JVMTI_PHASE_NAMES {
        JVMTI_PHASE_ONLOAD = 1;
        JVMTI_PHASE_PRIMORDIAL = 2;
        JVMTI_PHASE_START = 6;
        JVMTI_PHASE_LIVE = 4;
        JVMTI_PHASE_DEAD = 8;
    }
}

c_enum! {
    /// Bits of `GetThreadState`.
    pub type jvmtiThreadState = c_uint;
    names JVMTI_THREAD_STATE_NAMES {
        JVMTI_THREAD_STATE_ALIVE = 0x0001;
        JVMTI_THREAD_STATE_TERMINATED = 0x0002;
        JVMTI_THREAD_STATE_RUNNABLE = 0x0004;
        JVMTI_THREAD_STATE_BLOCKED_ON_MONITOR_ENTER = 0x0400;
        JVMTI_THREAD_STATE_WAITING = 0x0080;
        JVMTI_THREAD_STATE_WAITING_INDEFINITELY = 0x0010;
        JVMTI_THREAD_STATE_WAITING_WITH_TIMEOUT = 0x0020;
        JVMTI_THREAD_STATE_SLEEPING = 0x0040;
        JVMTI_THREAD_STATE_IN_OBJECT_WAIT = 0x0100;
        JVMTI_THREAD_STATE_PARKED = 0x0200;
        JVMTI_THREAD_STATE_SUSPENDED = 0x100000;
        JVMTI_THREAD_STATE_INTERRUPTED = 0x200000;
        JVMTI_THREAD_STATE_IN_NATIVE = 0x400000;
        JVMTI_THREAD_STATE_VENDOR_1 = 0x10000000;
        JVMTI_THREAD_STATE_VENDOR_2 = 0x20000000;
        JVMTI_THREAD_STATE_VENDOR_3 = 0x40000000;
    }
}

c_enum! {
    /// Values of `GetThreadState` masked by [`JVMTI_JAVA_LANG_THREAD_STATE_MASK`].
    pub type jvmtiJavaThreadState = c_uint;
    names JVMTI_JAVA_THREAD_STATE_NAMES {
        JVMTI_JAVA_LANG_THREAD_STATE_MASK = JVMTI_THREAD_STATE_TERMINATED
            | JVMTI_THREAD_STATE_ALIVE
            | JVMTI_THREAD_STATE_RUNNABLE
            | JVMTI_THREAD_STATE_BLOCKED_ON_MONITOR_ENTER
            | JVMTI_THREAD_STATE_WAITING
            | JVMTI_THREAD_STATE_WAITING_INDEFINITELY
            | JVMTI_THREAD_STATE_WAITING_WITH_TIMEOUT;
        JVMTI_JAVA_LANG_THREAD_STATE_NEW = 0;
        JVMTI_JAVA_LANG_THREAD_STATE_TERMINATED = JVMTI_THREAD_STATE_TERMINATED;
        JVMTI_JAVA_LANG_THREAD_STATE_RUNNABLE = JVMTI_THREAD_STATE_ALIVE | JVMTI_THREAD_STATE_RUNNABLE;
        JVMTI_JAVA_LANG_THREAD_STATE_BLOCKED = JVMTI_THREAD_STATE_ALIVE | JVMTI_THREAD_STATE_BLOCKED_ON_MONITOR_ENTER;
        JVMTI_JAVA_LANG_THREAD_STATE_WAITING = JVMTI_THREAD_STATE_ALIVE
            | JVMTI_THREAD_STATE_WAITING
            | JVMTI_THREAD_STATE_WAITING_INDEFINITELY;
        JVMTI_JAVA_LANG_THREAD_STATE_TIMED_WAITING = JVMTI_THREAD_STATE_ALIVE
            | JVMTI_THREAD_STATE_WAITING
            | JVMTI_THREAD_STATE_WAITING_WITH_TIMEOUT;
    }
}

c_enum! {
    /// Priorities for `RunAgentThread`.
    pub type jvmtiThreadPriority = c_uint;
    names JVMTI_THREAD_PRIORITY_NAMES {
        JVMTI_THREAD_MIN_PRIORITY = 1;
        JVMTI_THREAD_NORM_PRIORITY = 5;
        JVMTI_THREAD_MAX_PRIORITY = 10;
    }
}

c_enum! {
    /// Bits of `GetClassStatus`.
    pub type jvmtiClassStatus = c_uint;
    names JVMTI_CLASS_STATUS_NAMES {
        JVMTI_CLASS_STATUS_VERIFIED = 1;
        JVMTI_CLASS_STATUS_PREPARED = 2;
        JVMTI_CLASS_STATUS_INITIALIZED = 4;
        JVMTI_CLASS_STATUS_ERROR = 8;
        JVMTI_CLASS_STATUS_ARRAY = 16;
        JVMTI_CLASS_STATUS_PRIMITIVE = 32;
    }
}

c_enum! {
    /// Field `kind` of `jvmtiTimerInfo`.
    pub type jvmtiTimerKind = c_uint;
    names JVMTI_TIMER_KIND_NAMES {
        JVMTI_TIMER_USER_CPU = 30;
        JVMTI_TIMER_TOTAL_CPU = 31;
        JVMTI_TIMER_ELAPSED = 32;
    }
}

c_enum! {
    /// First argument of `SetVerboseFlag`.
    pub type jvmtiVerboseFlag = c_uint;
    names JVMTI_VERBOSE_FLAG_NAMES {
        JVMTI_VERBOSE_OTHER = 0;
        JVMTI_VERBOSE_GC = 1;
        JVMTI_VERBOSE_CLASS = 2;
        JVMTI_VERBOSE_JNI = 4;
    }
}

c_enum! {
    /// What a `jlocation` means in this JVM; HotSpot answers [`JVMTI_JLOCATION_JVMBCI`].
    pub type jvmtiJlocationFormat = c_uint;
    names JVMTI_JLOCATION_FORMAT_NAMES {
        JVMTI_JLOCATION_JVMBCI = 1;
        JVMTI_JLOCATION_MACHINEPC = 2;
        JVMTI_JLOCATION_OTHER = 0;
    }
}

c_enum! {
    /// Argument `flags` of the ResourceExhausted event.
    pub type jvmtiResourceExhaustedFlags = c_uint;
    names JVMTI_RESOURCE_EXHAUSTED_NAMES {
        JVMTI_RESOURCE_EXHAUSTED_OOM_ERROR = 0x0001;
        JVMTI_RESOURCE_EXHAUSTED_JAVA_HEAP = 0x0002;
        JVMTI_RESOURCE_EXHAUSTED_THREADS = 0x0004;
    }
}

c_enum! {
    /// Type of a primitive value: its descriptor letter as a number.
    pub type jvmtiPrimitiveType = c_uint;
    names JVMTI_PRIMITIVE_TYPE_NAMES {
        JVMTI_PRIMITIVE_TYPE_BOOLEAN = 90;
        JVMTI_PRIMITIVE_TYPE_BYTE = 66;
        JVMTI_PRIMITIVE_TYPE_CHAR = 67;
        JVMTI_PRIMITIVE_TYPE_SHORT = 83;
        JVMTI_PRIMITIVE_TYPE_INT = 73;
        JVMTI_PRIMITIVE_TYPE_LONG = 74;
        JVMTI_PRIMITIVE_TYPE_FLOAT = 70;
        JVMTI_PRIMITIVE_TYPE_DOUBLE = 68;
    }
}

c_enum! {
    /// Type of a parameter of an extension.
    pub type jvmtiParamTypes = c_uint;
    names JVMTI_TYPE_NAMES {
        JVMTI_TYPE_JBYTE = 101;
        JVMTI_TYPE_JCHAR = 102;
        JVMTI_TYPE_JSHORT = 103;
        JVMTI_TYPE_JINT = 104;
        JVMTI_TYPE_JLONG = 105;
        JVMTI_TYPE_JFLOAT = 106;
        JVMTI_TYPE_JDOUBLE = 107;
        JVMTI_TYPE_JBOOLEAN = 108;
        JVMTI_TYPE_JOBJECT = 109;
        JVMTI_TYPE_JTHREAD = 110;
        JVMTI_TYPE_JCLASS = 111;
        JVMTI_TYPE_JVALUE = 112;
        JVMTI_TYPE_JFIELDID = 113;
        JVMTI_TYPE_JMETHODID = 114;
        JVMTI_TYPE_CCHAR = 115;
        JVMTI_TYPE_CVOID = 116;
        JVMTI_TYPE_JNIENV = 117;
    }
}

c_enum! {
    /// Direction of a parameter of an extension.
    pub type jvmtiParamKind = c_uint;
    names JVMTI_KIND_NAMES {
        JVMTI_KIND_IN = 91;
        JVMTI_KIND_IN_PTR = 92;
        JVMTI_KIND_IN_BUF = 93;
        JVMTI_KIND_ALLOC_BUF = 94;
        JVMTI_KIND_ALLOC_ALLOC_BUF = 95;
        JVMTI_KIND_OUT = 96;
        JVMTI_KIND_OUT_BUF = 97;
    }
}

c_enum! {
    /// Interface bits of a version number.
    pub type jvmtiVersionInterface = c_uint;
    names JVMTI_VERSION_INTERFACE_NAMES {
        JVMTI_VERSION_INTERFACE_JNI = 0x00000000;
        JVMTI_VERSION_INTERFACE_JVMTI = 0x30000000;
    }
}

c_enum! {
    /// Masks that take a version number apart.
    pub type jvmtiVersionMask = c_uint;
    names JVMTI_VERSION_MASK_NAMES {
        JVMTI_VERSION_MASK_INTERFACE_TYPE = 0x70000000;
        JVMTI_VERSION_MASK_MAJOR = 0x0FFF0000;
        JVMTI_VERSION_MASK_MINOR = 0x0000FF00;
        JVMTI_VERSION_MASK_MICRO = 0x000000FF;
    }
}

c_enum! {
    /// Shifts that go with the masks.
    pub type jvmtiVersionShift = c_uint;
    names JVMTI_VERSION_SHIFT_NAMES {
        JVMTI_VERSION_SHIFT_MAJOR = 16;
        JVMTI_VERSION_SHIFT_MINOR = 8;
        JVMTI_VERSION_SHIFT_MICRO = 0;
    }
}
