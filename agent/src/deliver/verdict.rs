//! What an answer, or the lack of one, means for the chunk.

use std::time::{Duration, SystemTime};

use crate::redact::{self, Secret};

/// Longest piece of a server's text in a log line, in characters.
const MAX_BODY_CHARS: usize = 200;

/// A server's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
    /// The header `Location`.
    pub location: Option<String>,
    /// The beginning of the body.
    pub body: String,
}

/// No answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendError {
    /// True when not even a connection was made, so that the chunk cannot be at fault.
    pub before_connected: bool,
    /// What happened, for people.
    pub reason: String,
}

/// What becomes of the chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It arrived.
    Delivered,
    /// It waits for another try.
    Retry {
        /// The server's wish for the wait.
        asked: Option<Duration>,
        /// True when the chunk itself was sent, so that this counts as one of its tries.
        counts: bool,
        /// True when nobody answered.
        unreachable: bool,
        /// What happened, for people.
        reason: String,
    },
    /// It will never be taken.
    Refused {
        /// HTTP status.
        status: u16,
        /// What to do about it, and what the server said, for people.
        reason: String,
    },
}

/// Judges an answer. 429 and 5xx may be tried again, as pyroscope-java does; every other failure is final.
pub fn judge(outcome: Result<Reply, SendError>, secrets: &[Secret]) -> Verdict {
    match outcome {
        Err(error) => Verdict::Retry {
            asked: None,
            counts: !error.before_connected,
            unreachable: true,
            reason: clean(&error.reason, secrets),
        },
        Ok(reply) if (200..300).contains(&reply.status) => Verdict::Delivered,
        Ok(reply) if reply.status == 429 || reply.status >= 500 => Verdict::Retry {
            asked: reply.retry_after.as_deref().and_then(|text| retry_after(text, SystemTime::now())),
            counts: true,
            unreachable: false,
            reason: said(&reply, secrets),
        },
        Ok(reply) => {
            Verdict::Refused { status: reply.status, reason: format!("{}{}", said(&reply, secrets), advice(&reply)) }
        }
    }
}

/// Seconds, or a date (RFC 9110, section 10.2.3). A date in the past is no wait.
fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

fn said(reply: &Reply, secrets: &[Secret]) -> String {
    let body = clean(&reply.body, secrets);
    match body.as_str() {
        "" => format!("status {}", reply.status),
        body => format!("status {}: {body}", reply.status),
    }
}

fn clean(text: &str, secrets: &[Secret]) -> String {
    redact::one_line(&redact::secrets_in(text, secrets), MAX_BODY_CHARS)
}

fn advice(reply: &Reply) -> String {
    match reply.status {
        300..=399 => {
            let location =
                redact::one_line(&redact::address(reply.location.as_deref().unwrap_or("nowhere")), MAX_BODY_CHARS);
            format!(
                "; it redirects to {location}, which is not followed: set pyroscope.server.address to the final address"
            )
        }
        401 | 403 => "; check pyroscope.basic.auth.*, pyroscope.auth.token and pyroscope.tenant.id".to_owned(),
        404 | 405 => "; check the path in pyroscope.server.address".to_owned(),
        413 => "; the profile is larger than the server takes: lower pyroscope.upload.interval".to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16) -> Verdict {
        judge(Ok(Reply { status, ..Reply::default() }), &[])
    }

    #[test]
    fn only_429_and_5xx_are_tried_again() {
        for status in [200, 202, 204, 299] {
            assert_eq!(reply(status), Verdict::Delivered, "{status}");
        }
        for status in [429, 500, 502, 503, 599] {
            assert!(matches!(reply(status), Verdict::Retry { unreachable: false, counts: true, .. }), "{status}");
        }
        for status in [100, 301, 307, 400, 401, 404, 413, 422] {
            assert!(matches!(reply(status), Verdict::Refused { .. }), "{status}");
        }
    }

    #[test]
    fn a_connection_that_was_never_made_is_not_the_chunks_fault() {
        let failed = |before_connected| judge(Err(SendError { before_connected, reason: "x".into() }), &[]);
        assert!(matches!(failed(true), Verdict::Retry { counts: false, unreachable: true, .. }));
        assert!(matches!(failed(false), Verdict::Retry { counts: true, unreachable: true, .. }));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(retry_after(" 7 ", now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:50:37 GMT", now), Some(Duration::from_secs(60)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn what_the_server_said_is_one_short_line_without_secrets() {
        let body = format!("token hunter22 is\nbad {}", "x".repeat(500));
        let verdict = judge(Ok(Reply { status: 401, body, ..Reply::default() }), &[Secret::new("hunter22")]);
        let Verdict::Refused { reason, .. } = verdict else { panic!("{verdict:?}") };
        assert!(reason.starts_with("status 401: token *** is bad xxx"), "{reason}");
        assert!(reason.contains("…; check pyroscope.basic.auth"), "{reason}");
        assert!(reason.chars().count() < 320);
    }

    #[test]
    fn a_redirect_names_its_target() {
        let location = Some("https://me:pw@else/ingest?x=1".to_owned());
        let verdict = judge(Ok(Reply { status: 302, location, ..Reply::default() }), &[]);
        let Verdict::Refused { reason, .. } = verdict else { panic!("{verdict:?}") };
        assert!(reason.contains("redirects to https://***@else/ingest?***, which is not followed"), "{reason}");
    }
}
