//! Reads this process's own memory through the kernel, so that an unmapped address is an error and not a crash.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Reads `length` bytes at `address`.
///
/// # Errors
/// When the range is not mapped readable, or the process may not read `/proc/self/mem` (not dumpable, or `/proc` not
/// mounted).
pub fn read(address: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    File::open("/proc/self/mem")?.read_exact_at(&mut bytes, address)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn own_memory_is_read_and_unmapped_memory_is_an_error() {
        let bytes = *b"exactly these";
        let address = bytes.as_ptr().addr() as u64;
        assert_eq!(read(address, bytes.len()).unwrap(), bytes);
        assert!(read(8, 8).is_err());
    }
}
