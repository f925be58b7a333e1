//! Values with units that people read: `7.13s`, `3MB`, `49.57%`.

use super::graph::Graph;

/// The unit that a whole drawing uses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    divisor: f64,
    unit: &'static str,
}

/// Units of time from nanoseconds up, and of memory from bytes up.
const TIME: &[(f64, &str)] = &[(1.0, "ns"), (1e3, "us"), (1e6, "ms"), (1e9, "s"), (3.6e12, "hrs")];
const MEMORY: &[(f64, &str)] =
    &[(1.0, "B"), (1024.0, "kB"), (1_048_576.0, "MB"), (1_073_741_824.0, "GB"), (1_099_511_627_776.0, "TB")];

impl Scale {
    /// The unit in which the smallest value shown is at least 0.01, or all of it at least 1.
    pub fn new(sample_unit: &str, shown: &Graph, total: i64) -> Self {
        let units = match sample_unit {
            "nanoseconds" => TIME,
            "bytes" => MEMORY,
            _ => return Scale { divisor: 1.0, unit: "" },
        };
        let value = |node: &super::Node| if node.flat > 0 { node.flat } else { node.cumulative };
        let smallest = shown.nodes.iter().map(value).filter(|value| *value > 0).min().unwrap_or(total);
        let largest_below = |value: f64| units.iter().rev().find(|(size, _)| value >= *size).unwrap_or(&units[0]);
        let (smallest, total) = (smallest as f64, total as f64);
        let is_wide = largest_below(smallest) != largest_below(total) && smallest * 100.0 < total;
        let (divisor, unit) = *largest_below(if is_wide { smallest * 100.0 } else { smallest });
        Scale { divisor, unit }
    }

    pub fn label(&self, value: i64) -> String {
        if self.unit.is_empty() {
            return value.to_string();
        }
        let digits = format!("{:.2}", value as f64 / self.divisor);
        match digits.strip_suffix(".00").unwrap_or(&digits) {
            "0" => "0".to_owned(),
            number => format!("{number}{}", self.unit),
        }
    }
}

/// Two digits after the point, or two digits in all below 1 %.
pub(super) fn percentage(value: i64, total: i64) -> String {
    let share = 100.0 * value as f64 / total.max(1) as f64;
    if share >= 99.95 {
        return "100%".to_owned();
    }
    if share >= 1.0 {
        return format!("{share:.2}%");
    }
    if share <= 0.0 {
        return "0%".to_owned();
    }
    let decimals = 1 - share.log10().floor() as i32;
    let text = format!("{share:.*}", decimals.clamp(0, 12) as usize);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_short() {
        for (value, expected) in
            [(0, "0%"), (12, "0.12%"), (50, "0.5%"), (4957, "49.57%"), (9_999, "100%"), (1, "0.01%")]
        {
            assert_eq!(percentage(value, 10_000), expected);
        }
    }

    #[test]
    fn a_unit_suits_the_smallest_and_the_largest() {
        let graph = |flat: &[i64]| {
            let symbol = |at: usize| super::super::Symbol { name: at.to_string().into(), line: 0 };
            let node =
                |(at, flat): (usize, &i64)| super::super::Node { symbol: symbol(at), flat: *flat, cumulative: *flat };
            Graph { nodes: flat.iter().enumerate().map(node).collect(), edges: Vec::new(), total: flat.iter().sum() }
        };
        let unit = |sample_unit, flat: &[i64]| Scale::new(sample_unit, &graph(flat), flat.iter().sum()).unit;
        assert_eq!(unit("nanoseconds", &[10_000_000, 8_000_000_000]), "s");
        assert_eq!(unit("nanoseconds", &[10_000_000, 20_000_000]), "ms");
        assert_eq!(unit("bytes", &[3 << 20]), "MB");
        assert_eq!(unit("count", &[5]), "");
        assert_eq!(unit("nanoseconds", &[]), "ns");
    }
}
