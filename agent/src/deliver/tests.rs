//! Delivery over real sockets: the form of an upload on the wire, and what a thread of its own does at the end.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::log::Level;
use crate::options::{Options, ServerAddress};
use crate::redact::Secret;

mod test_server;

use test_server::{Action, Request, TestServer};

/// A delivery to one address, with its log.
struct Delivery {
    deliverer: Deliverer,
    counters: Arc<DeliverCounters>,
    lines: Arc<Mutex<Vec<(Level, String)>>>,
    threads: Arc<AtomicUsize>,
}

impl Delivery {
    fn to(address: &str) -> Self {
        Self::with(address, |_| ())
    }

    fn with(address: &str, change: impl FnOnce(&mut DeliverPlan)) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = lines.clone();
        let mut plan = DeliverPlan::from_options(&Options::default());
        plan.application_name = "bank-order-service".into();
        plan.server = ServerAddress::parse(address).unwrap();
        plan.request_timeout = Duration::from_secs(5);
        plan.log = Arc::new(move |level, text| sink.lock().unwrap().push((level, text.to_owned())));
        plan.jitter = Arc::new(|_| 0);
        change(&mut plan);
        let (counters, threads) = (Arc::new(DeliverCounters::new()), Arc::new(AtomicUsize::new(0)));
        let started = threads.clone();
        let on_thread_start: OnThreadStart = Arc::new(move || {
            started.fetch_add(1, Ordering::SeqCst);
        });
        let deliverer = Deliverer::start(plan, counters.clone(), on_thread_start).unwrap();
        Self { deliverer, counters, lines, threads }
    }

    fn offer(&self, id: u64) {
        self.deliverer.offer(ChunkUpload {
            jfr: vec![id as u8; 5_000],
            labels: Some(b"labels".to_vec()),
            from_epoch_ns: (1_795_368_199 + id) * 1_000_000_000,
            until_epoch_ns: (1_795_368_201 + id) * 1_000_000_000,
            sample_rate_hz: 100,
        });
    }

    fn get(&self, counter: DeliverCounter) -> u64 {
        self.counters.get(counter)
    }

    /// Waits until the log says `text`; gives the whole line.
    fn line(&self, text: &str) -> String {
        let limit = Instant::now() + Duration::from_secs(20);
        loop {
            let found =
                self.lines.lock().unwrap().iter().map(|(_, line)| line.clone()).find(|line| line.contains(text));
            if let Some(line) = found {
                return line;
            }
            assert!(Instant::now() < limit, "no {text:?} in {:?}", self.lines.lock().unwrap());
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn finish(&self) -> (FinishOutcome, Duration) {
        let start = Instant::now();
        let outcome = self.deliverer.finish(Duration::from_secs(3));
        (outcome, start.elapsed())
    }
}

fn ok(_: &Request) -> Action {
    Action::Answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".into())
}

fn status(line: &'static str) -> impl Fn(&Request) -> Action + Send + Sync {
    move |_| Action::Answer(format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n").into_bytes())
}

const ALL_IN_TIME: Duration = Duration::from_millis(2_900);

/// The heads of the two parts as pyroscope-java 2.9.2 sends them to Pyroscope (recorded from its wire).
const RECORDED_HEADS: [&str; 2] = [
    "Content-Disposition: form-data; name=\"jfr\"; filename=\"jfr\"",
    "Content-Disposition: form-data; name=\"labels\"; filename=\"labels\"\r\nContent-Type: application/x-protobuf",
];

fn gunzip(data: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(data).read_to_end(&mut plain).unwrap();
    plain
}

#[test]
fn an_upload_has_the_form_that_pyroscope_java_gives_it() {
    let server = TestServer::start(ok);
    let delivery = Delivery::with(&format!("{}/tenant/", server.address), |plan| {
        plan.labels = BTreeMap::from([("region".into(), "eu".into()), ("env".into(), "production".into())]);
        plan.authorization = Authorization::Basic { user: "u".into(), password: Secret::new("p") };
        plan.tenant_id = Some("bank".into());
        plan.http_headers.insert("X-Team".into(), Secret::new("payments"));
    });
    delivery.offer(0);
    let (outcome, _) = delivery.finish();
    assert_eq!(outcome, FinishOutcome { delivered: 1, dropped: 0 });
    let request = server.requests().remove(0);
    assert_eq!(
        request.line,
        "POST /tenant/ingest?name=bank-order-service%7Benv%3Dproduction%2Cregion%3Deu%7D&units=samples&aggregationType=sum\
         &from=1795368199&until=1795368201&spyName=javaspy&sampleRate=100&format=jfr HTTP/1.1"
    );
    assert_eq!(request.header("authorization"), Some("Basic dTpw"));
    assert_eq!((request.header("x-scope-orgid"), request.header("x-team")), (Some("bank"), Some("payments")));
    assert_eq!(request.header("content-encoding"), None);
    assert_eq!(request.header("content-length"), Some(request.body.len().to_string().as_str()));
    let parts = request.parts();
    assert_eq!(parts.iter().map(|(head, _)| head.as_str()).collect::<Vec<_>>(), RECORDED_HEADS);
    assert_eq!(gunzip(&parts[0].1), vec![0; 5_000]);
    assert_eq!(gunzip(&parts[1].1), b"labels");
    assert_eq!(delivery.get(DeliverCounter::BytesDelivered), (parts[0].1.len() + parts[1].1.len()) as u64);
}

#[test]
fn one_connection_serves_many_uploads() {
    let server = TestServer::start(ok);
    let delivery = Delivery::to(&server.address);
    for id in 0..5 {
        delivery.offer(id);
        let limit = Instant::now() + Duration::from_secs(10);
        while delivery.get(DeliverCounter::Delivered) <= id && Instant::now() < limit {
            thread::sleep(Duration::from_millis(2));
        }
    }
    let (outcome, took) = delivery.finish();
    assert_eq!(
        (outcome, server.requests().len(), server.connections()),
        (FinishOutcome { delivered: 0, dropped: 0 }, 5, 1)
    );
    assert!(took < Duration::from_millis(500), "{took:?}");
}

#[test]
fn a_refused_connection_is_said_and_survived() {
    let address = TestServer::free_address();
    let delivery = Delivery::to(&address);
    delivery.offer(1);
    assert!(delivery.line("failed").contains("Connection refused"));
    let server = TestServer::start_at(&address, ok);
    delivery.offer(2);
    assert!(delivery.line("is back").ends_with("2 profiles delivered, 0 dropped"));
    assert_eq!((server.requests().len(), delivery.get(DeliverCounter::Delivered)), (2, 2));
}

#[test]
fn a_server_that_resets_is_tried_again() {
    let count = AtomicUsize::new(0);
    let server = TestServer::start(move |request| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Action::Close,
        1 => Action::Answer(b"HTTP/1.1 200 OK\r\nContent-".to_vec()),
        2 => Action::Answer(b"\x16\x03\x01 garbage\r\n\r\n".to_vec()),
        _ => ok(request),
    });
    let delivery = Delivery::to(&server.address);
    delivery.offer(1);
    delivery.line("is back");
    assert_eq!((delivery.get(DeliverCounter::Delivered), delivery.get(DeliverCounter::FailedAttempts)), (1, 3));
}

#[test]
fn the_body_of_an_answer_is_read_to_a_bound() {
    let body = "x".repeat(1 << 20);
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let server = TestServer::start(move |_| Action::Answer(answer.clone().into_bytes()));
    let delivery = Delivery::to(&server.address);
    delivery.offer(1);
    assert_eq!(delivery.finish().0.delivered, 1);
}

#[test]
fn a_redirect_is_not_followed() {
    for status in ["302 Found", "307 Temporary Redirect"] {
        let elsewhere = TestServer::start(ok);
        let target = format!("{}/ingest", elsewhere.address);
        let answer = format!("HTTP/1.1 {status}\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n");
        let server = TestServer::start(move |_| Action::Answer(answer.clone().into_bytes()));
        let delivery = Delivery::to(&server.address);
        delivery.offer(1);
        let line = delivery.line("refused a profile");
        assert!(line.contains(&format!("redirects to {target}, which is not followed")), "{line}");
        assert_eq!(elsewhere.requests().len(), 0);
    }
}

#[test]
fn a_server_that_never_answers_costs_the_request_timeout() {
    let server = TestServer::start(|_| Action::Hang);
    let delivery = Delivery::with(&server.address, |plan| plan.request_timeout = Duration::from_millis(300));
    delivery.offer(1);
    assert!(delivery.line("failed").contains("no answer within 300ms"));
    let (outcome, took) = delivery.finish();
    assert_eq!(outcome.dropped, 1);
    assert!(took < Duration::from_secs(1), "known to be away, so no wait: {took:?}");
}

#[test]
fn the_end_waits_for_a_slow_server_but_not_beyond_the_deadline() {
    let server = TestServer::start(|_| Action::Hang);
    let delivery = Delivery::to(&server.address);
    delivery.offer(1);
    let start = Instant::now();
    let outcome = delivery.deliverer.finish(Duration::from_millis(400));
    let took = start.elapsed();
    assert_eq!(outcome, FinishOutcome { delivered: 0, dropped: 1 });
    assert!((Duration::from_millis(350)..Duration::from_millis(1_500)).contains(&took), "{took:?}");
    let again = delivery.deliverer.finish(Duration::from_secs(9));
    assert_eq!(again, FinishOutcome { delivered: 0, dropped: 0 });
}

#[test]
fn the_end_is_immediate_when_idle_and_when_the_server_is_dead() {
    let idle = Delivery::to("http://127.0.0.1:1");
    let (outcome, took) = idle.finish();
    assert_eq!(outcome, FinishOutcome { delivered: 0, dropped: 0 });
    assert!(took < Duration::from_millis(500), "{took:?}");
    let dead = Delivery::to(&TestServer::free_address());
    dead.offer(1);
    dead.line("failed");
    dead.offer(2);
    let (outcome, took) = dead.finish();
    assert_eq!(outcome, FinishOutcome { delivered: 0, dropped: 2 });
    assert!(took < Duration::from_millis(500), "{took:?}");
}

#[test]
fn every_thread_is_announced_and_names_are_looked_up_on_one() {
    let server = TestServer::start(ok);
    let delivery = Delivery::to(&server.address.replace("127.0.0.1", "localhost"));
    delivery.offer(1);
    let (outcome, took) = delivery.finish();
    assert_eq!((outcome.delivered, delivery.threads.load(Ordering::SeqCst)), (1, 2));
    assert!(took < ALL_IN_TIME, "{took:?}");
}

#[test]
fn a_name_that_does_not_exist_is_a_failure_like_any_other() {
    let delivery = Delivery::to("http://no-such-host.invalid:4040");
    delivery.offer(1);
    let line = delivery.line("failed");
    assert!(line.contains("http://no-such-host.invalid:4040") && line.contains("lookup"), "{line}");
}

#[test]
fn tls_with_a_server_that_speaks_none_is_a_failure_like_any_other() {
    let server = TestServer::start(status("400 Bad Request"));
    let delivery = Delivery::to(&server.address.replace("http://", "https://user:s3cret@"));
    delivery.offer(1);
    let line = delivery.line("failed");
    assert!(line.contains("https://***@127.0.0.1") && !line.contains("s3cret"), "{line}");
}

/// Does nothing by itself: the next test runs it as a process with other variables.
#[test]
fn child_delivers_one_chunk_through_a_proxy() {
    let Ok(address) = std::env::var("PYRITE_TEST_DELIVER_TO") else {
        return;
    };
    let delivery = Delivery::to(&address);
    delivery.offer(1);
    assert_eq!(delivery.finish().0.delivered, 1, "{:?}", delivery.lines.lock().unwrap());
}

#[test]
fn the_proxy_of_the_environment_is_used_and_no_proxy_honoured() {
    let (proxy, server) = (TestServer::start(ok), TestServer::start(ok));
    let run = |name: &str, no_proxy: &str| {
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "deliver::tests::child_delivers_one_chunk_through_a_proxy"])
            .envs([("PYRITE_TEST_DELIVER_TO", server.address.as_str()), (name, &proxy.address), ("NO_PROXY", no_proxy)])
            .output()
            .unwrap();
        assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stdout));
    };
    run("http_proxy", "");
    assert_eq!((proxy.requests().len(), server.requests().len()), (1, 0));
    assert!(proxy.requests()[0].line.starts_with(&format!("POST {}/ingest?", server.address)));
    run("http_proxy", "127.0.0.1");
    assert_eq!((proxy.requests().len(), server.requests().len()), (1, 1));
}
