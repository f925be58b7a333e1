//! Children of a sampled process are left alone.

use std::env;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;

use sampler::counters::Outcome;

use crate::isolated::isolated;
use crate::os;
use crate::stage::{ENV, MS, Setup, Stage, burn};

/// Forks while samples are taken; each child computes for many intervals and reports how many signals it got.
fn fork_often(stage: Stage) {
    let entries = || stage.sampler.counters.entries.load(Ordering::Relaxed);
    let mut round = 0;
    while round < 40 || stage.count(Outcome::Sample) < 20 {
        assert!(round < 2_000, "the parent is sampled all the time: {}", stage.report());
        burn((round % 7) * MS / 3);
        let status = os::in_forked_child(|| {
            let before = entries();
            burn(10 * MS);
            i32::try_from(entries() - before).unwrap_or(100).min(100)
        });
        assert!(libc::WIFEXITED(status), "the child of round {round} was killed: {status:#x}");
        assert_eq!(libc::WEXITSTATUS(status), 0, "signals in the child of round {round}");
        round += 1;
    }
    println!("{round} rounds: {}", stage.report());
}

#[test]
fn a_forked_child_gets_no_signal_of_a_thread_timer() {
    isolated(|| {
        let stage = Stage::with_thread_timers(&Setup { interval_ns: MS, ..Setup::default() });
        let registration = stage.register(ENV);
        registration.start_timers();
        fork_often(stage);
        registration.stop_timers();
        stage.assert_entries_add_up();
    });
}

#[test]
fn a_forked_child_gets_no_signal_of_the_process_timer() {
    isolated(|| {
        let stage = Stage::with_process_timer(&Setup { interval_ns: MS, ..Setup::default() });
        let _registration = stage.register(ENV);
        os::set_process_timer(MS);
        fork_often(stage);
        os::set_process_timer(0);
        stage.assert_entries_add_up();
    });
}

#[test]
fn a_started_program_runs_undisturbed() {
    isolated(|| {
        let stage = Stage::with_thread_timers(&Setup { interval_ns: MS, ..Setup::default() });
        let registration = stage.register(ENV);
        registration.start_timers();
        let program = env::current_exe().expect("the path of the tests");
        for round in 0..20 {
            burn(5 * MS);
            let status = Command::new(&program).arg("--list").stdout(Stdio::null()).status();
            assert!(status.is_ok_and(|status| status.success()), "the program of round {round}");
        }
        registration.stop_timers();
        assert!(stage.count(Outcome::Sample) > 5, "the parent is sampled all the time: {}", stage.report());
    });
}
