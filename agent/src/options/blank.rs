//! The struct that the table's defaults are written into.

use std::collections::BTreeMap;

use crate::log::Level;

use super::server_address::ServerAddress;
use super::{EngineName, Format, LockJuc, OPTIONS, Options, TestHandler, ThreadNames};

impl Default for Options {
    /// The defaults of the table; the application name is empty.
    fn default() -> Self {
        let mut options = blank();
        for spec in OPTIONS.iter().filter(|spec| !spec.default.is_empty()) {
            // A test of the table proves that every default is legal.
            let _ = (spec.set)(&mut options, spec.default);
        }
        options
    }
}

/// Nothing that has a default in the table keeps what is written here.
fn blank() -> Options {
    Options {
        agent_enabled: false,
        application_name: String::new(),
        server_address: ServerAddress::default(),
        labels: BTreeMap::new(),
        log_level: Level::Off,
        event: EngineName::Lock,
        interval_ns: 0,
        wall_interval_ns: None,
        alloc_interval_bytes: None,
        alloc_max_rate_hz: 0,
        alloc_live: false,
        lock_threshold_ns: None,
        lock_juc: LockJuc::Block,
        thread_names: ThreadNames::Off,
        stack_depth_max: 0,
        upload_interval_ns: 0,
        export_timeout_ns: 0,
        shutdown_timeout_ns: 0,
        ingest_max_tries: None,
        queue_bytes: 0,
        queue_capacity: None,
        compression_level_jfr: 0,
        compression_level_labels: 0,
        format: Format::Jfr,
        spool_dir: None,
        control_file: None,
        auth_token: None,
        auth_token_file: None,
        basic_auth_user: None,
        basic_auth_password: None,
        tenant_id: None,
        http_headers: BTreeMap::new(),
        tls_ca_file: None,
        tls_cert_file: None,
        tls_key_file: None,
        tls_insecure: false,
        test_handler: TestHandler::Normal,
        test_signal_storm_ns: None,
    }
}
