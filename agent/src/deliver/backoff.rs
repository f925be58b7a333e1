//! How long to wait after a failure: exponential with full jitter, so that a fleet does not come back all at once.

use std::time::Duration;

/// The wait after the first failure is drawn from up to this long.
const BASE_MS: u64 = 1_000;
/// And never from more than this.
const CAP_MS: u64 = 30_000;
/// No wait is shorter, so that bad luck does not hammer a server that is coming up.
const LEAST_MS: u64 = 100;
/// A server may ask for a longer wait, but not for one that outlives what it would still take.
const LONGEST_ASKED: Duration = Duration::from_secs(300);

/// Failures in a row.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after one more failure. `asked` is the server's own wish (`Retry-After`), which is honoured up to five minutes.
    pub fn fail(&mut self, jitter: &dyn Fn(u64) -> u64, asked: Option<Duration>) -> Duration {
        let ceiling = BASE_MS.saturating_mul(1 << self.failures.min(16)).min(CAP_MS);
        self.failures = self.failures.saturating_add(1);
        let drawn = Duration::from_millis(jitter(ceiling + 1).max(LEAST_MS));
        drawn.max(asked.unwrap_or_default().min(LONGEST_ASKED))
    }

    /// Forgets all failures.
    pub fn succeed(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: &dyn Fn(u64) -> u64 = &|below| below - 1;

    #[test]
    fn the_ceiling_doubles_from_one_second_to_thirty() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..40).map(|_| backoff.fail(LONGEST, None).as_secs()).collect();
        assert_eq!(waits[..7], [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(waits[39], 30);
        backoff.succeed();
        assert_eq!(backoff.fail(LONGEST, None).as_secs(), 1);
    }

    #[test]
    fn no_wait_is_shorter_than_a_tenth_of_a_second() {
        assert_eq!(Backoff::default().fail(&|_| 0, None), Duration::from_millis(100));
    }

    #[test]
    fn the_server_may_ask_for_a_longer_wait_within_reason() {
        let wait = |asked| Backoff::default().fail(LONGEST, Some(Duration::from_secs(asked))).as_secs();
        assert_eq!((wait(0), wait(20), wait(1_000_000)), (1, 20, 300));
    }
}
