//! Names of registered threads, kept a little longer than the threads: their last samples may still be in the ring.

use std::collections::HashMap;
use std::sync::Arc;

use super::task_list;

/// Characters that the kernel keeps of a thread's name (prctl(2), PR_SET_NAME).
const KERNEL_NAME_LENGTH: usize = 15;

/// How long the name of an ended thread is kept, in calls of [`Names::age`], of which there is one a second.
const KEPT: u32 = 3;

/// What the drain wants to know about the thread of a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadName {
    /// Kernel id.
    pub tid: i32,
    /// Name of the Java thread, if it is one.
    pub java: Option<String>,
    /// The name that the kernel has, cut at 15 characters.
    pub native: String,
}

impl ThreadName {
    /// Names a thread; asks the kernel unless the Java name is known, which HotSpot gives to the kernel too.
    pub fn of(tid: i32, java: Option<String>) -> Arc<Self> {
        let native = match &java {
            Some(java) => java.chars().take(KERNEL_NAME_LENGTH).collect(),
            None => task_list::native_name(tid),
        };
        Arc::new(Self { tid, java, native })
    }
}

enum Kept {
    WhileAlive,
    Looks(u32),
}

/// Names by slot and generation.
#[derive(Default)]
pub struct Names(HashMap<(u32, u16), (Arc<ThreadName>, Kept)>);

impl Names {
    /// Notes the name of a registration.
    pub fn set(&mut self, index: u32, generation: u16, name: Arc<ThreadName>) {
        self.0.insert((index, generation), (name, Kept::WhileAlive));
    }

    /// The name of a registration.
    pub fn get(&self, index: u32, generation: u16) -> Option<Arc<ThreadName>> {
        self.0.get(&(index, generation)).map(|(name, _)| Arc::clone(name))
    }

    /// The registration ends.
    pub fn end(&mut self, index: u32, generation: u16) {
        if let Some((_, kept)) = self.0.get_mut(&(index, generation)) {
            *kept = Kept::Looks(KEPT);
        }
    }

    /// Lets go of names that were kept long enough.
    pub fn age(&mut self) {
        self.0.retain(|_, (_, kept)| match kept {
            Kept::WhileAlive => true,
            Kept::Looks(left) => {
                *left = left.saturating_sub(1);
                *left > 0
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_outlives_its_thread_for_a_few_looks() {
        let mut names = Names::default();
        names.set(1, 2, ThreadName::of(7, Some("a thread with a long name".into())));
        assert_eq!(names.get(1, 2).map(|name| name.native.clone()).as_deref(), Some("a thread with a"));
        (0..10).for_each(|_| names.age());
        assert!(names.get(1, 2).is_some(), "it lives");
        names.end(1, 2);
        (1..KEPT).for_each(|_| names.age());
        assert!(names.get(1, 2).is_some());
        names.age();
        assert!(names.get(1, 2).is_none());
    }
}
