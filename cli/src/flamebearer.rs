//! The flamebearer format of `/pyroscope/render`: decoded into functions with what each used itself and in all.
//!
//! A level is a flat list of numbers, four a node: offset from the end of the node before it, total, self, index of the
//! name. A node's parent is the one of the level above in which it lies.

use std::collections::HashMap;

use serde::Deserialize;

/// Numbers of one node in a level of a single profile.
const NUMBERS_PER_NODE: usize = 4;

/// The answer of `/pyroscope/render`, as far as it is read here.
#[derive(Debug, Deserialize)]
pub struct RenderAnswer {
    flamebearer: Flamebearer,
}

#[derive(Debug, Deserialize)]
struct Flamebearer {
    names: Vec<String>,
    levels: Vec<Vec<i64>>,
}

/// What one function used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionUse {
    /// The name as the server sends it.
    pub name: String,
    /// Used by the function itself.
    pub self_value: i64,
    /// Used by the function and all it called. A function that calls itself is counted once a stack.
    pub total: i64,
}

/// A profile by function.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FunctionUses {
    /// The sum of all samples.
    pub total: i64,
    /// One row a function, in no particular order.
    pub functions: Vec<FunctionUse>,
}

/// Why an answer cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DecodeError {
    /// A level that is cut within a node.
    #[error(
        "the server's flame graph is malformed: level {level} holds {numbers} numbers, which is no multiple of {NUMBERS_PER_NODE}"
    )]
    Torn {
        /// Counted from the root, which is 0.
        level: usize,
        /// How many numbers the level holds.
        numbers: usize,
    },
    /// An index beyond the list of names.
    #[error("the server's flame graph is malformed: it has no name {index}")]
    NoSuchName {
        /// The index.
        index: i64,
    },
    /// A node that lies in no node of the level above.
    #[error("the server's flame graph is malformed: a node of level {level} has no parent")]
    Orphan {
        /// Counted from the root, which is 0.
        level: usize,
    },
}

/// A node's place and name, and its parent in the level above.
struct Node {
    start: i64,
    end: i64,
    name: usize,
    parent: usize,
}

impl RenderAnswer {
    /// Sums the graph by function. The root, which is not a function, is left out.
    ///
    /// # Errors
    /// [`DecodeError`] where the answer is not a flame graph of a single profile.
    pub fn by_function(&self) -> Result<FunctionUses, DecodeError> {
        let Flamebearer { names, levels } = &self.flamebearer;
        let mut uses: HashMap<usize, (i64, i64)> = HashMap::new();
        let mut rows: Vec<Vec<Node>> = Vec::with_capacity(levels.len());
        for (level, numbers) in levels.iter().enumerate() {
            let row = read_level(level, numbers, names.len(), rows.last().map(Vec::as_slice))?;
            for (node, quad) in row.iter().zip(numbers.chunks_exact(NUMBERS_PER_NODE)).filter(|_| level > 0) {
                let (self_value, total) = uses.entry(node.name).or_default();
                *self_value = self_value.saturating_add(quad[2]);
                if !calls_itself(&rows, node) {
                    *total = total.saturating_add(quad[1]);
                }
            }
            rows.push(row);
        }
        let functions = uses.into_iter().map(|(name, (self_value, total))| FunctionUse {
            name: names[name].clone(),
            self_value,
            total,
        });
        Ok(FunctionUses {
            total: rows.first().and_then(|row| row.first()).map_or(0, |root| root.end - root.start),
            functions: functions.collect(),
        })
    }
}

/// Reads one level; `above` is the one before it, or nothing for the root's. Both run from left to right, so that one
/// pass finds every parent.
fn read_level(level: usize, numbers: &[i64], names: usize, above: Option<&[Node]>) -> Result<Vec<Node>, DecodeError> {
    if !numbers.len().is_multiple_of(NUMBERS_PER_NODE) {
        return Err(DecodeError::Torn { level, numbers: numbers.len() });
    }
    let mut row = Vec::with_capacity(numbers.len() / NUMBERS_PER_NODE);
    let mut at = 0_i64;
    let mut parent = 0;
    for quad in numbers.chunks_exact(NUMBERS_PER_NODE) {
        let start = at.saturating_add(quad[0]);
        at = start.saturating_add(quad[1]);
        let name = usize::try_from(quad[3])
            .ok()
            .filter(|name| *name < names)
            .ok_or(DecodeError::NoSuchName { index: quad[3] })?;
        if let Some(above) = above {
            while above.get(parent).is_some_and(|candidate| candidate.end <= start) {
                parent += 1;
            }
            if above.get(parent).is_none_or(|candidate| candidate.start > start) {
                return Err(DecodeError::Orphan { level });
            }
        }
        row.push(Node { start, end: at, name, parent });
    }
    Ok(row)
}

/// Whether one of the frames above a node, which is not yet in `rows`, has its name.
fn calls_itself(rows: &[Vec<Node>], node: &Node) -> bool {
    let mut parent = node.parent;
    for row in rows.iter().skip(1).rev() {
        let above = &row[parent];
        if above.name == node.name {
            return true;
        }
        parent = above.parent;
    }
    false
}

#[cfg(test)]
mod tests;
