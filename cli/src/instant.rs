//! Points and lengths of time as users write them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A point in time as written: it becomes a number only once "now" is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instant {
    /// `now-15m`, or `now`.
    BeforeNow(Duration),
    /// Milliseconds since the Unix epoch.
    At(i64),
}

/// Numbers below this are seconds, from here on milliseconds (as seconds it would be the year 5138).
const FIRST_MILLISECONDS: i64 = 100_000_000_000;

impl Instant {
    /// Reads `now`, `now-15m`, seconds or milliseconds since the epoch, or a date and time in UTC.
    ///
    /// # Errors
    /// Anything else; the message says what is allowed.
    pub fn parse(text: &str) -> Result<Instant, String> {
        let allowed = "use now, now-15m, seconds since 1970, or a UTC time such as 2026-03-01T12:00:00Z";
        if text == "now" {
            return Ok(Instant::BeforeNow(Duration::ZERO));
        }
        if let Some(length) = text.strip_prefix("now-") {
            return parse_length(length).map(Instant::BeforeNow);
        }
        if let Ok(number) = text.parse::<i64>() {
            let in_range = (0..=i64::MAX / 1000).contains(&number);
            let millis = if number < FIRST_MILLISECONDS { number.saturating_mul(1000) } else { number };
            return if in_range { Ok(Instant::At(millis)) } else { Err(allowed.to_owned()) };
        }
        let time = humantime::parse_rfc3339_weak(text).map_err(|_| allowed.to_owned())?;
        Ok(Instant::At(millis_of(time)))
    }

    /// Milliseconds since the Unix epoch, given what time it is.
    pub fn resolve(self, now_ms: i64) -> i64 {
        match self {
            Instant::BeforeNow(length) => now_ms.saturating_sub(i64::try_from(length.as_millis()).unwrap_or(i64::MAX)),
            Instant::At(millis) => millis,
        }
    }
}

/// Reads a length of time such as `10m`, `1h 30m` or `7d`.
///
/// # Errors
/// A text that is no length, or nothing at all; the message shows the form.
pub fn parse_length(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(length) if !length.is_zero() => Ok(length),
        _ => Err("use a length of time such as 30s, 10m, 1h 30m or 7d".to_owned()),
    }
}

/// The system's clock in milliseconds since the Unix epoch.
pub fn now_ms() -> i64 {
    millis_of(SystemTime::now())
}

/// A point in time for output, in UTC to the second.
pub fn format(millis: i64) -> String {
    let since_epoch = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
    // The formatter knows years up to 9999 only.
    match UNIX_EPOCH.checked_add(since_epoch) {
        Some(time) if millis < 253_402_300_800_000 => humantime::format_rfc3339_seconds(time).to_string(),
        _ => format!("{millis} ms"),
    }
}

fn millis_of(time: SystemTime) -> i64 {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Instant, format, parse_length};
    use std::time::Duration;

    #[test]
    fn every_form_of_an_instant_is_read() {
        let now = 1_795_368_226_000;
        let rows = [
            ("now", now),
            ("now-15m", now - 900_000),
            ("now-1h30m", now - 5_400_000),
            ("1795368194", 1_795_368_194_000),
            ("1795368194000", 1_795_368_194_000),
            ("2026-11-22T17:23:14Z", 1_795_368_194_000),
            ("2026-11-22 17:23:14", 1_795_368_194_000),
        ];
        for (text, millis) in rows {
            assert_eq!(Instant::parse(text).expect(text).resolve(now), millis, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_an_example() {
        for text in ["", "yesterday", "now+1h", "now-", "-5", "9223372036854775807"] {
            let message = Instant::parse(text).expect_err(text);
            assert!(message.starts_with("use "), "{message}");
        }
        assert!(parse_length("0s").is_err());
        assert!(parse_length("10").is_err());
        assert_eq!(parse_length("7d"), Ok(Duration::from_secs(7 * 86_400)));
    }

    #[test]
    fn output_is_utc_and_never_panics() {
        assert_eq!(format(1_795_368_194_000), "2026-11-22T17:23:14Z");
        assert_eq!(format(-1), "1970-01-01T00:00:00Z");
        assert_eq!(format(i64::MAX), "9223372036854775807 ms");
    }
}
