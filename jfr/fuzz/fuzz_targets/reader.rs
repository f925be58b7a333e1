//! Any bytes: the reader must neither panic nor hang nor allocate beyond its limits.
//!
//! `cargo +nightly fuzz run reader -- -rss_limit_mb=512 -timeout=5`, in `jfr/`. Copy `tests/golden/*.jfr` to
//! `fuzz/corpus/reader/` first, or it takes long to find the magic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = jfr::Limits { max_bytes: 1 << 20, max_constants: 1 << 16, max_frames: 1 << 18, ..jfr::Limits::default() };
    let Ok(recording) = jfr::read(bytes, &limits) else { return };
    let events: usize = recording.chunks.iter().map(|chunk| chunk.events().count()).sum();
    assert_eq!(events as u64, jfr::summary(&recording).values().sum::<u64>());
    let _ = jfr::dump(&recording);
});
