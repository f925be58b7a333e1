//! The table of options. Adding an option means adding a row to a file of its group and a field to [`Options`](super::Options).

use super::choices::Choice;
use super::spec::OptionSpec;
use super::values::{self, Checked, Invalid};

mod authentication;
mod basics;
mod delivery;
mod incumbent;
mod profiles;
mod testing;

/// Every option, in the order of the documentation.
pub const OPTIONS: &[OptionSpec] = &joined::<{ length(GROUPS) }>(GROUPS);

const GROUPS: &[&[OptionSpec]] =
    &[basics::ROWS, profiles::ROWS, delivery::ROWS, authentication::ROWS, testing::ROWS, incumbent::ROWS];

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;
const HOUR: u64 = 3_600 * SECOND;

/// What a row's setter gives: a remark where the value had to be changed.
type Set = Result<Option<String>, Invalid>;

const fn length(groups: &[&[OptionSpec]]) -> usize {
    let (mut total, mut group) = (0, 0);
    while group < groups.len() {
        total += groups[group].len();
        group += 1;
    }
    total
}

const fn joined<const N: usize>(groups: &[&[OptionSpec]]) -> [OptionSpec; N] {
    let mut all = [groups[0][0]; N];
    let (mut at, mut group) = (0, 0);
    while group < groups.len() {
        let mut row = 0;
        while row < groups[group].len() {
            all[at] = groups[group][row];
            at += 1;
            row += 1;
        }
        group += 1;
    }
    all
}

fn keep<T>(slot: &mut T, checked: Checked<T>) -> Set {
    let (value, note) = checked?;
    *slot = value;
    Ok(note)
}

fn plain<T>(slot: &mut T, value: Result<T, Invalid>) -> Set {
    *slot = value?;
    Ok(None)
}

fn word<C: Choice>(slot: &mut C, text: &str) -> Set {
    plain(slot, values::choice(text))
}

fn path(slot: &mut Option<std::path::PathBuf>, text: &str) -> Set {
    *slot = Some(text.into());
    Ok(None)
}
