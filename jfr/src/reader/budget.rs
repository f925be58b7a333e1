//! What is left of the limits while a recording is read.

use super::{Limits, ReadError};

/// Most steps of all bindings of one chunk. JDK 25 declares fewer than 3,000 fields in all.
const MAX_STEPS: usize = 1 << 16;

/// One limit and what is left of it.
#[derive(Debug)]
pub(super) struct Allowance {
    what: &'static str,
    max: usize,
    left: usize,
}

impl Allowance {
    pub(super) fn new(what: &'static str, max: usize) -> Self {
        Self { what, max, left: max }
    }

    /// Takes `count` at `offset` of the recording, or says that there is too much.
    pub(super) fn take(&mut self, count: usize, offset: usize) -> Result<(), ReadError> {
        let left = self.left.checked_sub(count);
        self.left = left.ok_or_else(|| ReadError::limit(offset, self.what, self.max))?;
        Ok(())
    }

    /// Steps of the bindings of one chunk.
    pub(super) fn steps() -> Self {
        Self::new("fields of bound types", MAX_STEPS)
    }
}

/// The limits that chunks share.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) metadata_elements: Allowance,
    pub(super) constants: Allowance,
    pub(super) frames: Allowance,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            metadata_elements: Allowance::new("metadata elements", limits.max_metadata_elements),
            constants: Allowance::new("constants", limits.max_constants),
            frames: Allowance::new("stack frames", limits.max_frames),
        }
    }
}
