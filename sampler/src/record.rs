//! The sample as it travels through the ring: what a handler writes and the drain reads.

use crate::atomics::AtomicU64;
use crate::ring::RecordWords;

/// Words before the frames.
pub const HEADER_WORDS: usize = 4;

/// Words that one Java frame takes.
pub const JAVA_FRAME_WORDS: usize = 2;

/// Everything about a sample but its frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleHeader {
    /// CLOCK_MONOTONIC at the signal, before the walk.
    pub time_ns: u64,
    /// Index of the thread's slot.
    pub slot: u32,
    /// Low 16 bits of the slot's generation.
    pub generation: u16,
    /// What the sample stands for, in whole intervals.
    pub weight: u32,
    /// Result of the Java walk: number of frames, or a failure code of `AsyncGetCallTrace` if negative.
    pub java: i32,
    /// Number of native frames.
    pub native: u16,
    /// How the native walk ended, see `walk::NativeEnd`.
    pub native_end: u8,
    /// Whether the thread had a Java environment.
    pub is_java_thread: bool,
    /// Stack pointer at the signal, by which the drain finds out the bounds of the stack.
    pub sp: u64,
}

impl SampleHeader {
    /// The header as words, in the order in which they are put.
    pub fn encode(self) -> [u64; HEADER_WORDS] {
        [
            self.time_ns,
            u64::from(self.slot) | (u64::from(self.generation) << 32) | (u64::from(self.native) << 48),
            u64::from(self.weight) | (u64::from(self.java as u32) << 32),
            // User-space addresses have 47 bits, which leaves room for the two small fields.
            (self.sp & 0x0000_ffff_ffff_ffff)
                | (u64::from(self.native_end) << 48)
                | (u64::from(self.is_java_thread) << 56),
        ]
    }

    /// Reads a header back from its words.
    pub fn decode(words: [u64; HEADER_WORDS]) -> Self {
        let [time_ns, who, what, at] = words;
        Self {
            time_ns,
            slot: who as u32,
            generation: (who >> 32) as u16,
            native: (who >> 48) as u16,
            weight: what as u32,
            java: (what >> 32) as u32 as i32,
            native_end: (at >> 48) as u8,
            is_java_thread: at >> 56 != 0,
            sp: at & 0x0000_ffff_ffff_ffff,
        }
    }

    /// Words of frames that follow this header.
    pub fn frame_words(&self) -> usize {
        let java = usize::try_from(self.java).unwrap_or(0);
        java.saturating_mul(JAVA_FRAME_WORDS).saturating_add(usize::from(self.native))
    }
}

/// A record in the ring, read in place.
pub struct SampleRecord<'a, W> {
    words: RecordWords<'a, W>,
    /// The sample's header.
    pub header: SampleHeader,
}

impl<'a, W: AsRef<[AtomicU64]>> SampleRecord<'a, W> {
    /// Reads the header of a record.
    pub fn new(words: RecordWords<'a, W>) -> Self {
        let header = SampleHeader::decode([words.get(0), words.get(1), words.get(2), words.get(3)]);
        Self { words, header }
    }

    /// Program counters of the native frames, leaf first.
    pub fn native(&self) -> impl Iterator<Item = u64> + '_ {
        (0..usize::from(self.header.native)).map(|i| self.words.get(HEADER_WORDS.wrapping_add(i)))
    }

    /// Java frames, leaf first, as (method id, bytecode index).
    pub fn java(&self) -> impl Iterator<Item = (u64, i32)> + '_ {
        let first = HEADER_WORDS.wrapping_add(usize::from(self.header.native));
        (0..usize::try_from(self.header.java).unwrap_or(0)).map(move |i| {
            let at = first.wrapping_add(i.wrapping_mul(JAVA_FRAME_WORDS));
            (self.words.get(at), self.words.get(at.wrapping_add(1)) as i32)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_survives_encoding() {
        let header = SampleHeader {
            time_ns: 1_234_567_890_123,
            slot: 0x003f_ffff,
            generation: 0xbeef,
            weight: 3,
            java: -5,
            native: 128,
            native_end: 4,
            is_java_thread: true,
            sp: 0x7fff_1234_5678,
        };
        assert_eq!(SampleHeader::decode(header.encode()), header);
        assert_eq!(header.frame_words(), 128);
    }
}
