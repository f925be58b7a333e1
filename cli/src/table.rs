//! Tables for a terminal: columns as wide as their widest cell.

/// How the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Numbers.
    Right,
    /// Texts. The last column is not padded.
    Left,
}

/// Lays out a heading and rows; every row has as many cells as the heading. Ends with a line feed.
pub fn layout(heading: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([heading[column].0.chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let titles = heading.iter().map(|(title, _)| (*title).to_owned()).collect();
    let lines = std::iter::once(&titles).chain(rows).map(|row| line(row, heading, &widths));
    lines.collect()
}

fn line(row: &[String], heading: &[(&str, Align)], widths: &[usize]) -> String {
    let cells: Vec<String> = row
        .iter()
        .zip(heading)
        .zip(widths)
        .map(|((cell, (_, align)), width)| match align {
            Align::Right => format!("{cell:>width$}"),
            Align::Left => format!("{cell:<width$}"),
        })
        .collect();
    format!("{}\n", cells.join("  ").trim_end())
}

#[cfg(test)]
mod tests {
    use super::{Align, layout};

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let heading = [("SELF", Align::Right), ("FUNCTION", Align::Left)];
        let rows = [vec!["2.58 µs".to_owned(), "a".to_owned()], vec!["1 s".to_owned(), "longer.name".to_owned()]];
        assert_eq!(layout(&heading, &rows), "   SELF  FUNCTION\n2.58 µs  a\n    1 s  longer.name\n");
    }

    #[test]
    fn a_table_without_rows_is_its_heading() {
        assert_eq!(layout(&[("A", Align::Left)], &[]), "A\n");
    }
}
