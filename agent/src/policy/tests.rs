//! The policy as a table: these options and these facts give that plan.

use super::*;

fn facts() -> Facts {
    Facts {
        vm_name: "OpenJDK 64-Bit Server VM".into(),
        vm_version: "17.0.15+6".into(),
        feature: 17,
        has_call_trace: true,
        processors: 2,
        tick_ns: 4_000_000,
        pid_max: 32_768,
        free_signals: vec![libc::SIGSTKFLT],
        profiling_signal_free: true,
        timer_refusal: None,
        other_profilers: Vec::new(),
    }
}

fn planned(event: EngineName, facts: &Facts) -> Result<(EngineName, i32, usize), PlanError> {
    let options = Options { event, ..Options::default() };
    plan(&options, true, facts).map(|plan| (plan.engine.name, plan.signal, plan.notes.len()))
}

#[test]
fn the_default_engine_is_ctimer() {
    let plan = plan(&Options::default(), false, &facts()).expect("a plan");
    assert_eq!((plan.engine.name, plan.signal), (EngineName::Ctimer, libc::SIGSTKFLT));
    assert_eq!((plan.rate_hz, plan.interval_ns), (100, 10_000_000));
    assert_eq!(plan.depth, 1_001);
    assert!(plan.ring_words.is_power_of_two());
    assert!(plan.notes.is_empty());
}

#[test]
fn the_engine_follows_the_option_where_it_can() {
    let busy = Facts { free_signals: Vec::new(), ..facts() };
    let taken = Facts { profiling_signal_free: false, ..facts() };
    let refused = Facts { timer_refusal: Some("Operation not permitted".into()), ..facts() };
    let nothing = Facts { free_signals: Vec::new(), ..taken.clone() };
    assert_eq!(planned(EngineName::Itimer, &facts()), Ok((EngineName::Itimer, libc::SIGPROF, 0)));
    assert_eq!(planned(EngineName::Ctimer, &busy), Ok((EngineName::Itimer, libc::SIGPROF, 1)));
    assert_eq!(planned(EngineName::Itimer, &taken), Ok((EngineName::Ctimer, libc::SIGSTKFLT, 1)));
    assert_eq!(planned(EngineName::Cpu, &facts()), Ok((EngineName::Ctimer, libc::SIGSTKFLT, 1)));
    assert_eq!(planned(EngineName::Ctimer, &refused), Ok((EngineName::Itimer, libc::SIGPROF, 1)));
    assert!(matches!(planned(EngineName::Ctimer, &nothing), Err(PlanError::NoEngine(_))));
}

#[test]
fn an_unsupported_jvm_is_refused_with_what_is_needed() {
    let other = Facts { has_call_trace: false, vm_name: "Eclipse OpenJ9 VM".into(), ..facts() };
    let error = planned(EngineName::Ctimer, &other).expect_err("not HotSpot");
    assert!(error.to_string().contains("Eclipse OpenJ9 VM"), "{error}");
    let old = Facts { feature: 8, ..facts() };
    assert_eq!(planned(EngineName::Ctimer, &old), Err(PlanError::TooOld(8)));
}

#[test]
fn the_interval_in_use_is_one_that_the_server_can_scale_by() {
    for (asked_ns, rate_hz) in
        [(10_000_000, 100), (1_000_000, 1_000), (3_000_000, 333), (700_000_000, 1), (10_101_010, 99)]
    {
        assert_eq!(rate(asked_ns), rate_hz, "{asked_ns} ns");
    }
}

#[test]
fn another_profiler_is_named() {
    let facts = Facts { other_profilers: vec!["libasyncProfiler.so".into()], ..facts() };
    let plan = plan(&Options::default(), false, &facts).expect("a plan");
    assert!(plan.notes.iter().any(|note| note.text.contains("libasyncProfiler.so")));
}

#[test]
fn a_larger_machine_gets_a_larger_ring_within_bounds() {
    let small = plan(&Options::default(), false, &Facts { processors: 1, ..facts() }).expect("a plan");
    let large = plan(&Options::default(), false, &Facts { processors: 256, ..facts() }).expect("a plan");
    assert_eq!(small.ring_words, RING_WORDS_LEAST);
    assert_eq!(large.ring_words, RING_WORDS_MOST);
}
