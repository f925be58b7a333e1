//! Numbers with units, and their bounds.

use super::*;

const WIDE: Bounds = Bounds { min: 1, max: u64::MAX };

#[test]
fn durations_have_units_and_a_bare_number_is_nanoseconds() {
    let cases = [
        ("10ms", 10_000_000),
        (" 500us ", 500_000),
        ("1s", 1_000_000_000),
        ("2 S", 2_000_000_000),
        ("3m", 180_000_000_000),
        ("1h", 3_600_000_000_000),
        ("7ns", 7),
        ("10000000", 10_000_000),
    ];
    for (text, ns) in cases {
        assert_eq!(duration_ns(text, WIDE), Ok((ns, None)), "{text}");
    }
    for text in ["", "ms", "10x", "-1s", "1.5s", "1e3", "10 m s", "99999999999h", "0", "٣s"] {
        assert_eq!(duration_ns(text, WIDE), Err(Invalid), "{text}");
    }
}

#[test]
fn sizes_are_binary() {
    for (text, bytes) in [("512k", 524_288), ("1M", 1_048_576), ("2GiB", 2_147_483_648), ("16384", 16_384), ("3b", 3)] {
        assert_eq!(size_bytes(text, WIDE), Ok((bytes, None)), "{text}");
    }
    for text in ["", "k", "1t", "1.5m", "k1"] {
        assert_eq!(size_bytes(text, WIDE), Err(Invalid), "{text}");
    }
}

#[test]
fn out_of_bounds_moves_with_a_remark_but_a_bare_number_is_refused() {
    let bounds = Bounds { min: 1_000_000, max: 1_000_000_000 };
    assert_eq!(duration_ns("1us", bounds), Ok((1_000_000, Some("the minimum is 1ms; using that".into()))));
    assert_eq!(duration_ns("1h", bounds), Ok((1_000_000_000, Some("the maximum is 1s; using that".into()))));
    assert_eq!(duration_ns("10", bounds), Err(Invalid));
    assert_eq!(duration_ns("0ms", bounds), Err(Invalid));
    assert_eq!(count("5", Bounds { min: 1, max: 4 }), Ok((4, Some("the maximum is 4; using that".into()))));
}

#[test]
fn compression_levels_have_numbers_and_names() {
    for (text, level) in
        [("0", 0), ("9", 9), ("-1", 6), ("BEST_SPEED", 1), ("best_compression", 9), ("NO_COMPRESSION", 0)]
    {
        assert_eq!(compression_level(text), Ok(level), "{text}");
    }
    for text in ["10", "-2", "fast", ""] {
        assert_eq!(compression_level(text), Err(Invalid), "{text}");
    }
}

#[test]
fn values_are_shown_in_their_natural_unit() {
    assert_eq!(show_duration(10_000_000), "10ms");
    assert_eq!(show_duration(1_500_000_000), "1500ms");
    assert_eq!(show_duration(7), "7ns");
    assert_eq!(show_size(16 << 20), "16m");
    assert_eq!(show_size(1_000), "1000 bytes");
}
