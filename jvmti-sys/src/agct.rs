//! AsyncGetCallTrace: HotSpot's unpublished stack walk that may be called from a signal handler.
//!
//! No header declares it. The layouts and codes are those of `forte.cpp` in HotSpot, unchanged since JDK 5; the
//! function is found by `dlsym` in `libjvm.so`.

use core::ffi::c_void;

use crate::jni::{JNIEnv, jint, jmethodID};

/// One Java frame.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ASGCT_CallFrame {
    /// Bytecode index, or [`ASGCT_NATIVE_FRAME`] in a native method. HotSpot calls it a line, which it never is.
    pub lineno: jint,
    /// The method; null if HotSpot could not name it.
    pub method_id: jmethodID,
}

/// A request and its answer.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ASGCT_CallTrace {
    /// JNI environment of the thread that is walked, which is the calling thread.
    pub env_id: *mut JNIEnv,
    /// Number of frames, or a code of [`AGCT_FAILURES`] if not positive.
    pub num_frames: jint,
    /// Where the frames go, the leaf first; room for as many as `depth` says.
    pub frames: *mut ASGCT_CallFrame,
}

/// `void AsyncGetCallTrace(ASGCT_CallTrace *trace, jint depth, void *ucontext)`.
pub type AsyncGetCallTrace = unsafe extern "C" fn(trace: *mut ASGCT_CallTrace, depth: jint, ucontext: *mut c_void);

/// `lineno` of a frame in a native method.
pub const ASGCT_NATIVE_FRAME: jint = -3;

/// One way for AsyncGetCallTrace to give no frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgctFailure {
    /// What `num_frames` holds.
    pub code: jint,
    /// Name in HotSpot, without its `ticks_` prefix.
    pub name: &'static str,
    /// What it means, for a reader who has not read HotSpot.
    pub meaning: &'static str,
}

/// Every code HotSpot gives, at the index of its negation: `AGCT_FAILURES[i].code == -i`.
pub const AGCT_FAILURES: [AgctFailure; 11] = [
    failure(0, "no_Java_frame", "the thread has no Java frame on its stack"),
    failure(-1, "no_class_load", "the JVM does not post ClassLoad events yet"),
    failure(-2, "GC_active", "a garbage collection was moving objects"),
    failure(-3, "unknown_not_Java", "outside Java code and the last Java frame is not known"),
    failure(-4, "not_walkable_not_Java", "outside Java code and the Java frames below could not be walked"),
    failure(-5, "unknown_Java", "in Java code at a place where no frame can be recognised"),
    failure(-6, "not_walkable_Java", "in Java code and the frame was not complete"),
    failure(-7, "unknown_state", "the thread was between two states"),
    failure(-8, "thread_exit", "the thread was ending"),
    failure(-9, "deopt", "the thread was leaving compiled code for the interpreter"),
    failure(-10, "safepoint", "the thread was held at a safepoint"),
];

/// The failure that `num_frames` tells of, or `None` if it is a number of frames or a code HotSpot does not document.
#[must_use]
pub fn agct_failure(num_frames: jint) -> Option<&'static AgctFailure> {
    let index = usize::try_from(num_frames.checked_neg()?).ok()?;
    AGCT_FAILURES.get(index)
}

const fn failure(code: jint, name: &'static str, meaning: &'static str) -> AgctFailure {
    AgctFailure { code, name, meaning }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_finds_its_own_row() {
        for (index, row) in AGCT_FAILURES.iter().enumerate() {
            assert_eq!(usize::try_from(-row.code), Ok(index));
            assert_eq!(agct_failure(row.code), Some(row));
            assert!(!row.meaning.is_empty());
        }
    }

    #[test]
    fn frames_and_unknown_codes_are_no_failure_of_the_table() {
        for num_frames in [1, 2048, jint::MAX, -11, -2048, jint::MIN] {
            assert_eq!(agct_failure(num_frames), None, "{num_frames}");
        }
    }
}
