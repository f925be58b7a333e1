//! Names of Java methods: from the ids that AsyncGetCallTrace gives to strings, without ever asking the JVM about an id
//! whose class may be gone.
//!
//! # Safety
//! A method id is handed to JVMTI only while a strong local reference to its class is held, which was made from the
//! weak reference that was stored together with the id. On JDK 11 and 17, JVMTI crashes on the id of an unloaded class
//! (JDK-8268364).
#![allow(unsafe_code)]

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use jvmti_sys::{ASGCT_NATIVE_FRAME, jclass, jmethodID};
use parking_lot::Mutex;

use crate::fold::class_names;
use crate::fold::frames::{Frame, FrameId, FrameKind, Frames, Symbol};
use crate::vm::{Jni, Jvmti, LocalRef, WeakClass};

/// Method ids that the table holds at most: about 100 MB. Later classes are counted and not named.
const MAX_METHODS: usize = 4_000_000;

/// Classes that one call of [`Methods::sweep`] looks at, if not more have come since the last.
const SWEPT_AT_ONCE: usize = 2_000;

/// Pause between two looks at all classes that unknown methods cause: a look costs up to some tenths of a second in a
/// large application.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// The pause when looking has not helped for long.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// A class that was prepared, with the ids of its methods.
pub struct PreparedClass {
    class: WeakClass,
    methods: Box<[u64]>,
}

impl PreparedClass {
    /// Makes the ids of a class, which AsyncGetCallTrace needs: it never makes them itself. `None` for a class that is
    /// not prepared or has no methods.
    ///
    /// # Safety
    /// `class` is a live local reference of the calling thread.
    pub unsafe fn of(jvmti: &Jvmti, jni: &Jni, class: jclass) -> Option<Self> {
        // SAFETY: the caller's promise.
        let methods = unsafe { jvmti.class_methods(class) }.ok()?;
        if methods.is_empty() {
            return None;
        }
        // SAFETY: the caller's promise.
        let class = unsafe { jni.weak(class) }?;
        Some(Self { class, methods: methods.into_iter().map(|id| id as u64).collect() })
    }
}

/// Where ClassPrepare callbacks put classes for the drain. No handler takes the lock.
pub struct ClassInbox(Mutex<Vec<PreparedClass>>);

impl ClassInbox {
    /// An inbox with nothing in it.
    pub const fn empty() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Adds a class.
    pub fn put(&self, class: PreparedClass) {
        self.0.lock().push(class);
    }

    fn take(&self) -> Vec<PreparedClass> {
        std::mem::take(&mut self.0.lock())
    }
}

struct Class {
    weak: WeakClass,
    /// Interned when the first method is resolved.
    name: Option<Symbol>,
}

struct Method {
    class: Symbol,
    name: Symbol,
    descriptor: Symbol,
    modifiers: i32,
    lines: Box<[(u32, u32)]>,
    by_bci: HashMap<i32, FrameId>,
}

/// What could not be named, cumulative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MethodCounters {
    /// Frames whose class was unloaded before its name was asked for.
    pub unloaded: u64,
    /// Frames whose method the table does not know.
    pub unknown: u64,
    /// Methods that were not put into the table because it is full.
    pub over_limit: u64,
}

/// The table.
#[derive(Default)]
pub struct Methods {
    owners: HashMap<u64, u32>,
    classes: HashMap<u32, Class>,
    next_class: u32,
    swept: u32,
    named: HashMap<u64, Method>,
    /// What could not be named.
    pub counters: MethodCounters,
    wants_all_classes: bool,
    next_look: Option<Instant>,
    look_pause: Duration,
    inserted_since_sweep: usize,
}

impl Methods {
    /// Takes over what the callbacks have put in.
    pub fn take_prepared(&mut self, inbox: &ClassInbox, jni: &Jni) {
        for prepared in inbox.take() {
            self.insert(prepared, jni);
        }
    }

    /// Looks at all classes that are loaded now. Whether a method was new.
    pub fn take_loaded(&mut self, jvmti: &Jvmti, jni: &Jni) -> bool {
        let known = self.owners.len();
        let classes = jvmti.loaded_classes().unwrap_or_default();
        jni.expect_local_references(classes.len() + 16);
        for class in classes {
            // SAFETY: GetLoadedClasses made this local reference for this thread.
            let Some(class) = (unsafe { jni.adopt(class) }) else { continue };
            // SAFETY: `class` is held.
            if let Some(prepared) = unsafe { PreparedClass::of(jvmti, jni, class.object) } {
                self.insert(prepared, jni);
            }
        }
        self.owners.len() > known
    }

    /// Looks at all classes if a frame had an unknown method, and it was worth it the last time: each look that finds
    /// nothing doubles the pause to the next. The code of a redefined class can stay unknown for as long as it runs.
    pub fn look_again(&mut self, jvmti: &Jvmti, jni: &Jni, now: Instant) {
        if !std::mem::take(&mut self.wants_all_classes) || self.next_look.is_some_and(|next| now < next) {
            return;
        }
        let found = self.take_loaded(jvmti, jni);
        self.look_pause =
            if found { SHORTEST_PAUSE } else { (self.look_pause * 2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE) };
        self.next_look = Some(now + self.look_pause);
    }

    fn insert(&mut self, prepared: PreparedClass, jni: &Jni) {
        let known = prepared.methods.first().and_then(|id| self.owners.get(id));
        if known.and_then(|owner| self.classes.get(owner)).is_some_and(|class| jni.upgrade(&class.weak).is_some()) {
            // Seen already, by the callback and by the look at all classes. New methods of a redefined class follow.
            let owner = *known.unwrap_or(&0);
            jni.delete_weak(prepared.class);
            return self.own(&prepared.methods, owner);
        }
        if self.owners.len() + prepared.methods.len() > MAX_METHODS {
            self.counters.over_limit += prepared.methods.len() as u64;
            return jni.delete_weak(prepared.class);
        }
        self.inserted_since_sweep += 1;
        let owner = self.next_class;
        self.next_class += 1;
        self.classes.insert(owner, Class { weak: prepared.class, name: None });
        self.own(&prepared.methods, owner);
    }

    fn own(&mut self, methods: &[u64], owner: u32) {
        for id in methods {
            if self.owners.insert(*id, owner).is_some_and(|before| before != owner) {
                // The id was given to another class meanwhile.
                self.named.remove(id);
            }
        }
    }

    /// The frame of a method at a bytecode index.
    pub fn frame(&mut self, jvmti: &Jvmti, jni: &Jni, id: u64, bci: i32, frames: &mut Frames) -> FrameId {
        if let Some(method) = self.named.get_mut(&id) {
            return frame_at(method, bci, frames);
        }
        let Some((owner, class)) = self.owners.get(&id).and_then(|owner| Some((*owner, self.classes.get(owner)?)))
        else {
            self.counters.unknown += 1;
            self.wants_all_classes = true;
            return frames.pseudo("unknown method");
        };
        let Some(held) = jni.upgrade(&class.weak) else {
            self.counters.unloaded += 1;
            return frames.pseudo("unloaded class");
        };
        let class_name = class.name.or_else(|| class_symbol(jvmti, &held, frames));
        let method = class_name.and_then(|name| resolve(jvmti, &held, id, name, frames));
        drop(held);
        let Some(mut method) = method else {
            self.counters.unknown += 1;
            return frames.pseudo("unknown method");
        };
        if let Some(class) = self.classes.get_mut(&owner) {
            class.name = class_name;
        }
        let frame = frame_at(&mut method, bci, frames);
        self.named.insert(id, method);
        frame
    }

    /// Forgets classes that were unloaded, a few thousand looks at a time, and always more than new ones have come.
    pub fn sweep(&mut self, jni: &Jni) {
        let mut keys: Vec<u32> = self.classes.keys().copied().filter(|key| *key >= self.swept).collect();
        keys.sort_unstable();
        let at_once = SWEPT_AT_ONCE.max(2 * std::mem::take(&mut self.inserted_since_sweep));
        keys.truncate(at_once);
        self.swept = if keys.len() < at_once { 0 } else { keys.last().map_or(0, |last| last + 1) };
        let unloaded = |key: &u32| self.classes.get(key).is_some_and(|class| jni.upgrade(&class.weak).is_none());
        let gone: HashSet<u32> = keys.into_iter().filter(unloaded).collect();
        if gone.is_empty() {
            return;
        }
        for key in &gone {
            if let Some(class) = self.classes.remove(key) {
                jni.delete_weak(class.weak);
            }
        }
        let named = &mut self.named;
        self.owners.retain(|id, owner| {
            let stays = !gone.contains(owner);
            if !stays {
                named.remove(id);
            }
            stays
        });
        self.owners.shrink_to(self.owners.len() * 2);
        self.classes.shrink_to(self.classes.len() * 2);
    }

    /// Forgets resolved names, whose frames are about to be forgotten too.
    pub fn clear_names(&mut self) {
        self.named.clear();
        for class in self.classes.values_mut() {
            class.name = None;
        }
    }

    /// Method ids and classes held now.
    pub fn len(&self) -> (usize, usize) {
        (self.owners.len(), self.classes.len())
    }
}

fn class_symbol(jvmti: &Jvmti, class: &LocalRef<'_>, frames: &mut Frames) -> Option<Symbol> {
    // SAFETY: `class` is held.
    let signature = unsafe { jvmti.class_signature(class.object) }.ok()?;
    Some(frames.symbol(&class_names::from_signature(&signature)))
}

/// Asks the JVM for the names of a method. `_class` proves that its class is held.
fn resolve(jvmti: &Jvmti, _class: &LocalRef<'_>, id: u64, class: Symbol, frames: &mut Frames) -> Option<Method> {
    let method = id as jmethodID;
    // SAFETY: the class of the method is held.
    let name = unsafe { jvmti.method_name(method) }.ok()?;
    // SAFETY: the class of the method is held.
    let modifiers = unsafe { jvmti.method_modifiers(method) }.unwrap_or(0);
    // SAFETY: the class of the method is held.
    let lines = unsafe { jvmti.line_numbers(method) }.into_boxed_slice();
    Some(Method {
        class,
        name: frames.symbol(&name.name),
        descriptor: frames.symbol(&name.descriptor),
        modifiers,
        lines,
        by_bci: HashMap::new(),
    })
}

fn frame_at(method: &mut Method, bci: i32, frames: &mut Frames) -> FrameId {
    if let Some(frame) = method.by_bci.get(&bci) {
        return *frame;
    }
    let kind = if bci == ASGCT_NATIVE_FRAME { FrameKind::JavaNative } else { FrameKind::Java };
    let frame = frames.frame(Frame {
        class: method.class,
        method: method.name,
        descriptor: method.descriptor,
        modifiers: method.modifiers,
        line: line_at(&method.lines, bci),
        kind,
    });
    method.by_bci.insert(bci, frame);
    frame
}

/// The line of the last entry that begins at or before `bci`; 0 when there is none.
fn line_at(lines: &[(u32, u32)], bci: i32) -> u32 {
    let Ok(bci) = u32::try_from(bci) else { return 0 };
    let after = lines.partition_point(|(start, _)| *start <= bci);
    after.checked_sub(1).and_then(|last| lines.get(last)).map_or(0, |(_, line)| *line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bytecode_index_has_the_line_that_began_last() {
        let lines = [(0, 10), (4, 11), (9, 14)];
        assert_eq!(line_at(&lines, 0), 10);
        assert_eq!(line_at(&lines, 8), 11);
        assert_eq!(line_at(&lines, 100), 14);
        assert_eq!(line_at(&lines, -3), 0);
        assert_eq!(line_at(&[], 3), 0);
        assert_eq!(line_at(&[(2, 5)], 1), 0);
    }
}
