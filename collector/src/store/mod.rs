//! Uploads on disk: one file each, an index in memory, a cache of parsed ones.
//!
//! Durability: a file is written beside its place, synced, renamed into it, and its directory is synced, before the
//! upload is answered with 200. A crash leaves either the whole upload or a temporary file that the next start removes.

mod cache;
mod data_dir;
mod disk;
mod file;
mod index;
mod scan;
mod store_error;

use cache::Cache;
pub(crate) use data_dir::DataDir;
pub use disk::{Disk, DiskFile, LocalDisk};
pub(crate) use file::NewUpload;
use index::Index;
pub(crate) use index::Upload;
pub(crate) use store_error::StoreError;

use crate::convert;
use crate::error::ServeError;
use crate::model::{Profile, SeriesKey};
use crate::query::TimeRange;
use crate::{Clock, Config};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::ScopedJoinHandle;

/// Everything that the collector holds.
pub(crate) struct Store {
    dir: DataDir,
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    limits: convert::Limits,
    retention_ns: i64,
    retention_bytes: u64,
    index: RwLock<Index>,
    cache: Mutex<Cache>,
    /// The next upload's number. Held while an upload is written: one at a time, so that a repeated upload is seen.
    next_id: Mutex<u64>,
}

impl Store {
    /// Takes the directory for this process and reads the index of what it holds. Unreadable files are left where
    /// they are and named in the log.
    pub fn open(config: &Config) -> Result<Self, ServeError> {
        let dir = DataDir::open(&config.data_dir)?;
        let scanned = scan::scan(&dir)?;
        let store = Store {
            disk: config.disk.clone(),
            clock: config.clock.clone(),
            limits: convert::Limits::from(config),
            retention_ns: i64::try_from(config.retention_age.as_nanos()).unwrap_or(i64::MAX),
            retention_bytes: config.retention_bytes,
            cache: Mutex::new(Cache::new(config.cache_bytes)),
            next_id: Mutex::new(scanned.next_id),
            index: RwLock::new(scanned.index),
            dir,
        };
        store.enforce_retention();
        Ok(store)
    }

    /// Writes an upload. One that is held already, byte for byte and label for label, is a sender's second try after
    /// an answer that got lost: it is answered like the first and not counted twice.
    pub fn put(&self, new: &NewUpload, profile: Profile) -> Result<(), StoreError> {
        let mut next_id = lock(&self.next_id);
        if self.read_index(|index| index.holds(new.from_ns, new.fingerprint())) {
            return Ok(());
        }
        let encoded = file::encode(new, &profile);
        let relative = DataDir::upload_path(&new.app, new.from_ns, *next_id);
        self.dir.write(&*self.disk, &relative, &encoded.bytes)?;
        let size_bytes = encoded.bytes.len() as u64;
        let upload = self.write_index(|index| index.insert(*next_id, relative, &encoded.header, size_bytes));
        *next_id += 1;
        lock(&self.cache).put(upload.id, Arc::new(profile));
        drop(next_id);
        self.enforce_retention();
        Ok(())
    }

    /// The uploads whose time lies in `range`, oldest first.
    pub fn uploads(&self, range: TimeRange) -> Vec<Arc<Upload>> {
        self.read_index(|index| index.range(range))
    }

    /// The different series of a range.
    pub fn series(&self, range: TimeRange) -> Vec<Arc<SeriesKey>> {
        self.read_index(|index| index.series(range))
    }

    /// The times of the oldest and the newest upload in milliseconds, if there is any.
    pub fn bounds_ms(&self) -> Option<(i64, i64)> {
        self.read_index(Index::bounds_ms)
    }

    /// The parsed form of an upload; nothing if its file is gone or damaged, which is logged once.
    pub fn profile(&self, upload: &Upload) -> Result<Option<Arc<Profile>>, StoreError> {
        if let Some(profile) = lock(&self.cache).get(upload.id) {
            return Ok(Some(profile));
        }
        if upload.is_damaged() {
            return Ok(None);
        }
        let path = self.dir.absolute(&upload.path);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            // Retention may delete a file between the look into the index and this read.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(StoreError::Read { path, cause }),
        };
        match self.parse(&bytes) {
            Ok(profile) => {
                let profile = Arc::new(profile);
                lock(&self.cache).put(upload.id, profile.clone());
                Ok(Some(profile))
            }
            Err(reason) => {
                upload.mark_damaged();
                log::warn!("{} is damaged and left out of answers: {reason}", path.display());
                Ok(None)
            }
        }
    }

    /// How many uploads are best asked for at once. Few, because each is held in memory until it is merged.
    pub fn parallelism(&self) -> usize {
        const MOST: usize = 4;
        std::thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST))
    }

    /// The parsed forms of some uploads in their order; those that are not in memory are read side by side.
    pub fn profiles(&self, uploads: &[Arc<Upload>]) -> Vec<Result<Option<Arc<Profile>>, StoreError>> {
        let cached: Vec<_> = uploads.iter().map(|upload| lock(&self.cache).get(upload.id)).collect();
        if cached.iter().filter(|profile| profile.is_none()).count() <= 1 {
            return uploads.iter().map(|upload| self.profile(upload)).collect();
        }
        std::thread::scope(|scope| {
            let read = |(upload, cached): (&'_ Arc<Upload>, Option<Arc<Profile>>)| match cached {
                Some(profile) => Reading::Done(profile),
                None => {
                    let upload = upload.clone();
                    Reading::Started(scope.spawn(move || self.profile(&upload)))
                }
            };
            let readings: Vec<_> = uploads.iter().zip(cached).map(read).collect();
            readings.into_iter().map(Reading::wait).collect()
        })
    }

    /// Deletes what is too old or too much, oldest first.
    pub fn enforce_retention(&self) {
        let oldest_ns = self.clock.now_ns().saturating_sub(self.retention_ns);
        let expired = self.write_index(|index| index.expire(oldest_ns, self.retention_bytes));
        for upload in &expired {
            lock(&self.cache).remove(upload.id);
            self.delete(&self.dir.absolute(&upload.path));
        }
        if !expired.is_empty() {
            log::info!("retention: deleted {} uploads", expired.len());
        }
    }

    fn delete(&self, path: &Path) {
        if let Err(error) = std::fs::remove_file(path) {
            log::warn!("retention: cannot delete {}: {error}", path.display());
        }
    }

    fn parse(&self, bytes: &[u8]) -> Result<Profile, String> {
        let stored = file::decode(bytes).map_err(|error| error.to_string())?;
        let source = convert::Source {
            recording: stored.recording,
            label_snapshot: stored.label_snapshot,
            labels: &stored.header.labels,
            sample_rate_hz: stored.header.sample_rate_hz,
        };
        convert::convert(&source, &self.limits).map_err(|error| error.to_string())
    }

    fn read_index<T>(&self, read: impl FnOnce(&Index) -> T) -> T {
        read(&self.index.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write_index<T>(&self, write: impl FnOnce(&mut Index) -> T) -> T {
        write(&mut self.index.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A profile that was in memory, or the thread that reads it.
enum Reading<'scope> {
    Done(Arc<Profile>),
    Started(ScopedJoinHandle<'scope, Result<Option<Arc<Profile>>, StoreError>>),
}

impl Reading<'_> {
    fn wait(self) -> Result<Option<Arc<Profile>>, StoreError> {
        match self {
            Reading::Done(profile) => Ok(Some(profile)),
            Reading::Started(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        }
    }
}

/// A panic in another request does not make the data behind a lock wrong: every change is a single call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
