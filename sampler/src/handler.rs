//! The signal handlers: from a signal to a published sample or a counted reason why there is none.
//!
//! # Safety
//! The kernel calls these functions with valid `siginfo_t` and `ucontext_t` pointers (sigaction(2), SA_SIGINFO). All
//! state is reached through `state::current`, which is never freed. The previous handler is called with the very
//! arguments that the kernel gave us.
#![allow(unsafe_code)]

use core::ffi::{c_int, c_void};
use core::sync::atomic::Ordering;

use crate::clock;
use crate::counters::Outcome;
use crate::errno::ErrnoGuard;
use crate::machine;
use crate::sample::{self, Interrupted};
use crate::schedule;
use crate::slot::{Payload, ThreadSlot, TimerKind};
use crate::state::{self, Sampler};

/// `si_code` of an expired POSIX timer (siginfo.h).
const SI_TIMER: c_int = -2;
/// `si_code` of sigqueue(3) and rt_tgsigqueueinfo(2).
const SI_QUEUE: c_int = -1;
/// `si_code` of a signal that the kernel itself sent, as for setitimer(2).
const SI_KERNEL: c_int = 0x80;

/// Handles the per-thread timers of the `ctimer` engine.
pub extern "C" fn on_signal_timer(signal: c_int, info: *mut libc::siginfo_t, ucontext: *mut c_void) {
    let _errno = ErrnoGuard::new();
    let Some(sampler) = state::current() else { return };
    let Some(payload) = own_payload(sampler, info) else {
        return forward(sampler, signal, info, ucontext);
    };
    let start_ns = clock::monotonic_ns();
    sampler.counters.entries.fetch_add(1, Ordering::Relaxed);
    let outcome = match registered_slot(sampler, payload) {
        Some(slot) => exclusively(slot, || timer_fired(sampler, slot, payload, start_ns, ucontext)),
        None => Outcome::DroppedStale,
    };
    finish(sampler, outcome, start_ns);
}

/// Handles the process-wide timer of the `itimer` engine.
pub extern "C" fn on_signal_process_timer(signal: c_int, info: *mut libc::siginfo_t, ucontext: *mut c_void) {
    let _errno = ErrnoGuard::new();
    let Some(sampler) = state::current() else { return };
    if signal_code(info) != SI_KERNEL {
        let Some(payload) = own_payload(sampler, info) else {
            return forward(sampler, signal, info, ucontext);
        };
        // Only the storm option sends these; the kernel's own signal carries no payload.
        if payload.kind != TimerKind::Storm {
            return forward(sampler, signal, info, ucontext);
        }
        sampler.counters.storm.fetch_add(1, Ordering::Relaxed);
    }
    let start_ns = clock::monotonic_ns();
    sampler.counters.entries.fetch_add(1, Ordering::Relaxed);
    let outcome = process_timer_fired(sampler, start_ns, ucontext);
    finish(sampler, outcome, start_ns);
}

/// Counts the outcome and the time spent.
#[inline]
fn finish(sampler: &Sampler, outcome: Outcome, start_ns: u64) {
    sampler.counters.count(outcome);
    let spent_ns = clock::monotonic_ns().saturating_sub(start_ns);
    sampler.counters.handler_ns.fetch_add(spent_ns, Ordering::Relaxed);
}

fn signal_code(info: *const libc::siginfo_t) -> c_int {
    // SAFETY: the kernel passes a valid siginfo_t.
    unsafe { (*info).si_code }
}

/// The payload of a signal that is ours: sent by a timer or queued, with our cookie.
fn own_payload(sampler: &Sampler, info: *const libc::siginfo_t) -> Option<Payload> {
    let code = signal_code(info);
    if code != SI_TIMER && code != SI_QUEUE {
        return None;
    }
    // SAFETY: the kernel passes a valid siginfo_t.
    let info = unsafe { &*info };
    // SAFETY: for these two codes the kernel fills in `si_value`.
    let value = unsafe { info.si_value() };
    let payload = Payload::decode(value.sival_ptr as u64)?;
    (payload.cookie == sampler.settings.cookie).then_some(payload)
}

/// The slot that a payload names, if it still belongs to the same registration.
fn registered_slot(sampler: &'static Sampler, payload: Payload) -> Option<&'static ThreadSlot> {
    let slot = sampler.slots.get(payload.index as usize)?;
    let generation = slot.generation.load(Ordering::Relaxed) as u16;
    (generation == payload.generation && slot.tid.load(Ordering::Relaxed) != 0).then_some(slot)
}

/// Runs `action` unless the handler already runs on this thread. AsyncGetCallTrace must never be nested: on some builds
/// the inner call clears a flag that the outer one relies on (JDK-8283849, JDK-8329103, JDK-8352649).
#[inline]
fn exclusively(slot: &ThreadSlot, action: impl FnOnce() -> Outcome) -> Outcome {
    // ATOMICS: both sides run on one thread, so program order is enough.
    if slot.busy.swap(true, Ordering::Relaxed) {
        return Outcome::DroppedNested;
    }
    let outcome = action();
    slot.busy.store(false, Ordering::Relaxed);
    outcome
}

fn timer_fired(sampler: &Sampler, slot: &ThreadSlot, payload: Payload, time_ns: u64, ucontext: *mut c_void) -> Outcome {
    if !sampler.running.load(Ordering::Relaxed) {
        return Outcome::DroppedStopped;
    }
    if payload.kind == TimerKind::Storm {
        sampler.counters.storm.fetch_add(1, Ordering::Relaxed);
        return sample_now(sampler, slot, payload.index, 1, time_ns, ucontext);
    }
    let cpu_ns = clock::thread_cpu_ns();
    if sampler.settings.empty_handler {
        arm_cpu_timer(slot, sampler.settings.interval_ns);
        return Outcome::CarriedEmpty;
    }
    let interval_ns = sampler.settings.interval_ns;
    let charged_ns = slot.charged_ns.load(Ordering::Relaxed);
    let weight = schedule::whole_intervals(cpu_ns, charged_ns, interval_ns);
    let carried = match payload.kind {
        TimerKind::Cpu => too_early(slot, cpu_ns).or_else(|| delay_randomly(sampler, slot, cpu_ns, time_ns)),
        _ => asleep_since_armed(slot, cpu_ns, time_ns, ucontext).or_else(|| preempted(slot, cpu_ns)),
    };
    let carried = carried.or_else(|| (weight == 0).then_some(Outcome::CarriedEarly));
    if let Some(outcome) = carried {
        if outcome != Outcome::CarriedDelayed {
            arm_after_carry(sampler, slot, payload.kind, outcome, cpu_ns, time_ns);
        }
        return outcome;
    }
    charge(slot, weight, interval_ns);
    let outcome = sample_now(sampler, slot, payload.index, weight, time_ns, ucontext);
    arm_next(slot, cpu_ns, time_ns);
    outcome
}

/// A CPU timer that fires before the due time was armed from an older reading of the clock.
fn too_early(slot: &ThreadSlot, cpu_ns: u64) -> Option<Outcome> {
    ((cpu_ns as i64) < slot.due_ns.load(Ordering::Relaxed)).then_some(Outcome::CarriedEarly)
}

/// At a tick: starts a random delay of up to a tick on the monotonic timer, unless delays have just met a sleeper.
fn delay_randomly(sampler: &Sampler, slot: &ThreadSlot, cpu_ns: u64, time_ns: u64) -> Option<Outcome> {
    let skip = slot.skip_delays.load(Ordering::Relaxed);
    if skip > 0 {
        slot.skip_delays.store(skip.wrapping_sub(1), Ordering::Relaxed);
        return None;
    }
    let delay_ns = slot.random_below(sampler.settings.tick_ns).saturating_add(1);
    arm_mono_timer(slot, delay_ns, cpu_ns, time_ns).then_some(Outcome::CarriedDelayed)
}

/// Whether the thread slept since the monotonic timer was armed and is not running now either.
fn asleep_since_armed(slot: &ThreadSlot, cpu_ns: u64, time_ns: u64, ucontext: *mut c_void) -> Option<Outcome> {
    let used_ns = cpu_ns.saturating_sub(slot.armed_cpu_ns.load(Ordering::Relaxed));
    let passed_ns = time_ns.saturating_sub(slot.armed_mono_ns.load(Ordering::Relaxed));
    if passed_ns <= used_ns.saturating_add(schedule::CLOCK_SLACK_NS) || !machine::was_in_system_call(ucontext) {
        return None;
    }
    slot.skip_delays.store(schedule::SKIPPED_DELAYS_AFTER_SLEEP, Ordering::Relaxed);
    Some(Outcome::CarriedAsleep)
}

/// Whether the thread has not yet run for as long as the monotonic timer was to wait for. The kernel takes a processor
/// away at a tick and delivers the signal when the thread goes on, so a sample taken then would always show what the
/// program does at ticks.
fn preempted(slot: &ThreadSlot, cpu_ns: u64) -> Option<Outcome> {
    let missing_ns = slot.target_ns.load(Ordering::Relaxed).saturating_sub(cpu_ns as i64);
    (missing_ns > schedule::CLOCK_SLACK_NS as i64).then_some(Outcome::CarriedEarly)
}

/// Arms a timer again after an entry without a sample: the precise one for what is missing to the drawn moment, if that
/// is no more than a tick; a thread that is starved of CPU is left to its CPU timer.
fn arm_after_carry(sampler: &Sampler, slot: &ThreadSlot, kind: TimerKind, outcome: Outcome, cpu_ns: u64, time_ns: u64) {
    let missing_ns = schedule::delay_until(slot.target_ns.load(Ordering::Relaxed), cpu_ns);
    let precise = kind == TimerKind::Mono
        && outcome == Outcome::CarriedEarly
        && missing_ns <= sampler.settings.tick_ns
        && arm_mono_timer(slot, missing_ns, cpu_ns, time_ns);
    if !precise {
        arm_cpu_timer(slot, schedule::delay_until(slot.due_ns.load(Ordering::Relaxed), cpu_ns));
    }
}

/// Moves the charged point by whole intervals and draws the next due time.
fn charge(slot: &ThreadSlot, weight: u64, interval_ns: u64) {
    let step = weight.saturating_mul(interval_ns) as i64;
    // ATOMICS: the register may charge the same thread when no signal has reached it for long.
    let charged_ns = slot.charged_ns.fetch_add(step, Ordering::Relaxed).saturating_add(step);
    let random_ns = slot.random_below(interval_ns);
    slot.due_ns.store(schedule::next_due_ns(charged_ns, interval_ns, random_ns), Ordering::Relaxed);
}

/// Arms the timer for the next sample: the precise one for a thread that ran without pause, else the CPU timer.
fn arm_next(slot: &ThreadSlot, cpu_ns: u64, time_ns: u64) {
    let used_ns = cpu_ns.saturating_sub(slot.sampled_cpu_ns.load(Ordering::Relaxed));
    let passed_ns = time_ns.saturating_sub(slot.sampled_mono_ns.load(Ordering::Relaxed));
    slot.sampled_cpu_ns.store(cpu_ns, Ordering::Relaxed);
    slot.sampled_mono_ns.store(time_ns, Ordering::Relaxed);
    let delay_ns = schedule::delay_until(slot.due_ns.load(Ordering::Relaxed), cpu_ns);
    // A thread that was just met asleep is left to its CPU timer, which does not wake it.
    let precise = slot.skip_delays.load(Ordering::Relaxed) == 0
        && schedule::is_busy(used_ns, passed_ns)
        && arm_mono_timer(slot, delay_ns, cpu_ns, time_ns);
    if !precise {
        arm_cpu_timer(slot, delay_ns);
    }
}

fn arm_cpu_timer(slot: &ThreadSlot, delay_ns: u64) {
    arm(slot.cpu_timer.load(Ordering::Relaxed), delay_ns);
}

/// Arms the monotonic timer and notes the clocks; `false` when the thread has none.
fn arm_mono_timer(slot: &ThreadSlot, delay_ns: u64, cpu_ns: u64, time_ns: u64) -> bool {
    slot.target_ns.store((cpu_ns as i64).saturating_add(delay_ns as i64), Ordering::Relaxed);
    slot.armed_cpu_ns.store(cpu_ns, Ordering::Relaxed);
    slot.armed_mono_ns.store(time_ns, Ordering::Relaxed);
    arm(slot.mono_timer.load(Ordering::Relaxed), delay_ns)
}

/// Arms a timer once, `delay_ns` from now on its own clock. `timer_plus_one` is 0 when there is no timer.
fn arm(timer_plus_one: i32, delay_ns: u64) -> bool {
    if timer_plus_one <= 0 {
        return false;
    }
    let setting = libc::itimerspec {
        it_interval: libc::timespec { tv_sec: 0, tv_nsec: 0 },
        it_value: libc::timespec {
            tv_sec: (delay_ns / 1_000_000_000) as libc::time_t,
            tv_nsec: (delay_ns % 1_000_000_000) as libc::c_long,
        },
    };
    let timer = timer_plus_one.wrapping_sub(1);
    // SAFETY: the raw call reads `setting` and nothing else; an id that was deleted meanwhile gives EINVAL.
    // timer_settime is async-signal-safe (signal-safety(7)).
    let result = unsafe {
        libc::syscall(libc::SYS_timer_settime, timer, 0, &raw const setting, core::ptr::null_mut::<c_void>())
    };
    result == 0
}

fn process_timer_fired(sampler: &Sampler, time_ns: u64, ucontext: *mut c_void) -> Outcome {
    if !sampler.running.load(Ordering::Relaxed) {
        return Outcome::DroppedStopped;
    }
    if sampler.settings.empty_handler {
        return Outcome::CarriedEmpty;
    }
    let weight = charge_process(sampler);
    if weight == 0 {
        return Outcome::CarriedEarly;
    }
    match current_thread(sampler) {
        CurrentThread::Own => Outcome::DroppedOwnThread,
        CurrentThread::Unknown => {
            drop_weight(sampler, weight);
            Outcome::DroppedUnknownThread
        }
        CurrentThread::Registered(slot, index) => {
            let outcome = exclusively(slot, || sample_now(sampler, slot, index, weight, time_ns, ucontext));
            if outcome == Outcome::DroppedNested {
                // The weight was taken before the nesting was seen.
                drop_weight(sampler, weight);
            }
            outcome
        }
    }
}

/// Takes the whole intervals of process CPU time since the last charge; 0 when another thread has just taken them.
fn charge_process(sampler: &Sampler) -> u64 {
    let interval_ns = sampler.settings.interval_ns;
    let charged_ns = sampler.process_charged_ns.load(Ordering::Relaxed);
    let weight = schedule::whole_intervals(clock::process_cpu_ns(), charged_ns as i64, interval_ns);
    let after = charged_ns.saturating_add(weight.saturating_mul(interval_ns));
    let taken = sampler.process_charged_ns.compare_exchange(charged_ns, after, Ordering::Relaxed, Ordering::Relaxed);
    if taken.is_ok() { weight } else { 0 }
}

enum CurrentThread {
    Own,
    Unknown,
    Registered(&'static ThreadSlot, u32),
}

/// Marks a thread of our own in `slot_by_tid`.
pub const OWN_THREAD: u32 = u32::MAX;

/// Finds the interrupted thread in the table. The process timer's signal carries no payload, so this asks the kernel.
fn current_thread(sampler: &Sampler) -> CurrentThread {
    // SAFETY: gettid takes no argument and cannot fail; it is a plain system call without any libc state.
    let tid = unsafe { libc::syscall(libc::SYS_gettid) };
    let entry = sampler.slot_by_tid.get(tid as usize).map_or(0, |entry| entry.load(Ordering::Acquire));
    if entry == OWN_THREAD {
        return CurrentThread::Own;
    }
    let Some(index) = entry.checked_sub(1) else { return CurrentThread::Unknown };
    match sampler.slots.get(index as usize) {
        Some(slot) => CurrentThread::Registered(slot, index),
        None => CurrentThread::Unknown,
    }
}

fn drop_weight(sampler: &Sampler, weight: u64) {
    let lost_ns = weight.saturating_mul(sampler.settings.interval_ns);
    sampler.counters.dropped_ns.fetch_add(lost_ns, Ordering::Relaxed);
}

/// Walks the stack and publishes the sample, or counts why not.
fn sample_now(
    sampler: &Sampler,
    slot: &ThreadSlot,
    index: u32,
    weight: u64,
    time_ns: u64,
    ucontext: *mut c_void,
) -> Outcome {
    let interrupted = Interrupted { slot, index, weight, time_ns, ucontext };
    let outcome = sample::take(sampler, &interrupted);
    if outcome == Outcome::Sample {
        let charged_ns = weight.saturating_mul(sampler.settings.interval_ns);
        sampler.counters.charged_ns.fetch_add(charged_ns, Ordering::Relaxed);
    } else {
        drop_weight(sampler, weight);
    }
    outcome
}

/// Gives a signal that is not ours to the handler that was installed before us. A default disposition is not imitated:
/// for these signals it would kill the process, which a signal meant for someone else must not do.
#[inline(never)]
fn forward(sampler: &Sampler, signal: c_int, info: *mut libc::siginfo_t, ucontext: *mut c_void) {
    sampler.counters.foreign.fetch_add(1, Ordering::Relaxed);
    let previous = sampler.previous_handler.load(Ordering::Acquire);
    if previous == libc::SIG_DFL || previous == libc::SIG_IGN {
        return;
    }
    if sampler.previous_takes_info.load(Ordering::Relaxed) {
        // SAFETY: the address was registered with sigaction and SA_SIGINFO, so it has this signature.
        let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) =
            unsafe { core::mem::transmute(previous) };
        handler(signal, info, ucontext);
    } else {
        // SAFETY: the address was registered with sigaction without SA_SIGINFO, so it has this signature.
        let handler: extern "C" fn(c_int) = unsafe { core::mem::transmute(previous) };
        handler(signal);
    }
}
