//! Times in requests and in messages.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

const NS_PER_S: i64 = 1_000_000_000;

/// A time that cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a time; allowed are now, now-1h (units s m h d w M y), yyyymmdd, \
     and a Unix time in seconds, milliseconds, microseconds or nanoseconds"
)]
pub(crate) struct TimeError(String);

/// Reads a time as nanoseconds since the epoch.
///
/// Numbers are told apart by their length, as Pyroscope does: 8 digits are a date, up to 11 seconds, 14
/// milliseconds, 17 microseconds, 19 nanoseconds. A decimal point means seconds; Pyroscope silently takes such a
/// number for "now".
pub(crate) fn parse_time(text: &str, now_ns: i64) -> Result<i64, TimeError> {
    let parsed = match text.strip_prefix("now") {
        Some(offsets) => relative_ns(offsets).and_then(|offset| now_ns.checked_add(offset)),
        None if text.len() == 8 && is_digits(text) => date_ns(text),
        None => unix_ns(text),
    };
    parsed.ok_or_else(|| TimeError(text.to_owned()))
}

/// `2026-11-22 16:25:39.932 +0000 UTC`, the form that Go prints and Pyroscope's messages have.
pub(crate) fn utc_text(time_ns: i64) -> String {
    let Ok(time) = Timestamp::from_nanosecond(i128::from(time_ns)) else {
        return format!("{time_ns} ns since 1970");
    };
    let text = time.strftime("%Y-%m-%d %H:%M:%S%.f").to_string();
    format!("{text} +0000 UTC")
}

/// `Nov 22, 2026 at 5:23pm (UTC)`, the form that pprof's graphs have.
pub(crate) fn short_utc_text(time_ns: i64) -> String {
    let time = Timestamp::from_nanosecond(i128::from(time_ns)).unwrap_or_default();
    time.strftime("%b %-d, %Y at %-I:%M%P (UTC)").to_string()
}

/// Sums up `-1h`, `+30m-10s` and so on; nothing at all is 0.
fn relative_ns(offsets: &str) -> Option<i64> {
    const UNITS: &[(&str, i64)] = &[
        ("s", 1),
        ("sec", 1),
        ("m", 60),
        ("min", 60),
        ("h", 3_600),
        ("d", 86_400),
        ("w", 604_800),
        ("M", 2_592_000),
        ("y", 31_536_000),
    ];
    let mut rest = offsets.trim();
    let mut sum_s = 0i64;
    while !rest.is_empty() {
        let sign = match rest.as_bytes()[0] {
            b'-' => -1,
            b'+' => 1,
            _ => return None,
        };
        rest = &rest[1..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let count: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let (_, unit_s) = UNITS.iter().find(|(unit, _)| *unit == &rest[..letters])?;
        rest = &rest[letters..];
        sum_s = sum_s.checked_add(sign * count.checked_mul(*unit_s)?)?;
    }
    sum_s.checked_mul(NS_PER_S)
}

fn date_ns(text: &str) -> Option<i64> {
    let (year, month, day) = (text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?);
    let midnight = Date::new(year, month, day).ok()?.to_zoned(TimeZone::UTC).ok()?;
    i64::try_from(midnight.timestamp().as_nanosecond()).ok()
}

fn unix_ns(text: &str) -> Option<i64> {
    /// The longest number of each unit, and how many nanoseconds the unit is.
    const UNITS: &[(usize, i64)] = &[(11, NS_PER_S), (14, 1_000_000), (17, 1_000), (19, 1)];
    if let Some((seconds, fraction)) = text.split_once('.') {
        let digits = is_digits(seconds) && is_digits(fraction) && fraction.len() <= 9;
        let fraction_ns: i64 = digits.then(|| format!("{fraction:0<9}"))?.parse().ok()?;
        return seconds.parse::<i64>().ok()?.checked_mul(NS_PER_S)?.checked_add(fraction_ns);
    }
    let (_, unit_ns) = UNITS.iter().find(|(longest, _)| text.len() <= *longest)?;
    if !is_digits(text) {
        return None;
    }
    text.parse::<i64>().ok()?.checked_mul(*unit_ns)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_NS: i64 = 1_795_368_339_932_000_000;

    #[test]
    fn units_are_told_by_length() {
        for (text, expected) in [
            ("1795368199", 1_795_368_199_000_000_000),
            ("1795368199000", 1_795_368_199_000_000_000),
            ("1795368199000001", 1_795_368_199_000_001_000),
            ("1795368199000000001", 1_795_368_199_000_000_001),
            ("1795368199.25", 1_795_368_199_250_000_000),
            ("0", 0),
            ("20261122", 1_795_305_600_000_000_000),
        ] {
            assert_eq!(parse_time(text, NOW_NS), Ok(expected), "{text}");
        }
    }

    #[test]
    fn now_may_be_shifted() {
        let hour = 3_600 * NS_PER_S;
        for (text, offset) in [("now", 0), ("now-1h", -hour), ("now-1h+30m", -hour / 2), ("now-7d", -168 * hour)] {
            assert_eq!(parse_time(text, NOW_NS), Ok(NOW_NS + offset), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_and_named() {
        for text in [
            "",
            "yesterday",
            "now-1",
            "now1h",
            "now-h",
            "now-1x",
            "-5",
            "1e9",
            "20261399",
            "1.",
            ".5",
            "now-99999999999999999y",
            "12345678901234567890",
        ] {
            let error = parse_time(text, NOW_NS).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{text:?} is not a time")), "{error}");
        }
    }

    #[test]
    fn messages_have_times_as_go_prints_them() {
        assert_eq!(utc_text(NOW_NS), "2026-11-22 17:25:39.932 +0000 UTC");
        assert_eq!(utc_text(1_794_968_194_000_000_000), "2026-11-18 02:16:34 +0000 UTC");
        assert_eq!(short_utc_text(NOW_NS), "Nov 22, 2026 at 5:25pm (UTC)");
    }
}
