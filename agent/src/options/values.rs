//! Text to numbers: durations, sizes, counts and compression levels, with the bounds that make them safe.

use super::choices::Choice;

/// A value that cannot be used. The caller says what is allowed and falls back to the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid;

/// A value, and one remark if it is not quite the one that was asked for.
pub type Checked<T> = Result<(T, Option<String>), Invalid>;

/// Inclusive bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Smallest value in use; a smaller one is raised to it.
    pub min: u64,
    /// Largest value in use; a larger one is lowered to it.
    pub max: u64,
}

const DURATION_UNITS: &[(&str, u64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

const SIZE_UNITS: &[(&str, u64)] = &[
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("kb", 1 << 10),
    ("mb", 1 << 20),
    ("gb", 1 << 30),
    ("k", 1 << 10),
    ("m", 1 << 20),
    ("g", 1 << 30),
    ("b", 1),
];

/// A duration in nanoseconds. A bare number is nanoseconds, as in pyroscope-java; because nearly everybody who writes one means another
/// unit, a bare number outside `bounds` is refused instead of being moved to the nearest bound.
pub fn duration_ns(text: &str, bounds: Bounds) -> Checked<u64> {
    let (value, unit) = quantity(text, DURATION_UNITS)?;
    bounded(value, bounds, unit, show_duration)
}

/// Either a duration as [`duration_ns`] or `off`.
pub fn duration_or_off(text: &str, bounds: Bounds) -> Checked<Option<u64>> {
    if is_off(text) {
        return Ok((None, None));
    }
    duration_ns(text, bounds).map(|(value, note)| (Some(value), note))
}

/// A size in bytes. A bare number is bytes.
pub fn size_bytes(text: &str, bounds: Bounds) -> Checked<u64> {
    let (value, unit) = quantity(text, SIZE_UNITS)?;
    bounded(value, bounds, unit, show_size)
}

/// A whole number.
pub fn count(text: &str, bounds: Bounds) -> Checked<u64> {
    let value = text.trim().parse::<u64>().map_err(|_| Invalid)?;
    // `Some` stands for "the unit is clear": a count has none, so it is moved to the nearest bound.
    bounded(value, bounds, Some(""), |value| value.to_string())
}

/// One of a few words.
pub fn choice<C: Choice>(text: &str) -> Result<C, Invalid> {
    C::parse(text.trim()).ok_or(Invalid)
}

/// A deflate level from 0 (store) to 9, or one of the names of `java.util.zip.Deflater`.
pub fn compression_level(text: &str) -> Result<u32, Invalid> {
    /// zlib's own meaning of its default level, -1.
    const DEFAULT: u32 = 6;
    const NAMES: &[(&str, u32)] = &[
        ("no_compression", 0),
        ("best_speed", 1),
        ("best_compression", 9),
        ("default_compression", DEFAULT),
        ("-1", DEFAULT),
    ];
    let text = text.trim();
    if let Some(&(_, level)) = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        return Ok(level);
    }
    text.parse::<u32>().ok().filter(|level| *level <= 9).ok_or(Invalid)
}

/// True for the words that switch something off.
pub fn is_off(text: &str) -> bool {
    matches!(text.trim().to_ascii_lowercase().as_str(), "off" | "false" | "none")
}

/// `ns` in the largest unit that shows it without a fraction.
pub fn show_duration(ns: u64) -> String {
    let units = [("h", 3_600_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)];
    let (name, unit) = units.into_iter().find(|(_, unit)| ns >= *unit && ns.is_multiple_of(*unit)).unwrap_or(("ns", 1));
    format!("{}{name}", ns / unit)
}

/// `bytes` in the largest unit that shows it without a fraction.
pub fn show_size(bytes: u64) -> String {
    let units = [("g", 1 << 30), ("m", 1 << 20), ("k", 1 << 10)];
    let (name, unit) =
        units.into_iter().find(|(_, unit)| bytes >= *unit && bytes.is_multiple_of(*unit)).unwrap_or((" bytes", 1));
    format!("{}{name}", bytes / unit)
}

/// Number and unit; no unit is `None`.
fn quantity(text: &str, units: &[(&'static str, u64)]) -> Result<(u64, Option<&'static str>), Invalid> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number = number.parse::<u64>().map_err(|_| Invalid)?;
    if unit.is_empty() {
        return Ok((number, None));
    }
    let &(name, factor) = units.iter().find(|(name, _)| *name == unit.trim_start()).ok_or(Invalid)?;
    Ok((number.checked_mul(factor).ok_or(Invalid)?, Some(name)))
}

fn bounded(value: u64, bounds: Bounds, unit: Option<&str>, show: fn(u64) -> String) -> Checked<u64> {
    let used = value.clamp(bounds.min, bounds.max);
    if used == value {
        return Ok((value, None));
    }
    // Zero never means "as little as possible" here; options that give it a meaning handle it before.
    if unit.is_none() || value == 0 {
        return Err(Invalid);
    }
    let limit = if value < bounds.min { "minimum" } else { "maximum" };
    Ok((used, Some(format!("the {limit} is {}; using that", show(used)))))
}

#[cfg(test)]
mod tests;
