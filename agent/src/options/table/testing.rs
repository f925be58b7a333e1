//! For tests and measurements of the agent itself.

use super::super::spec::Group::Testing;
use super::super::spec::Status::Works;
use super::super::spec::{Kind, OptionSpec};
use super::super::values::{self, Bounds};
use super::{MS, SECOND, keep, word};

const STORM: Bounds = Bounds { min: MS / 100, max: SECOND };

pub(super) const ROWS: &[OptionSpec] = &[
    OptionSpec {
        key: "pyroscope.test.handler",
        group: Testing,
        kind: Kind::Word,
        default: "normal",
        allowed: "normal or empty",
        status: Works,
        set: |o, t| word(&mut o.test_handler, t),
        doc: "`empty` lets the signal handler return at once: the cost of signals without samples. No profile is written.",
    },
    OptionSpec {
        key: "pyroscope.test.signal.storm",
        group: Testing,
        kind: Kind::Duration,
        default: "off",
        allowed: "a duration from 10us to 1s, such as 300us, or off",
        status: Works,
        set: |o, t| keep(&mut o.test_signal_storm_ns, values::duration_or_off(t, STORM)),
        doc: "Sends sampling signals to threads chosen at random, at random times of this mean distance.",
    },
];
