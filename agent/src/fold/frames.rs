//! Interned frames: what a frame is called, resolved once and kept as strings, never as ids of the JVM.

use std::collections::HashMap;
use std::sync::Arc;

/// More frames than this, and everything is resolved afresh in the next interval: bounds what generated code can make
/// us keep. About 30 MB of names.
pub const MAX_FRAMES: usize = 300_000;

/// A frame of the process's life, until [`Frames::clear`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId(u32);

impl FrameId {
    /// A frame that no table made, for tests of what only compares ids.
    #[cfg(test)]
    pub const fn test(id: u32) -> Self {
        Self(id)
    }
}

/// A string that occurs in frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Symbol(u32);

/// What kind of code a frame is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameKind {
    /// Java code, interpreted or compiled: AsyncGetCallTrace does not tell which.
    Java,
    /// The Java declaration of a native method.
    JavaNative,
    /// Native code.
    Native,
    /// Native code that has not been given its name yet, see [`Frames::native`].
    Unnamed,
    /// Not code: says something about the sample.
    Pseudo,
}

/// A frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// Class, library, or `[thread]`, `[pyrite]`.
    pub class: Symbol,
    /// Method, function, or what a pseudo-frame says.
    pub method: Symbol,
    /// Java descriptor, or `()L;`.
    pub descriptor: Symbol,
    /// Java access flags.
    pub modifiers: i32,
    /// Line in the source; 0 when not known.
    pub line: u32,
    /// Kind of code.
    pub kind: FrameKind,
}

/// The table of frames.
#[derive(Default)]
pub struct Frames {
    symbols: HashMap<Arc<str>, Symbol>,
    strings: Vec<Arc<str>>,
    ids: HashMap<Frame, FrameId>,
    frames: Vec<Frame>,
    native: HashMap<NativePc, FrameId>,
    unnamed: Vec<(NativePc, FrameId)>,
}

/// A place in native code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NativePc {
    /// The address.
    pub pc: u64,
    /// Whether it is the return address of a call, and so belongs to the instruction before it.
    pub is_return_address: bool,
}

impl Frames {
    /// Interns a string.
    pub fn symbol(&mut self, text: &str) -> Symbol {
        if let Some(symbol) = self.symbols.get(text) {
            return *symbol;
        }
        let symbol = Symbol(self.strings.len() as u32);
        let string: Arc<str> = text.into();
        self.strings.push(Arc::clone(&string));
        self.symbols.insert(string, symbol);
        symbol
    }

    /// Interns a frame.
    pub fn frame(&mut self, frame: Frame) -> FrameId {
        let next = FrameId(self.frames.len() as u32);
        let id = *self.ids.entry(frame).or_insert(next);
        if id == next {
            self.frames.push(frame);
        }
        id
    }

    /// A frame that is not Java code, by its names.
    pub fn named(&mut self, class: &str, method: &str, kind: FrameKind) -> FrameId {
        let frame = Frame {
            class: self.symbol(class),
            method: self.symbol(method),
            descriptor: self.symbol("()L;"),
            modifiers: 0,
            line: 0,
            kind,
        };
        self.frame(frame)
    }

    /// A frame of native code, named later: reading symbol tables pays off for many addresses at once, so it is done once
    /// an interval.
    pub fn native(&mut self, pc: NativePc) -> FrameId {
        if let Some(id) = self.native.get(&pc) {
            return *id;
        }
        let id = FrameId(self.frames.len() as u32);
        let unknown = self.symbol("");
        let kind = FrameKind::Unnamed;
        self.frames.push(Frame { class: unknown, method: unknown, descriptor: unknown, modifiers: 0, line: 0, kind });
        self.native.insert(pc, id);
        self.unnamed.push((pc, id));
        id
    }

    /// The frames that wait for a name, which they get by [`Frames::set_native_name`].
    pub fn take_unnamed(&mut self) -> Vec<(NativePc, FrameId)> {
        std::mem::take(&mut self.unnamed)
    }

    /// Names a frame of native code.
    pub fn set_native_name(&mut self, id: FrameId, library: &str, function: &str) {
        let (class, method) = (self.symbol(library), self.symbol(function));
        let descriptor = self.symbol("()L;");
        if let Some(frame) = self.frames.get_mut(id.0 as usize) {
            *frame = Frame { class, method, descriptor, kind: FrameKind::Native, ..*frame };
        }
    }

    /// A frame of our own that says something about the sample.
    pub fn pseudo(&mut self, text: &str) -> FrameId {
        self.named("[pyrite]", text, FrameKind::Pseudo)
    }

    /// The frame of an id.
    pub fn get(&self, id: FrameId) -> Option<&Frame> {
        self.frames.get(id.0 as usize)
    }

    /// The text of a symbol.
    pub fn text(&self, symbol: Symbol) -> &str {
        self.strings.get(symbol.0 as usize).map_or("", AsRef::as_ref)
    }

    /// Number of frames.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Forgets everything; ids given out before must not be used again.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_native_frame_is_named_later_and_once() {
        let mut frames = Frames::default();
        let place = NativePc { pc: 0x1000, is_return_address: true };
        let id = frames.native(place);
        assert_eq!(frames.native(place), id);
        assert_ne!(frames.native(NativePc { pc: 0x1000, is_return_address: false }), id);
        let unnamed = frames.take_unnamed();
        assert_eq!(unnamed.len(), 2);
        frames.set_native_name(id, "libc.so.6", "read");
        let frame = frames.get(id).copied().expect("interned");
        assert_eq!((frames.text(frame.method), frame.kind), ("read", FrameKind::Native));
        assert!(frames.take_unnamed().is_empty());
    }

    #[test]
    fn equal_frames_have_one_id_and_keep_their_names() {
        let mut frames = Frames::default();
        let first = frames.named("libc.so.6", "read", FrameKind::Native);
        let again = frames.named("libc.so.6", "read", FrameKind::Native);
        let other = frames.pseudo("thread ended");
        assert_eq!(first, again);
        assert_ne!(first, other);
        let frame = frames.get(other).copied().expect("interned");
        assert_eq!((frames.text(frame.class), frames.text(frame.method)), ("[pyrite]", "thread ended"));
        assert_eq!(frames.len(), 2);
    }
}
