//! Median and quartiles of paired differences.

use std::fmt;

/// The median of some figures with the first and third quartile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// A quarter of the figures lie below.
    pub first_quartile: f64,
    /// Half of the figures lie below.
    pub median: f64,
    /// A quarter of the figures lie above.
    pub third_quartile: f64,
}

impl Spread {
    /// The spread of some figures; `None` if there are none.
    pub fn of(mut figures: Vec<f64>) -> Option<Spread> {
        figures.sort_by(f64::total_cmp);
        Some(Spread {
            first_quartile: quantile(&figures, 0.25)?,
            median: quantile(&figures, 0.5)?,
            third_quartile: quantile(&figures, 0.75)?,
        })
    }

    /// The same spread in another unit.
    pub fn scaled(self, factor: f64) -> Spread {
        Spread {
            first_quartile: self.first_quartile * factor,
            median: self.median * factor,
            third_quartile: self.third_quartile * factor,
        }
    }
}

/// `median [first..third]`, with as many digits as the precision asks for and signs if asked for.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(1);
        let text = |value: f64| {
            if f.sign_plus() { format!("{value:+.digits$}") } else { format!("{value:.digits$}") }
        };
        write!(f, "{} [{}..{}]", text(self.median), text(self.first_quartile), text(self.third_quartile))
    }
}

/// The median of some figures; `None` if there are none.
pub fn median(figures: Vec<f64>) -> Option<f64> {
    Spread::of(figures).map(|spread| spread.median)
}

/// Interpolates linearly between the two neighbours.
fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    let position = part * sorted.len().checked_sub(1)? as f64;
    let below = sorted[position.floor() as usize];
    let above = sorted[position.ceil() as usize];
    Some(below + (above - below) * position.fract())
}

#[cfg(test)]
mod tests {
    use super::{Spread, median};

    #[test]
    fn quartiles_are_interpolated() {
        let spread = Spread::of(vec![4.0, 1.0, 3.0, 2.0]).unwrap();
        assert_eq!((spread.first_quartile, spread.median, spread.third_quartile), (1.75, 2.5, 3.25));
        assert_eq!(format!("{spread:.2}"), "2.50 [1.75..3.25]");
        assert_eq!(format!("{spread:+.0}"), "+2 [+2..+3]");
        assert_eq!(median(vec![7.0]), Some(7.0));
        assert_eq!(median(Vec::new()), None);
    }
}
