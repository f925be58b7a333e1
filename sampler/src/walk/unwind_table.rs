//! The unwind rules of one library: a sorted array of addresses and, for each, a number into a list of rules.
//!
//! Six bytes a row, because a large library has 200,000 rows but only some hundred different rules.

use super::unwind_rule::UnwindRule;

/// Most steps of a binary search: enough for any slice indexed by 32 bits.
const MAX_SEARCH_STEPS: u32 = 32;

/// Unwind rules of one library. Addresses are relative to the table's base, which its owner knows.
#[derive(Clone, Copy, Debug)]
pub struct UnwindTable<'t> {
    /// First address of each row, ascending. A row reaches to the next one; the last row should be
    /// [`UnwindRule::Uncovered`].
    pub pcs: &'t [u32],
    /// Index into `rule_list` of each row; as long as `pcs`.
    pub rules: &'t [u16],
    /// The different rules of the library.
    pub rule_list: &'t [UnwindRule],
}

impl UnwindTable<'_> {
    /// The rule that holds at `relative_pc`; [`UnwindRule::Uncovered`] where there is none, or where the table is
    /// malformed.
    #[inline]
    #[must_use]
    pub fn rule_at(&self, relative_pc: u32) -> UnwindRule {
        last_at_or_below(self.pcs, |pc| *pc <= relative_pc)
            .and_then(|row| self.rules.get(row))
            .and_then(|rule| self.rule_list.get(usize::from(*rule)))
            .copied()
            .unwrap_or(UnwindRule::Uncovered)
    }
}

/// Index of the last item for which `holds`, in a slice where it holds for a prefix. Written out because the
/// library's search may not be free of panics in every build.
#[inline]
pub(super) fn last_at_or_below<T>(items: &[T], holds: impl Fn(&T) -> bool) -> Option<usize> {
    // Every item below `lo` holds, none from `hi` on does.
    let (mut lo, mut hi) = (0_usize, items.len());
    for _ in 0..MAX_SEARCH_STEPS {
        if lo >= hi {
            break;
        }
        let middle = lo.wrapping_add(hi.wrapping_sub(lo) >> 1);
        if holds(items.get(middle)?) {
            lo = middle.wrapping_add(1);
        } else {
            hi = middle;
        }
    }
    lo.checked_sub(1)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test may panic")]
mod tests {
    use super::super::unwind_rule::{Cfa, SavedFp};
    use super::{UnwindRule, UnwindTable, last_at_or_below};

    const ENTRY: UnwindRule = UnwindRule::Frame { cfa: Cfa::Sp(8), fp: SavedFp::Same };
    const RULES: &[UnwindRule] = &[UnwindRule::Uncovered, ENTRY, UnwindRule::EndOfStack];

    #[test]
    fn a_row_reaches_to_the_next_one() {
        let table = UnwindTable { pcs: &[0x10, 0x20, 0x30], rules: &[1, 2, 0], rule_list: RULES };
        let at = |pc| table.rule_at(pc);
        assert_eq!(at(0xf), UnwindRule::Uncovered);
        assert_eq!((at(0x10), at(0x1f)), (ENTRY, ENTRY));
        assert_eq!((at(0x20), at(0x2f)), (UnwindRule::EndOfStack, UnwindRule::EndOfStack));
        assert_eq!((at(0x30), at(u32::MAX)), (UnwindRule::Uncovered, UnwindRule::Uncovered));
    }

    #[test]
    fn a_malformed_table_covers_nothing() {
        let short = UnwindTable { pcs: &[0x10, 0x20], rules: &[1], rule_list: RULES };
        assert_eq!(short.rule_at(0x25), UnwindRule::Uncovered);
        let wild = UnwindTable { pcs: &[0x10], rules: &[9], rule_list: RULES };
        assert_eq!(wild.rule_at(0x10), UnwindRule::Uncovered);
        let empty = UnwindTable { pcs: &[], rules: &[], rule_list: RULES };
        assert_eq!(empty.rule_at(0x10), UnwindRule::Uncovered);
    }

    #[test]
    fn the_search_agrees_with_a_linear_one() {
        let items: [u32; 9] = [2, 3, 5, 8, 13, 21, 34, 55, 89];
        for length in 0..=items.len() {
            for wanted in 0..100 {
                let slice = items.get(..length).unwrap_or(&[]);
                let linear = slice.iter().rposition(|item| *item <= wanted);
                assert_eq!(last_at_or_below(slice, |item| *item <= wanted), linear);
            }
        }
    }
}
