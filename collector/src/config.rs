//! What the collector is told at start, with a default for everything but the directory.

use crate::store::{Disk, LocalDisk};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The source of "now", injected so that recorded uploads can be replayed at the time they were made.
pub trait Clock: Send + Sync {
    /// Nanoseconds since the Unix epoch.
    fn now_ns(&self) -> i64;
}

/// The system's real-time clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ns(&self) -> i64 {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(elapsed.as_nanos()).unwrap_or(i64::MAX)
    }
}

/// Everything the collector can be told. Start from [`Config::new`] and change fields.
#[derive(Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one, see [`crate::Collector::local_addr`].
    pub listen: SocketAddr,
    /// The directory that holds the uploads. Created if missing, owned by one process at a time.
    pub data_dir: PathBuf,
    /// Uploads whose profile time is older than this are deleted.
    pub retention_age: Duration,
    /// The oldest uploads are deleted while all of them together take more than this.
    pub retention_bytes: u64,
    /// The largest request body that `/ingest` accepts.
    pub max_body_bytes: usize,
    /// The most that one part of an upload may take once decompressed.
    pub max_decompressed_bytes: usize,
    /// The most series that one upload may hold (profile types times label sets).
    pub max_series: usize,
    /// Memory for parsed uploads that are kept for the next query.
    pub cache_bytes: usize,
    /// How far back the time of an upload may lie; Pyroscope's default is 1 h.
    pub ingest_past: Duration,
    /// How far ahead the time of an upload may lie; Pyroscope's default is 10 min.
    pub ingest_future: Duration,
    /// The longest that one request may take, its body included.
    pub request_timeout: Duration,
    /// The most connections held open at once; further ones wait to be accepted.
    pub max_connections: usize,
    /// Where "now" comes from.
    pub clock: Arc<dyn Clock>,
    /// Where files are written; a test can put a full disk here.
    pub disk: Arc<dyn Disk>,
}

impl Config {
    /// The defaults: 7 days and 2 GiB kept, 32 MiB bodies, 128 MiB of cache, Pyroscope's ingestion window.
    pub fn new(listen: SocketAddr, data_dir: impl Into<PathBuf>) -> Self {
        const HOUR: Duration = Duration::from_secs(3600);
        Config {
            listen,
            data_dir: data_dir.into(),
            retention_age: HOUR * 24 * 7,
            retention_bytes: 2 << 30,
            max_body_bytes: 32 << 20,
            max_decompressed_bytes: 64 << 20,
            max_series: 5_000,
            cache_bytes: 128 << 20,
            ingest_past: HOUR,
            ingest_future: Duration::from_secs(600),
            request_timeout: Duration::from_secs(60),
            max_connections: 512,
            clock: Arc::new(SystemClock),
            disk: Arc::new(LocalDisk),
        }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Config")
            .field("listen", &self.listen)
            .field("data_dir", &self.data_dir)
            .field("retention_age", &self.retention_age)
            .field("retention_bytes", &self.retention_bytes)
            .finish_non_exhaustive()
    }
}
