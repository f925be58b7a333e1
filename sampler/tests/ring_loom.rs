//! Model-checks the ring: every interleaving of small programs, under the C11 memory model.
//!
//! Run with `RUSTFLAGS="--cfg loom" cargo test -p sampler --release --test ring_loom`.
#![cfg(loom)]

use loom::sync::Arc;
use loom::sync::atomic::AtomicU64;
use loom::thread;
use sampler::ring::Ring;

type TestRing = Arc<Ring<Vec<AtomicU64>>>;

fn ring(words: usize) -> TestRing {
    Arc::new(Ring::new((0..words).map(|_| AtomicU64::new(0)).collect()).expect("a power of two"))
}

fn push(ring: &TestRing, words: &[u64]) -> bool {
    let Some(mut record) = ring.reserve(words.len()) else { return false };
    for word in words {
        record.put(*word);
    }
    record.publish();
    true
}

fn drain(ring: &TestRing, into: &mut Vec<Vec<u64>>) {
    while ring.consume(|record| into.push((0..record.len()).map(|i| record.get(i)).collect())) {}
}

#[test]
fn two_producers_lose_nothing_and_tear_nothing() {
    loom::model(|| {
        let ring = ring(8);
        let producers: Vec<_> = [[11, 12], [21, 22]]
            .into_iter()
            .map(|words| {
                let ring = Arc::clone(&ring);
                thread::spawn(move || push(&ring, &words))
            })
            .collect();
        let mut seen = Vec::new();
        drain(&ring, &mut seen);
        let pushed: Vec<bool> = producers.into_iter().map(|p| p.join().expect("no panic")).collect();
        drain(&ring, &mut seen);
        assert_eq!(pushed, [true, true]);
        seen.sort();
        assert_eq!(seen, [vec![11, 12], vec![21, 22]]);
    });
}

#[test]
fn a_reused_word_is_never_taken_for_a_published_one() {
    loom::model(|| {
        let ring = ring(4);
        assert!(push(&ring, &[1, 2]));
        let producer = {
            let ring = Arc::clone(&ring);
            thread::spawn(move || push(&ring, &[u64::MAX, u64::MAX]))
        };
        let mut seen = Vec::new();
        drain(&ring, &mut seen);
        let pushed = producer.join().expect("no panic");
        drain(&ring, &mut seen);
        let mut expected = vec![vec![1, 2]];
        if pushed {
            expected.push(vec![u64::MAX, u64::MAX]);
        }
        assert_eq!(seen, expected);
    });
}

#[test]
fn a_push_inside_an_unfinished_push_never_waits() {
    loom::model(|| {
        let ring = ring(8);
        let consumer = {
            let ring = Arc::clone(&ring);
            thread::spawn(move || {
                let mut seen = Vec::new();
                drain(&ring, &mut seen);
                seen
            })
        };
        let mut outer = ring.reserve(1).expect("there is room");
        assert!(push(&ring, &[2]));
        outer.put(1);
        outer.publish();
        let mut seen = consumer.join().expect("no panic");
        drain(&ring, &mut seen);
        assert_eq!(seen, [[1], [2]]);
    });
}
