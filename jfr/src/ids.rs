//! Handles that a [`ChunkBuilder`](crate::ChunkBuilder) gives out, and where the ids of a chunk start.

/// Defines one kind of handle; each is a position in the builder's pool, not the id that ends up in the file.
macro_rules! handle {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub(crate) u32);
    };
}

handle! {
    /// A class of one builder.
    ClassId
}
handle! {
    /// A method of one builder.
    MethodId
}
handle! {
    /// A stack trace of one builder.
    StackTraceId
}
handle! {
    /// A thread of one builder.
    ThreadId
}

/// Ids stay below 2^31 for every reader; half of that leaves room for the chunk that is being built.
const LAST_START: u32 = 1 << 30;

/// Where the ids of a chunk start.
///
/// Readers keep the constants of earlier chunks of the same file, so chunks that end up in one file must not share ids:
/// start each at [`ChunkBuilder::next_ids`](crate::ChunkBuilder::next_ids) of the one before. A chunk that is a file of
/// its own uses the default, because small ids are short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdSource {
    first: u32,
}

impl IdSource {
    /// Ids start at `first`; 0 means null in the format and becomes 1.
    #[must_use]
    pub fn starting_at(first: u32) -> Self {
        Self { first: first.clamp(1, LAST_START) }
    }

    /// The source for the next chunk of the same file after `used` ids of this one. Begins again at 1 when 2^30 ids are
    /// used up: such a file has more than a thousand million constants, and its older chunks no longer matter.
    pub(crate) fn after(self, used: usize) -> Self {
        let next = u64::from(self.first) + used as u64;
        match u32::try_from(next) {
            Ok(first) if first < LAST_START => Self { first },
            _ => Self::default(),
        }
    }

    /// The lowest id of this chunk.
    #[must_use]
    pub fn first(self) -> u32 {
        self.first
    }
}

impl Default for IdSource {
    fn default() -> Self {
        Self { first: 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_never_an_id() {
        assert_eq!(IdSource::starting_at(0).first(), 1);
    }

    #[test]
    fn the_next_chunk_starts_after_the_last_id() {
        assert_eq!(IdSource::starting_at(5).after(3).first(), 8);
        assert_eq!(IdSource::starting_at(LAST_START).after(1), IdSource::default());
    }
}
