//! Interned stacks of one interval.

use std::collections::HashMap;
use std::rc::Rc;

use super::frames::FrameId;

/// A call trace of the current interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallTraceId(u32);

impl CallTraceId {
    /// Position in the order of first appearance.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The distinct stacks, compared frame by frame: two stacks are never merged by an accident of hashing.
#[derive(Default)]
pub struct CallTraces {
    ids: HashMap<Rc<[FrameId]>, CallTraceId>,
    stacks: Vec<Rc<[FrameId]>>,
}

impl CallTraces {
    /// The id of a stack, leaf first.
    pub fn intern(&mut self, frames: &[FrameId]) -> CallTraceId {
        if let Some(id) = self.ids.get(frames) {
            return *id;
        }
        let id = CallTraceId(self.stacks.len() as u32);
        let stack: Rc<[FrameId]> = frames.into();
        self.stacks.push(Rc::clone(&stack));
        self.ids.insert(stack, id);
        id
    }

    /// Number of distinct stacks.
    pub fn len(&self) -> usize {
        self.stacks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.stacks.is_empty()
    }

    /// All stacks in the order of their ids.
    pub fn stacks(&self) -> impl Iterator<Item = &[FrameId]> {
        self.stacks.iter().map(AsRef::as_ref)
    }
}
