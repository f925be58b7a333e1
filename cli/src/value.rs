//! Values in the units of profile types, as short texts for people.

/// What the numbers of a profile count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// CPU time, wall-clock time or time spent waiting.
    Nanoseconds,
    /// Memory.
    Bytes,
    /// Objects, contentions, and whatever else is merely counted.
    Count,
}

/// Steps of a unit from large to small: how many base units, and the suffix.
type Scale = &'static [(f64, &'static str)];

impl Unit {
    /// The unit of a profile type id, which is its third part (`name:sample type:unit:period type:period unit`).
    pub fn of(profile_type_id: &str) -> Unit {
        match profile_type_id.split(':').nth(2) {
            Some("nanoseconds") => Unit::Nanoseconds,
            Some("bytes") => Unit::Bytes,
            _ => Unit::Count,
        }
    }

    /// The unit's name in machine-readable output.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Nanoseconds => "nanoseconds",
            Unit::Bytes => "bytes",
            Unit::Count => "count",
        }
    }

    fn scale(self) -> Scale {
        match self {
            Unit::Nanoseconds => {
                &[(3.6e12, " h"), (6e10, " min"), (1e9, " s"), (1e6, " ms"), (1e3, " µs"), (1.0, " ns")]
            }
            Unit::Bytes => &[
                (1_099_511_627_776.0, " TiB"),
                (1_073_741_824.0, " GiB"),
                (1_048_576.0, " MiB"),
                (1024.0, " KiB"),
                (1.0, " B"),
            ],
            Unit::Count => &[(1e9, " G"), (1e6, " M"), (1.0, "")],
        }
    }

    /// A value with three significant digits and its unit: `8.05 s`, `1.40 GiB`, `12599`.
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    pub fn format(self, value: i64) -> String {
        let value = value as f64;
        let scale = self.scale();
        let (step, suffix) = scale.iter().find(|(step, _)| value.abs() >= *step).unwrap_or(&scale[scale.len() - 1]);
        let number = value / step;
        let decimals =
            if number.fract() == 0.0 || number.abs() >= 100.0 { 0 } else { 1 + usize::from(number.abs() < 10.0) };
        format!("{number:.decimals$}{suffix}")
    }
}

/// A part of a whole in per cent with one decimal. A part that is not nothing never reads as nothing.
#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
pub fn format_share(part: i64, whole: i64) -> String {
    if whole <= 0 {
        return "–".to_owned();
    }
    let percent = 100.0 * part as f64 / whole as f64;
    if percent > 0.0 && percent < 0.05 { "<0.1 %".to_owned() } else { format!("{percent:.1} %") }
}

#[cfg(test)]
mod tests {
    use super::{Unit, format_share};

    #[test]
    fn a_profile_type_names_its_unit() {
        assert_eq!(Unit::of("process_cpu:cpu:nanoseconds:cpu:nanoseconds"), Unit::Nanoseconds);
        assert_eq!(Unit::of("memory:alloc_in_new_tlab_bytes:bytes:space:bytes"), Unit::Bytes);
        assert_eq!(Unit::of("memory:alloc_in_new_tlab_objects:count:space:bytes"), Unit::Count);
        assert_eq!(Unit::of("nonsense"), Unit::Count);
    }

    #[test]
    fn values_read_with_three_digits_and_a_unit() {
        let rows = [
            (Unit::Nanoseconds, 8_050_000_000, "8.05 s"),
            (Unit::Nanoseconds, 820_000_000, "820 ms"),
            (Unit::Nanoseconds, 13_661_434_984, "13.7 s"),
            (Unit::Nanoseconds, 5_400_000_000_000, "1.50 h"),
            (Unit::Nanoseconds, 0, "0 ns"),
            (Unit::Bytes, 6_605_504_512, "6.15 GiB"),
            (Unit::Bytes, 524_288, "512 KiB"),
            (Unit::Count, 12_599, "12599"),
            (Unit::Count, 2_500_000, "2.50 M"),
        ];
        for (unit, value, text) in rows {
            assert_eq!(unit.format(value), text);
        }
    }

    #[test]
    fn a_small_share_is_not_shown_as_nothing() {
        assert_eq!(format_share(1, 1_000_000), "<0.1 %");
        assert_eq!(format_share(0, 10), "0.0 %");
        assert_eq!(format_share(258, 805), "32.0 %");
        assert_eq!(format_share(0, 0), "–");
    }
}
