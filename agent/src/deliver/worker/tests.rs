//! The loop against scripted servers, in simulated time.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Mutex;

use futures_util::FutureExt;
use proptest::prelude::*;
use url::Url;

use super::*;
use crate::deliver::form::Part;
use crate::options::Options;

/// What a scripted server does with one attempt.
#[derive(Clone, Debug)]
enum Step {
    /// Answers at once.
    Answer(Reply),
    /// Connects and answers after a while.
    Slow(Duration, u16),
    /// Refuses the connection.
    Refuse,
    /// Never lets a connection stand.
    BlackHole,
    /// Connects and stays silent.
    Silence,
    /// Our own code fails.
    Panic,
}

fn answer(status: u16) -> Step {
    Step::Answer(Reply { status, ..Reply::default() })
}

/// One attempt as the server saw it.
#[derive(Clone, Debug)]
struct Attempt {
    at: Duration,
    /// Start of the chunk, seconds since 1970: its identity in these tests.
    from_s: u64,
}

struct Script {
    start: Instant,
    seen: Mutex<Vec<Attempt>>,
    step: Box<dyn Fn(usize, Duration) -> Step>,
}

impl Transport for Script {
    async fn send(&self, url: Url, _: Vec<Part>, connected: Arc<AtomicBool>) -> Result<Reply, SendError> {
        let at = self.start.elapsed();
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let number = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(Attempt { at, from_s: query["from"].parse().unwrap() });
            seen.len()
        };
        let step = (self.step)(number, at);
        connected.store(!matches!(step, Step::Refuse | Step::BlackHole), Ordering::Relaxed);
        match step {
            Step::Answer(reply) => Ok(reply),
            Step::Slow(wait, status) => {
                tokio::time::sleep(wait).await;
                Ok(Reply { status, ..Reply::default() })
            }
            Step::Refuse => Err(SendError { before_connected: true, reason: "Connection refused".to_owned() }),
            Step::BlackHole | Step::Silence => std::future::pending().await,
            Step::Panic => panic!("scripted"),
        }
    }
}

/// One simulated run: the application's side, and afterwards what came of it.
struct Simulation {
    shared: Arc<Shared>,
    counters: Arc<DeliverCounters>,
    script: Arc<Script>,
    lines: Arc<Mutex<Vec<(Level, String)>>>,
}

impl Simulation {
    fn offer(&self, id: u64) {
        self.offer_of(id, 1_000);
    }

    /// Offers a chunk that will not shrink, of one second's length.
    fn offer_of(&self, id: u64, bytes: usize) {
        let from_epoch_ns = id * 1_000_000_000;
        let until_epoch_ns = from_epoch_ns + 1_000_000_000;
        self.counters.add(Counter::Offered, 1);
        let chunk =
            ChunkUpload { jfr: vec![0; bytes], labels: None, from_epoch_ns, until_epoch_ns, sample_rate_hz: 100 };
        let offered = self.shared.offer(chunk, 1 << 30);
        self.counters.add(Counter::DroppedAtExit, offered.dropped_at_exit);
    }

    fn seen(&self) -> Vec<Attempt> {
        self.script.seen.lock().unwrap().clone()
    }

    fn order(&self) -> Vec<u64> {
        self.seen().iter().map(|attempt| attempt.from_s).collect()
    }

    fn get(&self, counter: Counter) -> u64 {
        self.counters.get(counter)
    }

    /// Lines that a user sees at the default level.
    fn lines(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        lines.iter().filter(|(level, _)| *level < Level::Debug).map(|(_, text)| text.clone()).collect()
    }
}

async fn seconds(count: u64) {
    tokio::time::sleep(Duration::from_secs(count)).await;
}

/// Runs the loop beside `application` until the end is asked for, three seconds after it returns at the latest. Gives the time that the
/// end took, too.
fn simulate(
    change: impl FnOnce(&mut DeliverPlan),
    step: impl Fn(usize, Duration) -> Step + 'static,
    application: impl AsyncFnOnce(&Simulation),
) -> (Simulation, Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let _entered = runtime.enter();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = lines.clone();
    let mut plan = DeliverPlan::from_options(&Options::default());
    plan.compression_level_jfr = 0;
    plan.log = Arc::new(move |level, text| sink.lock().unwrap().push((level, text.to_owned())));
    plan.jitter = Arc::new(|below| below.saturating_sub(1));
    change(&mut plan);
    let script = Script { start: Instant::now(), seen: Mutex::default(), step: Box::new(step) };
    let (shared, counters) = (Arc::new(Shared::default()), Arc::new(DeliverCounters::new()));
    let mut worker = Worker::new(plan, script, shared.clone(), counters.clone());
    let simulation = Simulation { shared, counters, script: worker.transport.clone(), lines };
    let took = runtime.block_on(async {
        let application = async {
            application(&simulation).await;
            simulation.shared.finish(Duration::from_secs(3));
            Instant::now()
        };
        let (ended, asked) = tokio::join!(through_panics(&mut worker), application);
        ended.saturating_duration_since(asked)
    });
    drop(worker);
    (simulation, took)
}

async fn through_panics(worker: &mut Worker<Script>) -> Instant {
    loop {
        let outcome = AssertUnwindSafe(worker.run()).catch_unwind().await;
        match outcome {
            Ok(()) => return Instant::now(),
            Err(panic) => worker.after_panic(panic.downcast_ref::<&str>().unwrap_or(&"?")),
        }
    }
}

/// Every chunk has one fate.
fn check_account(simulation: &Simulation) {
    let get = |counter| simulation.get(counter);
    assert_eq!(get(Counter::Offered), get(Counter::Delivered) + simulation.counters.lost());
    assert_eq!((get(Counter::QueueBytes), get(Counter::QueueChunks)), (0, 0));
}

#[test]
fn ten_minutes_of_outage_cost_what_the_bound_says_and_few_lines() {
    const DOWN: Duration = Duration::from_secs(600);
    let (simulation, _) = simulate(
        |plan| plan.queue_bytes = 100_000,
        |_, at| if at < DOWN { Step::Refuse } else { answer(200) },
        async |simulation| {
            for id in 1..=700 {
                simulation.offer(id);
                seconds(1).await;
                assert!(simulation.get(Counter::QueueBytes) <= 100_000);
            }
        },
    );
    check_account(&simulation);
    let delivered: Vec<u64> = simulation.seen().iter().filter(|seen| seen.at >= DOWN).map(|seen| seen.from_s).collect();
    assert_eq!(delivered.len() as u64, simulation.get(Counter::Delivered));
    let newest_first: Vec<u64> = delivered.iter().copied().take(100).collect();
    assert!(newest_first.is_sorted_by(|a, b| a > b), "{newest_first:?}");
    let lost = simulation.get(Counter::DroppedFull);
    assert_eq!(lost, simulation.counters.lost());
    assert_eq!(newest_first[99], lost + 1, "all that the bound holds arrives");
    let lines = simulation.lines();
    assert_eq!(lines.len(), 3, "{lines:#?}");
    assert!(
        lines[2].contains("is back after 10m")
            && lines[2].ends_with(&format!("100 profiles delivered, {lost} dropped")),
        "{lines:#?}"
    );
}

#[test]
fn a_server_error_is_tried_again_with_growing_waits() {
    let (simulation, _) = simulate(
        |_| (),
        |number, _| answer(if number < 4 { 500 } else { 200 }),
        async |simulation| {
            simulation.offer(1);
            seconds(60).await;
        },
    );
    check_account(&simulation);
    let at: Vec<u64> = simulation.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(at, [0, 1, 3, 7]);
    assert_eq!((simulation.get(Counter::Delivered), simulation.get(Counter::FailedAttempts)), (1, 3));
    assert_eq!(simulation.get(Counter::BytesDelivered), 1_000);
}

#[test]
fn a_success_shortens_the_next_wait_again() {
    let step = |number, _| answer(if number == 3 { 200 } else { 500 });
    let (simulation, _) = simulate(
        |_| (),
        step,
        async |simulation| {
            simulation.offer(1);
            seconds(5).await;
            simulation.offer(2);
            seconds(2).await;
        },
    );
    let at: Vec<u64> = simulation.seen().iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(at[..5], [0, 1, 3, 5, 6]);
}

#[test]
fn retry_after_is_honoured() {
    let busy = Reply { status: 429, retry_after: Some("17".into()), ..Reply::default() };
    let step = move |number, _| {
        if number == 1 { Step::Answer(busy.clone()) } else { answer(200) }
    };
    let (simulation, _) = simulate(
        |_| (),
        step,
        async |simulation| {
            simulation.offer(1);
            seconds(60).await;
        },
    );
    assert_eq!(simulation.seen()[1].at.as_secs(), 17);
}

#[test]
fn a_refusal_is_final_and_said_once() {
    let (simulation, _) = simulate(
        |_| (),
        |_, _| answer(422),
        async |simulation| {
            for id in 1..=5 {
                simulation.offer(id);
                seconds(10).await;
            }
        },
    );
    check_account(&simulation);
    assert_eq!(simulation.order(), [1, 2, 3, 4, 5]);
    assert_eq!(simulation.get(Counter::Refused), 5);
    assert_eq!(simulation.lines().len(), 1, "{:?}", simulation.lines());
}

#[test]
fn a_chunk_is_sent_at_most_as_often_as_allowed() {
    let (simulation, _) = simulate(
        |plan| plan.max_tries = Some(3),
        |_, _| answer(503),
        async |simulation| {
            simulation.offer(1);
            seconds(600).await;
        },
    );
    check_account(&simulation);
    assert_eq!((simulation.order().len(), simulation.get(Counter::DroppedTries)), (3, 1));
}

#[test]
fn failures_to_connect_do_not_use_up_tries() {
    let step = |number, _| {
        if number <= 20 { Step::Refuse } else { answer(200) }
    };
    let (simulation, _) = simulate(
        |plan| plan.max_tries = Some(3),
        step,
        async |simulation| {
            simulation.offer(1);
            seconds(1_000).await;
        },
    );
    assert_eq!(simulation.get(Counter::Delivered), 1);
}

#[test]
fn nothing_older_than_an_hour_is_sent() {
    let step = |_, at: Duration| {
        if at.as_secs() < 7_200 { Step::Refuse } else { answer(200) }
    };
    let (simulation, _) = simulate(
        |_| (),
        step,
        async |simulation| {
            for id in 0..750 {
                simulation.offer(id * 10);
                seconds(10).await;
            }
        },
    );
    check_account(&simulation);
    // A chunk of this test covers the second before its offer, and a chunk is named by its start.
    for seen in simulation.seen() {
        assert!(seen.at.as_secs() < seen.from_s + 3_600, "{seen:?}");
    }
    let (delivered, old) = (simulation.get(Counter::Delivered), simulation.get(Counter::DroppedOld));
    assert_eq!(delivered + old, 750);
    assert!((355..=420).contains(&delivered), "{delivered}");
}

#[test]
fn chunks_are_taken_in_while_one_is_in_flight() {
    let (simulation, _) = simulate(
        |_| (),
        |_, _| Step::Slow(Duration::from_secs(5), 200),
        async |simulation| {
            simulation.offer(1);
            seconds(1).await;
            simulation.offer(2);
            simulation.offer(3);
            seconds(1).await;
            assert_eq!(simulation.get(Counter::QueueChunks), 3);
            seconds(60).await;
        },
    );
    assert_eq!(simulation.order(), [1, 3, 2]);
    assert_eq!(simulation.lines().len(), 1, "the first delivery: {:?}", simulation.lines());
}

#[test]
fn the_end_is_immediate_when_nothing_is_left() {
    let (simulation, took) = simulate(
        |_| (),
        |_, _| answer(200),
        async |simulation| {
            simulation.offer(1);
            seconds(10).await;
        },
    );
    assert_eq!((took, simulation.get(Counter::Delivered)), (Duration::ZERO, 1));
    let (simulation, took) = simulate(|_| (), |_, _| answer(200), async |_| ());
    assert_eq!((took, simulation.lines().len()), (Duration::ZERO, 0));
}

#[test]
fn the_end_is_immediate_when_the_server_is_known_to_be_away() {
    let (simulation, took) = simulate(
        |_| (),
        |_, _| Step::Refuse,
        async |simulation| {
            simulation.offer(1);
            seconds(100).await;
            simulation.offer(2);
        },
    );
    check_account(&simulation);
    assert_eq!(took, Duration::ZERO);
    assert_eq!(simulation.get(Counter::DroppedAtExit), 2);
    assert!(simulation.lines().last().unwrap().starts_with("2 profile(s) could not be delivered"));
}

#[test]
fn the_last_chunks_are_delivered_at_the_end() {
    let (simulation, took) = simulate(
        |_| (),
        |_, _| Step::Slow(Duration::from_millis(200), 200),
        async |simulation| {
            (1..=3).for_each(|id| simulation.offer(id));
        },
    );
    assert_eq!(took, Duration::from_millis(600));
    assert_eq!((simulation.order(), simulation.get(Counter::Delivered)), (vec![3, 2, 1], 3));
}

#[test]
fn the_end_interrupts_a_back_off() {
    let step = |number, at: Duration| answer(if number < 9 && at.as_secs() < 100 { 503 } else { 200 });
    let (simulation, took) = simulate(
        |plan| plan.max_tries = None,
        step,
        async |simulation| {
            simulation.offer(1);
            seconds(100).await;
            simulation.offer(2);
        },
    );
    assert_eq!((took, simulation.get(Counter::Delivered)), (Duration::ZERO, 2));
}

#[test]
fn a_failure_at_the_end_is_the_last_attempt() {
    let (simulation, took) = simulate(
        |_| (),
        |_, _| answer(503),
        async |simulation| {
            (1..=3).for_each(|id| simulation.offer(id));
        },
    );
    check_account(&simulation);
    assert_eq!((took, simulation.order().len(), simulation.get(Counter::DroppedAtExit)), (Duration::ZERO, 1, 3));
    assert!(!simulation.lines().iter().any(|line| line.contains("profiles are kept")), "{:?}", simulation.lines());
}

#[test]
fn at_the_end_a_connection_gets_a_moment_and_an_answer_the_deadline() {
    for (step, limit_ms) in [(Step::BlackHole, 250), (Step::Silence, 3_000)] {
        for in_flight_before in [false, true] {
            let step = step.clone();
            let (simulation, took) = simulate(
                |_| (),
                move |_, _| step.clone(),
                async |simulation| {
                    simulation.offer(1);
                    seconds(u64::from(in_flight_before)).await;
                },
            );
            check_account(&simulation);
            assert_eq!(took, Duration::from_millis(limit_ms), "in flight before: {in_flight_before}");
            assert_eq!(simulation.get(Counter::DroppedAtExit), 1);
        }
    }
}

#[test]
fn what_comes_after_the_end_is_counted() {
    let (simulation, _) = simulate(
        |_| (),
        |_, _| answer(200),
        async |simulation| {
            simulation.shared.finish(Duration::ZERO);
            simulation.offer(1);
        },
    );
    check_account(&simulation);
    assert_eq!(simulation.get(Counter::DroppedAtExit), 1);
}

#[test]
fn a_panic_costs_one_chunk_and_one_line() {
    let step = |number, _| {
        if number % 2 == 1 { Step::Panic } else { answer(200) }
    };
    let (simulation, _) = simulate(
        |_| (),
        step,
        async |simulation| {
            for id in 1..=6 {
                simulation.offer(id);
                seconds(10).await;
            }
        },
    );
    check_account(&simulation);
    let get = |counter| simulation.get(counter);
    assert_eq!((get(Counter::Panics), get(Counter::DroppedByPanic), get(Counter::Delivered)), (3, 3, 3));
    let lines = simulation.lines();
    assert_eq!(lines.iter().filter(|line| line.contains("scripted")).count(), 1, "{lines:?}");
}

#[test]
fn no_secret_reaches_the_log() {
    let body = "you sent s3cret-token and s3cret-header";
    let (simulation, _) = simulate(
        |plan| {
            plan.server = crate::options::ServerAddress::parse("http://me:s3cret-url@h/?key=s3cret-query").unwrap();
            plan.authorization = crate::deliver::Authorization::Bearer(Secret::new("s3cret-token"));
            plan.http_headers.insert("X".into(), Secret::new("s3cret-header"));
        },
        move |number, _| {
            Step::Answer(Reply { status: if number == 1 { 500 } else { 400 }, body: body.into(), ..Reply::default() })
        },
        async |simulation| {
            simulation.offer(1);
            seconds(60).await;
        },
    );
    let lines = simulation.lines.lock().unwrap();
    assert!(lines.iter().any(|(_, text)| text.contains("you sent *** and ***")), "{lines:?}");
    assert!(!lines.iter().any(|(_, text)| text.contains("s3cret")), "{lines:?}");
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(answer(200)),
        1 => Just(answer(500)),
        1 => Just(answer(400)),
        1 => Just(Step::Refuse),
        1 => Just(Step::Panic),
        1 => (0..20u64).prop_map(|wait| Step::Slow(Duration::from_secs(wait), 200)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_the_server_does_every_chunk_has_one_fate(
        steps in prop::collection::vec(any_step(), 1..30),
        gaps in prop::collection::vec(0..15u64, 0..40),
        queue_bytes in 1_000..8_000u64,
    ) {
        let (simulation, _) = simulate(
            |plan| (plan.queue_bytes, plan.max_tries) = (queue_bytes, Some(2)),
            move |number, _| steps[number % steps.len()].clone(),
            async |simulation| {
                for (id, gap) in gaps.iter().enumerate() {
                    simulation.offer_of(id as u64, 500 + id * 37 % 900);
                    seconds(*gap).await;
                }
            },
        );
        check_account(&simulation);
    }
}
