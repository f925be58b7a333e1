//! Flame graphs taken apart into frames by path, and the way in which a real Pyroscope cuts them.

use serde_json::Value;
use std::collections::BTreeMap;

/// Frames by their path from the root (which is empty): total and own value per side.
pub type Frames = BTreeMap<Vec<String>, ([i64; 2], [i64; 2])>;

/// The name of what was cut off.
pub const OTHER: &str = "other";

/// Reads a graph of one side (4 numbers a frame) or of two (7), as `render` or Connect JSON has it. Fails the test
/// if a frame does not lie below another, if offsets overlap, or if children hold more than their parent.
pub fn frames(answer: &Value) -> Frames {
    let graph = [&answer["flamebearer"], &answer["flamegraph"]].into_iter().find(|graph| graph.is_object());
    let graph = graph.expect("a flame graph");
    let names: Vec<&str> = graph["names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let width = if answer["metadata"]["format"] == "double" || !graph["leftTicks"].is_null() { 7 } else { 4 };
    let mut frames = Frames::new();
    let mut above: Vec<([i64; 2], [i64; 2], Vec<String>)> = Vec::new();
    for (depth, level) in graph["levels"].as_array().unwrap().iter().enumerate() {
        let level = numbers(level);
        let mut end = [0i64; 2];
        let mut here = Vec::new();
        for frame in level.chunks(width) {
            let (mut start, mut total, mut own) = ([0; 2], [0; 2], [0; 2]);
            for side in 0..width / 3 {
                start[side] = end[side] + frame[side * 3];
                (total[side], own[side]) = (frame[side * 3 + 1], frame[side * 3 + 2]);
                assert!(frame[side * 3] >= 0 && own[side] <= total[side], "frames overlap at depth {depth}");
                end[side] = start[side] + total[side];
            }
            let name = names[frame[width - 1] as usize];
            let path =
                if depth == 0 { Vec::new() } else { [parent(&above, start, end), vec![name.to_owned()]].concat() };
            add(frames.entry(path.clone()).or_default(), total, own);
            here.push((start, end, path));
        }
        above = here;
    }
    frames
}

/// The path of the frame that encloses a range on both sides.
fn parent(above: &[([i64; 2], [i64; 2], Vec<String>)], start: [i64; 2], end: [i64; 2]) -> Vec<String> {
    let encloses =
        |from: &[i64; 2], to: &[i64; 2]| (0..2).all(|side| from[side] <= start[side] && end[side] <= to[side]);
    let found = above.iter().find(|(from, to, _)| encloses(from, to));
    found.unwrap_or_else(|| panic!("no frame above {start:?}..{end:?}")).2.clone()
}

/// A level is a list, or a list in an object; numbers may be strings.
fn numbers(level: &Value) -> Vec<i64> {
    let list = if level.is_array() { level } else { &level["values"] };
    let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok()).expect("a number");
    list.as_array().unwrap().iter().map(number).collect()
}

/// Adds up graphs.
pub fn merge(graphs: &[Frames]) -> Frames {
    let mut sum = Frames::new();
    for (path, (total, own)) in graphs.iter().flatten() {
        add(sum.entry(path.clone()).or_default(), *total, *own);
    }
    sum
}

fn add(frame: &mut ([i64; 2], [i64; 2]), total: [i64; 2], own: [i64; 2]) {
    for side in [0, 1] {
        frame.0[side] += total[side];
        frame.1[side] += own[side];
    }
}

/// How frames named "other" are treated when a graph is cut.
#[derive(Clone, Copy, PartialEq)]
pub enum Cut {
    /// Between servers: kept whatever their size, and what is cut is added to them.
    Transfer,
    /// In the answer: gathered anew.
    Answer,
    /// In the answer of a difference: like any frame; the root counts as one of the largest.
    Difference,
}

/// Keeps the `max_nodes` largest frames (and ties) and sums the rest into "other" frames.
pub fn cut(graph: &Frames, max_nodes: usize, how: Cut) -> Frames {
    let size = |frame: &([i64; 2], [i64; 2])| frame.0[0].max(frame.0[1]);
    let counted = graph.iter().filter(|(path, _)| how == Cut::Difference || !path.is_empty());
    let mut totals: Vec<i64> = counted.map(|(_, frame)| size(frame)).collect();
    if totals.len() <= max_nodes {
        return graph.clone();
    }
    totals.sort_unstable_by(|a, b| b.cmp(a));
    let least = totals[max_nodes - 1];
    let stays = |path: &[String], frame: &([i64; 2], [i64; 2])| match (path.last(), how) {
        (None, _) => true,
        (Some(name), Cut::Transfer) if name == OTHER => true,
        (Some(name), Cut::Answer) if name == OTHER => false,
        _ => size(frame) >= least,
    };
    let mut kept = Frames::new();
    for (path, frame) in graph {
        let gone = (1..path.len()).any(|depth| !stays(&path[..depth], &graph[&path[..depth]]));
        if gone {
            continue;
        }
        let (place, own) = if stays(path, frame) {
            (path.clone(), frame.1)
        } else {
            ([&path[..path.len() - 1], &[OTHER.to_owned()]].concat(), frame.0)
        };
        add(kept.entry(place).or_default(), frame.0, own);
    }
    kept
}

/// Checks that each frame's total is its own value and its children's.
pub fn assert_adds_up(name: &str, graph: &Frames) {
    for (path, (total, own)) in graph {
        let below = graph.iter().filter(|(other, _)| other.len() == path.len() + 1 && other.starts_with(path));
        let sum = |side: usize| own[side] + below.clone().map(|(_, frame)| frame.0[side]).sum::<i64>();
        assert_eq!([sum(0), sum(1)], *total, "{name}: {path:?}");
    }
}
