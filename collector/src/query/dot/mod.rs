//! A tree as a graph in Graphviz' language, laid out as pprof's graphs are.

mod graph;
mod measure;

use super::call_tree::{FrozenTree, Symbol};
use crate::model::ProfileType;
use crate::time_text::short_utc_text;
use graph::{Edge, Graph, Node};
use measure::{Scale, percentage};
use std::fmt::Write;

/// Draws the `max_nodes` frames (0 for all) that say the most, with arrows from callers to callees. An arrow over
/// frames that are not shown is dotted.
pub(crate) fn dot_graph(tree: &FrozenTree, profile_type: &ProfileType, time_ms: i64, max_nodes: usize) -> String {
    let whole = Graph::whole(tree);
    let shown = whole.select(tree, max_nodes);
    let largest = shown.nodes.iter().map(|node| node.flat).max().unwrap_or(0);
    let drawing =
        Drawing { total: whole.total, largest, scale: Scale::new(&profile_type.sample_unit, &shown, whole.total) };
    let mut text = String::from("digraph \"unnamed\" {\nnode [style=filled fillcolor=\"#f8f8f8\"]\n");
    drawing.legend(&mut text, profile_type, time_ms, &whole, &shown);
    for (at, node) in shown.nodes.iter().enumerate() {
        drawing.node(&mut text, at + 1, node);
    }
    for edge in &shown.edges {
        drawing.edge(&mut text, &shown, edge);
    }
    text.push_str("}\n");
    text
}

/// What all parts of a drawing share.
struct Drawing {
    total: i64,
    /// The largest value of a frame of its own.
    largest: i64,
    scale: Scale,
}

impl Drawing {
    /// A box that says what is shown and how much of the whole it is.
    fn legend(&self, text: &mut String, profile_type: &ProfileType, time_ms: i64, whole: &Graph, shown: &Graph) {
        let kind = escaped(&profile_type.sample_type);
        let time = short_utc_text(time_ms.saturating_mul(1_000_000));
        let flat: i64 = shown.nodes.iter().map(|node| node.flat).sum();
        let (accounted, share) = (self.scale.label(flat), percentage(flat, self.total));
        let total = self.scale.label(self.total);
        let mut lines = format!(
            "Type: {kind}\\lTime: {time}\\lShowing nodes accounting for {accounted}, {share} of {total} total\\l"
        );
        if shown.nodes.len() < whole.nodes.len() {
            push(&mut lines, format_args!("Showing top {} nodes out of {}\\l", shown.nodes.len(), whole.nodes.len()));
        }
        push(
            text,
            format_args!(
                "subgraph cluster_L {{ \"Type: {kind}\" [shape=box fontsize=16 label=\"{lines}\\lSee \
                 https://git.io/JfYMW for how to read the graph\\l\"] }}\n"
            ),
        );
    }

    /// Own value and value of all that passes through, the first in large letters, the second as colour.
    fn node(&self, text: &mut String, number: usize, node: &Node) {
        let mut label = multiline_name(&node.symbol);
        let flat = self.scale.label(node.flat);
        if node.flat == 0 {
            label.push('0');
        } else {
            push(&mut label, format_args!("{flat} ({})", percentage(node.flat, self.total)));
        }
        let cumulative = self.scale.label(node.cumulative);
        if node.cumulative != node.flat {
            let gap = if node.flat == 0 { " " } else { "\\n" };
            push(&mut label, format_args!("{gap}of {cumulative} ({})", percentage(node.cumulative, self.total)));
        }
        let share = self.share(node.cumulative);
        let (color, fill) = (color(share, FOREGROUND), color(share, BACKGROUND));
        push(
            text,
            format_args!(
                "N{number} [label=\"{label}\" id=\"node{number}\" fontsize={} shape=box tooltip=\"{} ({cumulative})\" \
                 color=\"{color}\" fillcolor=\"{fill}\"]\n",
                self.font_size(node.flat),
                escaped(&one_line_name(&node.symbol)),
            ),
        );
    }

    /// Width and pull (Graphviz' `weight`) grow with the value.
    fn edge(&self, text: &mut String, shown: &Graph, edge: &Edge) {
        let label = self.scale.label(edge.weight);
        let mut attributes = format!("label=\" {label}\"");
        for (name, most) in [("weight", 100), ("penwidth", 5)] {
            let share = (i128::from(edge.weight) * most / i128::from(self.total.max(1))).min(most);
            if share > 0 {
                push(&mut attributes, format_args!(" {name}={}", share + 1));
            }
        }
        let name = |at: usize| escaped(&one_line_name(&shown.nodes[at].symbol));
        let arrow = if edge.residual { "..." } else { "->" };
        let tip = format!("\"{} {arrow} {} ({label})\"", name(edge.from), name(edge.to));
        let color = color(self.share(edge.weight), FOREGROUND);
        push(&mut attributes, format_args!(" color=\"{color}\" tooltip={tip} labeltooltip={tip}"));
        if edge.residual {
            attributes.push_str(" style=\"dotted\"");
        }
        push(text, format_args!("N{} -> N{} [{attributes}]\n", edge.from + 1, edge.to + 1));
    }

    fn share(&self, value: i64) -> f64 {
        value as f64 / self.total.max(1) as f64
    }

    /// From 8 to 24 points, by the root of the share, so that small values can be told apart.
    fn font_size(&self, flat: i64) -> u32 {
        let share = flat as f64 / self.largest.max(1) as f64;
        8 + (16.0 * share.sqrt()).ceil() as u32
    }
}

/// Appends; writing to a string cannot fail.
fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(arguments);
}

/// `name :line`, the line only where it is known.
fn one_line_name(symbol: &Symbol) -> String {
    match symbol.line {
        0 => symbol.name.to_string(),
        line => format!("{} :{line}", symbol.name),
    }
}

/// The name without its package, each part on a line of its own.
fn multiline_name(symbol: &Symbol) -> String {
    let mut name = escaped(without_package(&symbol.name)).replace("::", "\\n").replace('.', "\\n");
    name.push_str("\\n");
    if symbol.line != 0 {
        push(&mut name, format_args!(":{}\\n", symbol.line));
    }
    name
}

/// `java/lang/Thread.run` → `Thread.run`.
fn without_package(name: &str) -> &str {
    let is_package = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
    let mut rest = name;
    while let Some((part, after)) = rest.split_once('/') {
        if !is_package(part) {
            break;
        }
        rest = after;
    }
    if rest.contains('.') { rest } else { name }
}

/// Quotes and backslashes would end a string of the language.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\l")
}

/// Saturation and value of a colour.
type Shade = (f64, f64);
const FOREGROUND: Shade = (1.0, 0.7);
const BACKGROUND: Shade = (0.1, 0.93);

/// From grey for nothing to red for everything.
fn color(share: f64, (saturation, value): Shade) -> String {
    /// Small shares are moved away from grey by this exponent.
    const SHIFT: f64 = 0.3;
    /// Below this share the colour fades into grey.
    const FADES_BELOW: f64 = 0.2;
    let share = share.clamp(0.0, 1.0);
    let saturation = if share < FADES_BELOW { saturation * share / FADES_BELOW } else { saturation };
    let channel = |strength: f64| (value * strength * 255.0) as u8;
    let (green, blue) = (1.0 - saturation * share.powf(SHIFT), 1.0 - saturation);
    format!("#{:02x}{:02x}{:02x}", channel(1.0), channel(green), channel(blue))
}

#[cfg(test)]
mod tests {
    use super::super::{CallTree, Side, Symbols};
    use super::*;

    fn draw(stacks: &[(&[&str], i64)], unit: &str, max_nodes: usize) -> String {
        let mut tree = CallTree::new(Symbols::FunctionAndLine);
        for (stack, value) in stacks {
            tree.add_stack(Side::Left, stack, *value);
        }
        let profile_type = format!("m:kind:{unit}:p:{unit}").parse().unwrap();
        dot_graph(&tree.freeze(), &profile_type, 0, max_nodes)
    }

    #[test]
    fn names_are_escaped_and_values_carry_their_unit() {
        let text = draw(&[(&["a/b/C\"D.run"], 3 << 20)], "bytes", 0);
        assert!(text.contains(r#"label="C\"D\nrun\n3MB (100%)""#), "{text}");
        assert!(text.contains(r#"tooltip="a/b/C\"D.run (3MB)""#), "{text}");
        assert!(text.contains("Time: Jan 1, 1970 at 12:00am (UTC)"), "{text}");
    }

    #[test]
    fn an_empty_profile_is_an_empty_graph() {
        let text = draw(&[], "count", 0);
        assert!(text.starts_with("digraph") && text.ends_with("}\n"), "{text}");
        assert!(!text.contains("N1"), "{text}");
    }

    #[test]
    fn packages_are_taken_off() {
        assert_eq!(without_package("java/lang/Thread.run"), "Thread.run");
        assert_eq!(without_package("libc.so.6.clone3"), "libc.so.6.clone3");
        assert_eq!(without_package("a/b"), "a/b");
        assert_eq!(without_package("/a.b"), "/a.b");
    }
}
