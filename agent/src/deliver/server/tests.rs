//! The log lines of an outage.

use super::*;
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Lines = Arc<Mutex<Vec<(Level, String)>>>;

fn server() -> (Server, Lines) {
    let lines = Lines::default();
    let sink = lines.clone();
    let log: Sink = Arc::new(move |level, text| sink.lock().unwrap().push((level, text.to_owned())));
    (Server::new("http://h".into(), log), lines)
}

fn account(delivered: u64, lost: u64) -> Account {
    Account { delivered, lost }
}

#[test]
fn an_outage_is_two_lines_however_long() {
    let (mut server, lines) = server();
    let start = Instant::now();
    server.failed("refused", true, start, account(5, 1));
    for _ in 0..100 {
        server.failed("refused", true, start, account(5, 1));
    }
    assert!(server.is_unreachable());
    server.caught_up(start, account(5, 9));
    server.delivered();
    assert!(!server.is_unreachable());
    server.failed("reset", true, start, account(6, 9));
    server.delivered();
    server.caught_up(start + Duration::from_secs(61), account(36, 11));
    server.caught_up(start + Duration::from_secs(62), account(36, 11));
    let said: Vec<_> = lines.lock().unwrap().iter().filter(|(level, _)| *level < Level::Debug).cloned().collect();
    assert_eq!(
        said,
        [
            (
                Level::Warn,
                "upload to http://h failed: refused; profiles are kept and sent when it succeeds again".to_owned()
            ),
            (Level::Info, "http://h is back after 1m 1s: 31 profiles delivered, 10 dropped".to_owned()),
        ]
    );
}

#[test]
fn the_first_delivery_is_said_and_a_refusal_once_for_each_status() {
    let (mut server, lines) = server();
    for _ in 0..3 {
        server.delivered();
        server.refused(422, "status 422");
        server.refused(401, "status 401");
    }
    let said: Vec<_> = lines.lock().unwrap().iter().map(|(level, _)| *level).collect();
    assert_eq!(said[..3], [Level::Info, Level::Warn, Level::Warn]);
    assert!(said[3..].iter().all(|level| *level == Level::Debug));
}
