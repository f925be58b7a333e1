//! `Collector`: the store behind a listening socket.

use crate::Config;
use crate::error::ServeError;
use crate::http::{App, router};
use crate::store::Store;
use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// How long open requests may take to end once a shutdown is asked for.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);
/// How long a connection may stay without a request, its headers included. Longer than the usual upload interval, so
/// that an agent keeps its connection.
const IDLE_LIMIT: Duration = Duration::from_secs(90);
/// How often expired uploads are looked for when nothing comes in.
const RETENTION_INTERVAL: Duration = Duration::from_secs(60);

/// A collector that holds its directory and its port, and serves once told to.
pub struct Collector {
    listener: TcpListener,
    address: SocketAddr,
    store: Arc<Store>,
    config: Config,
}

impl Collector {
    /// Opens the directory and the port; needs a tokio runtime.
    ///
    /// # Errors
    /// The directory is unusable or taken by another collector, or the address cannot be listened on.
    pub async fn bind(config: Config) -> Result<Self, ServeError> {
        let store = Arc::new(Store::open(&config)?);
        let failed = |cause| ServeError::Listen { address: config.listen, cause };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Collector { listener, address, store, config })
    }

    /// Where the collector listens; the port is known even if 0 was asked for.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is done, then lets open requests end (for 5 s at most) and gives the directory back.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) {
        let routes = router(Arc::new(App::new(self.store.clone(), self.config.clone())));
        let open = GracefulShutdown::new();
        let slots = Arc::new(Semaphore::new(self.config.max_connections));
        let mut retention = tokio::time::interval(RETENTION_INTERVAL);
        tokio::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                _ = retention.tick() => self.expire(),
                stream = accept(&self.listener, &slots) => {
                    if let Some((stream, slot)) = stream {
                        serve_connection(stream, slot, routes.clone(), &open);
                    }
                }
            }
        }
        drop(self.listener);
        if tokio::time::timeout(SHUTDOWN_GRACE, open.shutdown()).await.is_err() {
            log::warn!("some requests did not end within {} s of the shutdown", SHUTDOWN_GRACE.as_secs());
        }
    }

    fn expire(&self) {
        let store = self.store.clone();
        tokio::task::spawn_blocking(move || store.enforce_retention());
    }
}

/// Binds and serves until `shutdown` is done.
///
/// # Errors
/// See [`Collector::bind`].
pub async fn serve(config: Config, shutdown: impl Future<Output = ()>) -> Result<(), ServeError> {
    Collector::bind(config).await?.serve(shutdown).await;
    Ok(())
}

/// Like [`serve`], for callers without a runtime: starts one, and calls `ready` with the address before serving.
///
/// # Errors
/// See [`Collector::bind`]; also if threads cannot be started.
pub fn serve_blocking(
    config: Config,
    ready: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("pyrite-collector")
        .enable_all()
        .build()
        .map_err(ServeError::Runtime)?;
    runtime.block_on(async {
        let collector = Collector::bind(config).await?;
        ready(collector.local_addr());
        collector.serve(shutdown).await;
        Ok(())
    })
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let slot = slots.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, slot)),
        Err(error) => {
            // Out of file descriptors, most likely; trying again at once would only burn CPU.
            log::warn!("cannot accept a connection: {error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

/// HTTP/1.1, or HTTP/2 if the client starts with its preface.
fn serve_connection(
    stream: TcpStream,
    slot: tokio::sync::OwnedSemaphorePermit,
    routes: Router,
    open: &GracefulShutdown,
) {
    // Answers are small; waiting to fill packets would only delay them.
    let _ = stream.set_nodelay(true);
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(IDLE_LIMIT);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(IDLE_LIMIT).max_concurrent_streams(32);
    let service = TowerToHyperService::new(routes);
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    let connection = open.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            log::debug!("a connection ended early: {error}");
        }
        drop(slot);
    });
}
