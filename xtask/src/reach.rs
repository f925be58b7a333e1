//! `xtask reach`: proves on the built library that nothing dangerous can be reached from a signal handler.
//!
//! The library is disassembled from the handlers' symbols on. Direct calls, jumps, calls through the global offset
//! table and the procedure linkage table, and calls through registers whose every definition is known are followed
//! through the whole text. A reached function with a forbidden name, an imported function that is not on the list of
//! allowed ones, thread-local storage, a system call that is not on its list, an instruction that aborts, and an
//! indirect call outside the functions that are made for one are findings; each is told with the path of calls to it.
//!
//! The proof holds for the code as the linker left it, so it is made on the release library with its symbols.
//! Both ways of a branch count as taken. Code that only unwinding enters does not count, because everything that
//! could start to unwind is forbidden. What a chained handler or the JVM does behind an allowed indirect call is out
//! of sight.

mod exports;
mod image;
mod registers;
mod rules;
mod scan;
mod walk;

#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use image::Image;
use rules::Rules;

/// Checks the library at `so_path` and prints what was reached, or one line per finding.
///
/// # Errors
/// If the library cannot be read or has no symbols, and if there is any finding.
pub fn run(so_path: &Path) -> Result<()> {
    let bytes = fs::read(so_path)
        .with_context(|| format!("cannot read {}; build it with `cargo build --release`", so_path.display()))?;
    let image = Image::parse(&bytes).with_context(|| format!("cannot use {}", so_path.display()))?;
    let mut findings = exports::check(&image);
    let reached = walk::from_entries(&image, &Rules::PROJECT)?;
    findings.extend(reached.findings.iter().map(ToString::to_string));
    for finding in &findings {
        println!("{}: {finding}", so_path.display());
    }
    println!("{reached}");
    if !findings.is_empty() {
        bail!("reach: {} things to put right in {}", findings.len(), so_path.display());
    }
    Ok(())
}
