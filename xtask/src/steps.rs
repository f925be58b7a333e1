//! Running commands to their end, with an error that names the command.

use std::process::Command;

use anyhow::{Context, bail};

/// Runs a command with our own output; an exit code other than 0 is an error.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let shown = shown(command);
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed: {status}");
    }
    Ok(())
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    #[test]
    fn a_failing_command_is_named_in_the_error() {
        let error = super::run(Command::new("false").arg("x")).unwrap_err();
        assert!(error.to_string().contains("`false x` failed"), "{error}");
        let error = super::run(&mut Command::new("no-such-command-here")).unwrap_err();
        assert!(error.to_string().contains("cannot start `no-such-command-here`"), "{error}");
    }
}
