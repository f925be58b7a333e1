//! Every recorded exchange with a real Pyroscope, asked of the collector.
//!
//! Most answers must be equal to the recorded ones, byte order of objects aside. The table says where they are not,
//! and why; a difference that is not in the table fails.

mod support;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::graph::{Cut, Frames, OTHER, assert_adds_up, cut, frames, merge};
use support::*;

const CPU: &str = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";
const WALL: &str = "wall:wall:nanoseconds:wall:nanoseconds";
/// The times of the uploads of each service, in seconds.
const ORDER: &[i64] = &[1_795_368_199, 1_795_368_201];
const PAYMENT: &[i64] = &[1_795_368_211, 1_795_368_216];
const ALL: &[i64] = &[1_795_368_199, 1_795_368_201, 1_795_368_211, 1_795_368_216];

/// How an answer is compared with the recorded one.
enum Check {
    /// Status, content type and body are equal.
    Exact,
    /// The real server cuts each upload's graph to the frames asked for before it adds them up, and so hides in
    /// "other" what is small in each upload though large in all; the collector cuts once, at the end. So: our whole
    /// graphs per upload, put through the server's cuts, must give the recorded frames with the recorded totals; and
    /// each frame of our answer must have its true total. Everything outside the graph is equal, but for the field
    /// named last, which is compared elsewhere.
    Cut { profile_type: &'static str, uploads: &'static [i64], max_nodes: usize, except: &'static str },
    /// The refusal has the recorded status and code; the reason is ours.
    Refused(fn(&str, &str)),
    /// Anything else, with its own reason.
    Other(fn(&Exchange, &Response)),
}
use Check::{Exact, Other, Refused};

/// Exchanges that are not [`Exact`].
const DIFFERENT: &[(&str, Check)] = &[
    // Kinder: without a range the real server refuses; the collector answers with everything it holds.
    (
        "07-label-values-service",
        Other(|_, answer| assert_eq!(answer.json(), json!(["bank-order-service", "bank-payment-service"]))),
    ),
    (
        "08-LabelValues-no-range",
        Other(|_, answer| {
            assert_eq!(answer.json(), json!({"names": ["bank-order-service", "bank-payment-service"]}));
        }),
    ),
    ("16-SelectMergeStacktraces-cpu", Check::Cut { profile_type: CPU, uploads: ORDER, max_nodes: 128, except: "" }),
    ("21-SelectMergeStacktraces-wall", Check::Cut { profile_type: WALL, uploads: PAYMENT, max_nodes: 128, except: "" }),
    ("24-SelectMergeProfile-cpu", Other(pprof_profile)),
    // The real server's times are those of another tenant's data an hour earlier; ours are those of the uploads.
    (
        "26-GetProfileStats",
        Other(|recorded, answer| {
            assert_eq!(answer.json()["dataIngested"], recorded.response["json"]["dataIngested"]);
            assert_eq!(answer.json()["oldestProfileTime"], "1795368199000");
            assert_eq!(answer.json()["newestProfileTime"], "1795368216000");
        }),
    ),
    ("27-render-cpu", Check::Cut { profile_type: CPU, uploads: ORDER, max_nodes: 128, except: "" }),
    ("32-render-env-selector", Check::Cut { profile_type: CPU, uploads: ORDER, max_nodes: 16, except: "" }),
    ("33-render-regex-selector", Check::Cut { profile_type: CPU, uploads: ORDER, max_nodes: 16, except: "" }),
    // With groups the real server leaves the timeline of the whole at 0; ours is the sum of the groups.
    ("34-render-group-by", Check::Cut { profile_type: CPU, uploads: ALL, max_nodes: 16, except: "timeline" }),
    ("35-render-dot", Other(dot_graph)),
    ("39-render-diff", Other(render_diff)),
    ("46-error-ingest-truncated", Refused(|_, ours| assert!(ours.contains("incomplete"), "{ours}"))),
    ("47-error-ingest-not-jfr", Refused(|_, ours| assert!(ours.contains("not a JFR recording"), "{ours}"))),
    // The real server says the same for each series of the upload; the collector says it once.
    (
        "51-error-ingest-old",
        Refused(|recorded, ours| {
            let (_, window) = ours.split_once("is outside").unwrap();
            assert!(recorded.contains(window), "{window}");
        }),
    ),
    // The real server drops the points of a last step that is not whole; the collector shows it.
    (
        "06-render-endpoint",
        Other(|recorded, answer| last_step_is_shown(recorded, answer, &json!([0, 7_230_000_000i64]))),
    ),
    (
        "07-render-endpoint",
        Other(|recorded, answer| last_step_is_shown(recorded, answer, &json!([0, 3_100_000_000i64]))),
    ),
];

#[test]
fn all_exchanges_of_two_services() {
    let (_dir, server) = loaded("", RECORDED_NOW_NS);
    let compared = compare_all("", &server);
    assert_eq!(compared, 51, "all recorded exchanges but the uploads");
}

#[test]
fn all_exchanges_with_dynamic_labels_and_spans() {
    let (_dir, server) = loaded("labels", LABELS_NOW_NS);
    let compared = compare_all("labels", &server);
    assert_eq!(compared, 10, "all recorded exchanges but the uploads");
}

#[test]
fn the_table_names_recorded_exchanges_only() {
    let all: Vec<_> = exchanges("").into_iter().chain(exchanges("labels")).map(|exchange| exchange.name).collect();
    for (name, _) in DIFFERENT {
        assert!(all.iter().any(|known| known == name), "{name}");
    }
}

fn compare_all(below: &str, server: &Server) -> usize {
    let mut compared = 0;
    for exchange in exchanges(below).iter().filter(|exchange| !exchange.is_upload()) {
        let answer = exchange.replay(server);
        let check = DIFFERENT.iter().find(|(name, _)| *name == exchange.name).map_or(&Exact, |(_, check)| check);
        compare(check, exchange, &answer, server);
        compared += 1;
    }
    compared
}

fn compare(check: &Check, exchange: &Exchange, answer: &Response, server: &Server) {
    let (name, recorded) = (&exchange.name, &exchange.response);
    match check {
        Exact => {
            assert_eq!(answer.status, recorded["status"], "{name}: {}", answer.text());
            assert_eq!(answer.content_type.as_deref(), recorded["content_type"].as_str(), "{name}");
            match &recorded["json"] {
                Value::Null => assert_eq!(answer.text(), recorded["text"].as_str().unwrap(), "{name}"),
                json => assert_eq!(&answer.json(), json, "{name}"),
            }
        }
        Check::Cut { profile_type, uploads, max_nodes, except } => {
            assert_eq!(answer.status, 200, "{name}");
            compare_cut(exchange, answer, server, profile_type, uploads, *max_nodes, except);
        }
        Refused(reason) => {
            assert_eq!(answer.status, recorded["status"], "{name}");
            assert_eq!(answer.content_type.as_deref(), recorded["content_type"].as_str(), "{name}");
            assert_eq!(answer.json()["code"], recorded["json"]["code"], "{name}");
            reason(recorded["json"]["message"].as_str().unwrap(), &answer.message());
        }
        Other(check) => {
            assert_eq!(answer.status, 200, "{name}: {}", answer.text());
            check(exchange, answer);
            if name == "39-render-diff" {
                compare_diff_frames(exchange, answer, server);
            }
        }
    }
}

fn compare_cut(
    exchange: &Exchange,
    answer: &Response,
    server: &Server,
    profile_type: &str,
    uploads: &[i64],
    max_nodes: usize,
    except: &str,
) {
    let name = &exchange.name;
    let (mut recorded, mut ours) = (exchange.response["json"].clone(), answer.json());
    let (recorded_frames, our_frames) = (frames(&recorded), frames(&ours));
    let whole: Vec<Frames> = uploads.iter().map(|time_s| whole_graph(server, profile_type, *time_s)).collect();
    let expected = cut(&as_the_real_server_merges(&whole, max_nodes), max_nodes, Cut::Answer);
    assert_eq!(recorded_frames, expected, "{name}: our uploads with the real server's cuts");
    assert_true_totals(name, &our_frames, &merge(&whole));
    assert_eq!(our_frames, cut(&merge(&whole), max_nodes, Cut::Answer), "{name}: cut once");
    for field in ["flamebearer", "flamegraph", except] {
        recorded[field] = Value::Null;
        ours[field] = Value::Null;
    }
    assert_eq!(ours, recorded, "{name}: everything but the graph");
    if except == "timeline" {
        let samples = &answer.json()["timeline"]["samples"];
        assert_eq!(samples, &json!([0, 8_050_000_000i64, 14_970_000_000i64]), "{name}");
    }
}

/// Each upload's graph is cut twice, when it is built and when it is sent, and the sum once more.
fn as_the_real_server_merges(uploads: &[Frames], max_nodes: usize) -> Frames {
    let transfer = |graph: &Frames| cut(graph, max_nodes, Cut::Transfer);
    let sent: Vec<Frames> = uploads.iter().map(|graph| transfer(&transfer(graph))).collect();
    transfer(&merge(&sent))
}

/// The uncut graph of the upload at one time.
fn whole_graph(server: &Server, profile_type: &str, time_s: i64) -> Frames {
    let request = json!({
        "profileTypeID": profile_type, "labelSelector": "{}", "maxNodes": 1 << 20,
        "start": time_s * 1000, "end": time_s * 1000,
    });
    let graph = frames(&server.connect("SelectMergeStacktraces", &request).json());
    assert!(graph.len() > 100 && !graph.keys().any(|path| path.iter().any(|name| name == OTHER)));
    graph
}

/// Each frame that is shown has its whole total, and nothing is lost.
fn assert_true_totals(name: &str, shown: &Frames, truth: &Frames) {
    assert_adds_up(name, shown);
    for (path, (total, _)) in shown {
        if path.last().is_none_or(|last| last != OTHER) {
            assert_eq!(*total, truth[path].0, "{name}: {path:?}");
        }
    }
}

/// Names, ticks and metadata are compared here, frames in [`compare_diff_frames`].
fn render_diff(exchange: &Exchange, answer: &Response) {
    let (mut recorded, mut ours) = (exchange.response["json"].clone(), answer.json());
    for field in ["numTicks", "maxSelf"] {
        assert_eq!(ours["flamebearer"][field], recorded["flamebearer"][field], "{field}");
    }
    (recorded["flamebearer"], ours["flamebearer"]) = (Value::Null, Value::Null);
    assert_eq!(ours, recorded);
}

/// As [`Check::Cut`], for the difference: all data is on the left side.
fn compare_diff_frames(exchange: &Exchange, answer: &Response, server: &Server) {
    let whole: Vec<Frames> = ORDER.iter().map(|time_s| whole_graph(server, CPU, *time_s)).collect();
    let expected = cut(&as_the_real_server_merges(&whole, 64), 64, Cut::Difference);
    assert_eq!(frames(&exchange.response["json"]), expected, "our uploads with the real server's cuts");
    let ours = frames(&answer.json());
    assert_true_totals(&exchange.name, &ours, &merge(&whole));
    assert_eq!(ours, cut(&merge(&whole), 64, Cut::Difference));
}

fn last_step_is_shown(exchange: &Exchange, answer: &Response, samples: &Value) {
    let (mut recorded, mut ours) = (exchange.response["json"].clone(), answer.json());
    assert_eq!(&ours["timeline"]["samples"], samples);
    recorded["timeline"]["samples"] = Value::Null;
    ours["timeline"]["samples"] = Value::Null;
    assert_eq!(ours, recorded);
}

/// Values by stack trace, root first, with lines.
fn stacks(profile: &Value) -> BTreeMap<Vec<(String, i64)>, i64> {
    let number = |value: &Value| value.as_str().map_or(0, |text| text.parse::<i64>().unwrap());
    let list = |name: &str| profile[name].as_array().unwrap().clone();
    let by_id = |name: &str| list(name).into_iter().map(|row| (number(&row["id"]), row)).collect::<BTreeMap<_, _>>();
    let (strings, functions, locations) = (list("stringTable"), by_id("function"), by_id("location"));
    let mut stacks = BTreeMap::new();
    for sample in list("sample") {
        let frame = |id: &Value| {
            let line = &locations[&number(id)]["line"][0];
            let name = &strings[number(&functions[&number(&line["functionId"])]["name"]) as usize];
            (name.as_str().unwrap().to_owned(), number(&line["line"]))
        };
        let stack: Vec<_> = sample["locationId"].as_array().unwrap().iter().rev().map(frame).collect();
        *stacks.entry(stack).or_insert(0) += number(&sample["value"][0]);
    }
    stacks
}

/// The real server cuts each upload by a rule of its own, which shows more frames and charges less to each. So: the sum
/// of everything is equal, every frame that we show is shown there, and its recorded value is not above ours. That
/// ours are right follows from `pprof_and_flame_graph_agree`.
fn pprof_profile(exchange: &Exchange, answer: &Response) {
    let (recorded, ours) = (&exchange.response["json"], &answer.json());
    for field in ["mapping", "timeNanos", "period"] {
        assert_eq!(ours[field], recorded[field], "{field}");
    }
    let text = |profile: &Value, field: &Value| {
        profile["stringTable"][field.as_str().unwrap().parse::<usize>().unwrap()].clone()
    };
    for profile in [recorded, ours] {
        assert_eq!(text(profile, &profile["sampleType"][0]["type"]), "cpu");
        assert_eq!(text(profile, &profile["sampleType"][0]["unit"]), "nanoseconds");
        assert_eq!(text(profile, &profile["periodType"]["type"]), "cpu");
        assert_eq!(text(profile, &profile["defaultSampleType"]), "cpu");
    }
    let sums = |profile: &Value| {
        let mut sums = BTreeMap::new();
        for (stack, value) in stacks(profile) {
            for depth in 0..=stack.len() {
                *sums.entry(stack[..depth].to_vec()).or_insert(0) += value;
            }
        }
        sums
    };
    let (recorded, ours) = (sums(recorded), sums(ours));
    let is_other = |stack: &[(String, i64)]| stack.last().is_some_and(|(name, _)| name == OTHER);
    let shown: Vec<_> = ours.iter().filter(|(stack, _)| !is_other(stack)).collect();
    assert!(shown.len() >= 16, "{}", shown.len());
    let both: Vec<_> = shown.iter().filter_map(|(stack, sum)| Some((*stack, **sum, *recorded.get(*stack)?))).collect();
    assert_eq!(both.len(), shown.len(), "every frame of ours is among the recorded ones");
    for (stack, ours, recorded) in both {
        assert!(recorded <= ours && (recorded == ours || !stack.is_empty()), "{stack:?}: {recorded}, {ours}");
    }
}

fn dot_graph(exchange: &Exchange, answer: &Response) {
    assert_eq!(answer.text(), exchange.response["text"].as_str().unwrap());
}

#[test]
fn pprof_and_flame_graph_agree() {
    let (_dir, server) = loaded("", RECORDED_NOW_NS);
    for profile_type in [CPU, "memory:alloc_in_new_tlab_bytes:bytes:space:bytes", "block:delay:nanoseconds:block:count"]
    {
        let request = json!({"profileTypeID": profile_type, "labelSelector": "{}", "maxNodes": 1 << 20});
        let profile = server.connect("SelectMergeProfile", &request).json();
        let mut totals = BTreeMap::new();
        for (stack, value) in stacks(&profile) {
            let names: Vec<String> = stack.into_iter().map(|(name, _)| name).collect();
            for depth in 0..=names.len() {
                *totals.entry(names[..depth].to_vec()).or_insert(0) += value;
            }
        }
        let graph = frames(&server.connect("SelectMergeStacktraces", &request).json());
        assert_adds_up(profile_type, &graph);
        let expected: BTreeMap<_, _> = graph.into_iter().map(|(path, (total, _))| (path, total[0])).collect();
        assert!(expected.len() > 10, "{profile_type}");
        assert_eq!(totals, expected, "{profile_type}");
    }
}
