//! The two timers of a thread: made, armed, deleted.

use std::sync::atomic::Ordering;

use sampler::slot::{Payload, ThreadSlot, TimerKind};
use sampler::state::Sampler;

use crate::os;

/// CPU time always lags a little behind the clock on the wall; without this, a newborn thread's first signal would come
/// just before its sample is due.
const NEWBORN_SLACK_NS: u64 = 100_000;

/// Which timer a thread begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// The one on its CPU clock.
    AtTick,
    /// The precise one: the thread has just been born, so it runs. Its CPU timer would miss most threads that live for
    /// less than a tick.
    Precisely,
}

/// Makes and arms the timers of a registered thread. Without the monotonic one, sampling is only less precise.
///
/// # Errors
/// When the kernel refuses the CPU timer.
pub fn start(
    sampler: &Sampler,
    slot: &ThreadSlot,
    tid: i32,
    index: u32,
    signal: i32,
    begin: Begin,
) -> std::io::Result<()> {
    let generation = slot.generation.load(Ordering::Relaxed) as u16;
    let payload = |kind| Payload { cookie: sampler.settings.cookie, generation, index, kind }.encode();
    let clock = sampler::clock::thread_cpu_clock(tid);
    let cpu = os::create_timer(clock, tid, signal, payload(TimerKind::Cpu))?;
    let mono = os::create_timer(libc::CLOCK_MONOTONIC, tid, signal, payload(TimerKind::Mono)).ok();
    slot.mono_timer.store(mono.map_or(0, |timer| timer + 1), Ordering::Release);
    slot.cpu_timer.store(cpu + 1, Ordering::Release);
    let delay_ns = delay_ns(slot, tid);
    match mono.filter(|_| begin == Begin::Precisely && !sampler.settings.empty_handler) {
        Some(mono) => os::arm_timer(mono, delay_ns + NEWBORN_SLACK_NS),
        None => os::arm_timer(cpu, delay_ns),
    }
}

/// Arms the CPU timer of a thread that no signal has reached for long. `false` when it has none.
pub fn arm_again(slot: &ThreadSlot, tid: i32) -> bool {
    let timer_plus_one = slot.cpu_timer.load(Ordering::Acquire);
    timer_plus_one > 0 && os::arm_timer(timer_plus_one - 1, delay_ns(slot, tid)).is_ok()
}

/// Deletes both timers. A signal that is queued already still arrives, and is told by the slot's generation.
pub fn delete(slot: &ThreadSlot) {
    for timer in [&slot.cpu_timer, &slot.mono_timer] {
        let timer_plus_one = timer.swap(0, Ordering::AcqRel);
        if timer_plus_one > 0 {
            os::delete_timer(timer_plus_one - 1);
        }
    }
}

fn delay_ns(slot: &ThreadSlot, tid: i32) -> u64 {
    let cpu_ns = os::thread_cpu_ns(tid).unwrap_or(0);
    sampler::schedule::delay_until(slot.due_ns.load(Ordering::Relaxed), cpu_ns)
}
