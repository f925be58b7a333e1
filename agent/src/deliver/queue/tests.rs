//! The queue on plain values.

use super::*;

fn packed(id: u64, bytes: usize) -> Packed {
    Packed {
        jfr: Bytes::from(vec![0; bytes]),
        labels: None,
        from_s: id,
        until_s: id,
        sample_rate_hz: 100,
        began: Instant::now(),
        tries: 0,
    }
}

fn taken(queue: &mut Queue) -> Vec<u64> {
    std::iter::from_fn(|| queue.start_newest().and_then(|_| queue.settle())).map(|packed| packed.from_s).collect()
}

#[test]
fn the_newest_comes_first_and_the_oldest_goes_first() {
    let mut queue = Queue::new(100, None);
    assert_eq!((1..=4).map(|id| queue.push(packed(id, 30))).sum::<u64>(), 1);
    assert_eq!((queue.bytes(), queue.chunks()), (90, 3));
    assert_eq!(taken(&mut queue), [4, 3, 2]);
    assert_eq!((queue.bytes(), queue.chunks()), (0, 0));
}

#[test]
fn the_number_of_chunks_may_be_bounded_too() {
    let mut queue = Queue::new(1_000, Some(2));
    assert_eq!((1..=5).map(|id| queue.push(packed(id, 1))).sum::<u64>(), 3);
    assert_eq!(taken(&mut queue), [5, 4]);
}

#[test]
fn a_chunk_larger_than_the_queue_is_dropped_at_once() {
    let mut queue = Queue::new(10, None);
    assert_eq!(queue.push(packed(1, 11)), 1);
    assert_eq!((queue.bytes(), queue.chunks()), (0, 0));
}

#[test]
fn the_chunk_in_flight_counts_and_returns_to_its_place() {
    let mut queue = Queue::new(100, None);
    queue.push(packed(1, 40));
    queue.push(packed(2, 40));
    assert_eq!(queue.start_newest().map(|packed| packed.from_s), Some(2));
    assert_eq!((queue.bytes(), queue.chunks()), (80, 2));
    assert_eq!(queue.push(packed(3, 40)), 1, "chunk 1 goes, not the one in flight");
    assert_eq!(queue.put_back(1), 0);
    assert_eq!(queue.start_newest().map(|packed| (packed.from_s, packed.tries)), Some((3, 0)));
    queue.settle();
    assert_eq!(queue.start_newest().map(|packed| (packed.from_s, packed.tries)), Some((2, 1)));
    assert_eq!(queue.push(packed(4, 90)), 1, "nothing else can go, so the new one does");
    assert_eq!(queue.drop_all(), 1);
}

#[test]
fn what_began_an_hour_ago_is_dropped() {
    let mut queue = Queue::new(100, None);
    let now = Instant::now() + OLDEST;
    queue.push(Packed { began: now - OLDEST, ..packed(1, 10) });
    queue.push(Packed { began: now - OLDEST + Duration::from_secs(1), ..packed(2, 20) });
    assert_eq!(queue.drop_old(now), 1);
    assert_eq!(queue.bytes(), 20);
    assert_eq!(taken(&mut queue), [2]);
}
