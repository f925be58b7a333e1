//! Compressed integers: LEB128 of at most nine bytes, where the ninth carries eight bits (jdk.jfr's `compressed ints`).

/// Longest encoding of a 64-bit value.
pub(crate) const MAX_BYTES: usize = 9;

/// Appends `value`, low seven bits first.
pub(crate) fn put(out: &mut Vec<u8>, mut value: u64) {
    for _ in 0..MAX_BYTES - 1 {
        if value < 0x80 {
            out.push(value as u8);
            return;
        }
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    // Bits 56 to 63 fill the ninth byte whole; there is no tenth byte as in plain LEB128.
    out.push(value as u8);
}

/// Number of bytes that [`put`] appends for `value`.
pub(crate) fn len(value: u64) -> usize {
    let bits = 64 - value.leading_zeros() as usize;
    bits.div_ceil(7).clamp(1, MAX_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_agree_with_the_bytes() {
        for shift in 0..64 {
            for value in [(1u64 << shift) - 1, 1 << shift, (1 << shift) | 1] {
                let mut out = Vec::new();
                put(&mut out, value);
                assert_eq!(out.len(), len(value), "value {value:#x}");
            }
        }
    }

    #[test]
    fn the_ninth_byte_carries_eight_bits() {
        let mut out = Vec::new();
        put(&mut out, u64::MAX);
        assert_eq!(out, [0xff; 9]);
    }

    #[test]
    fn worked_bytes_of_a_small_number() {
        let mut out = Vec::new();
        put(&mut out, 1000);
        assert_eq!(out, [0xE8, 0x07]);
    }
}
