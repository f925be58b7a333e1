//! What the ring promises whatever the traffic: order, whole records, and a drop where there is no room.
#![cfg(not(loom))]

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use sampler::ring::Ring;

/// Records of the long tests; an interpreter that checks every access needs its time.
const LAPS: u64 = if cfg!(miri) { 300 } else { 10_000 };

fn ring(words: usize) -> Ring<Vec<AtomicU64>> {
    Ring::new((0..words).map(|_| AtomicU64::new(0)).collect()).expect("a power of two")
}

fn push(ring: &Ring<Vec<AtomicU64>>, words: &[u64]) -> bool {
    let Some(mut record) = ring.reserve(words.len()) else { return false };
    for word in words {
        record.put(*word);
    }
    record.publish();
    true
}

fn pop(ring: &Ring<Vec<AtomicU64>>) -> Option<Vec<u64>> {
    let mut found = None;
    ring.consume(|record| found = Some((0..record.len()).map(|i| record.get(i)).collect()));
    found
}

#[test]
fn only_a_power_of_two_makes_a_ring() {
    assert!(Ring::new(Vec::<AtomicU64>::new()).is_none());
    assert!(Ring::new((0..3).map(|_| AtomicU64::new(0)).collect::<Vec<_>>()).is_none());
}

#[test]
fn records_come_out_whole_and_in_order_over_many_laps() {
    let ring = ring(64);
    let mut next = 0_u64;
    for lap in 0..LAPS {
        let length = (lap % 13) as usize;
        let words: Vec<u64> = (0..length as u64).map(|i| (lap << 8) | i | (1 << 63)).collect();
        assert!(push(&ring, &words));
        if lap % 3 == 2 {
            while let Some(record) = pop(&ring) {
                assert_eq!(record.len(), (next % 13) as usize);
                assert!(record.iter().all(|word| word << 1 >> 9 == next));
                next += 1;
            }
        }
    }
    while pop(&ring).is_some() {
        next += 1;
    }
    assert_eq!(next, LAPS);
}

#[test]
fn a_full_ring_refuses_and_recovers() {
    let ring = ring(8);
    assert!(push(&ring, &[1, 2, 3]));
    assert!(push(&ring, &[4, 5, 6]));
    assert!(!push(&ring, &[]), "no word is left");
    assert!(!push(&ring, &[0; 8]), "longer than the ring");
    assert_eq!(pop(&ring), Some(vec![1, 2, 3]));
    assert!(push(&ring, &[7, 8, 9]));
    assert_eq!(pop(&ring), Some(vec![4, 5, 6]));
    assert_eq!(pop(&ring), Some(vec![7, 8, 9]));
    assert_eq!(pop(&ring), None);
}

#[test]
fn an_unpublished_record_holds_back_those_behind_it() {
    let ring = ring(16);
    let mut outer = ring.reserve(1).expect("there is room");
    assert!(push(&ring, &[2]));
    assert_eq!(pop(&ring), None);
    outer.put(1);
    outer.publish();
    assert_eq!(pop(&ring), Some(vec![1]));
    assert_eq!(pop(&ring), Some(vec![2]));
}

#[test]
fn words_beyond_the_reserved_length_are_ignored() {
    let ring = ring(8);
    let mut record = ring.reserve(1).expect("there is room");
    record.put(1);
    record.put(2);
    record.publish();
    assert!(push(&ring, &[3]));
    assert_eq!(pop(&ring), Some(vec![1]));
    assert_eq!(pop(&ring), Some(vec![3]));
}

#[test]
fn producers_at_the_same_time_lose_nothing_but_what_they_are_told() {
    const PRODUCERS: u64 = 3;
    let ring = ring(128);
    let running = AtomicUsize::new(PRODUCERS as usize);
    // Every word of a record names its producer and its number, and the length goes with the number.
    let produce = |producer: u64| {
        let pushed = (0..LAPS).filter(|lap| push(&ring, &vec![(lap << 8) | producer; (lap % 7) as usize + 1])).count();
        running.fetch_sub(1, Ordering::Release);
        pushed
    };
    let mut taken: Vec<Vec<u64>> = Vec::new();
    let pushed: usize = thread::scope(|scope| {
        let producers: Vec<_> = (0..PRODUCERS).map(|producer| scope.spawn(move || produce(producer))).collect();
        while running.load(Ordering::Acquire) > 0 {
            taken.extend(pop(&ring));
            thread::yield_now();
        }
        producers.into_iter().map(|producer| producer.join().expect("no panic")).sum()
    });
    taken.extend(std::iter::from_fn(|| pop(&ring)));
    assert_eq!(taken.len(), pushed);
    let mut last = [None; PRODUCERS as usize];
    for record in taken {
        let (lap, producer) = (record[0] >> 8, (record[0] & 0xff) as usize);
        assert_eq!(record, vec![record[0]; (lap % 7) as usize + 1], "a whole record");
        assert!(last[producer] < Some(lap), "each producer's records stay in order");
        last[producer] = Some(lap);
    }
}
