//! Which crate may depend on which, and that every crate obeys the workspace's lints.

#[cfg(test)]
mod tests;

use toml::Table;

use super::finding::Finding;
use super::tree::{File, Tree};

/// What one crate may depend on.
struct Arrows {
    /// Name of the crate, which is its folder.
    name: &'static str,
    /// Crates of the workspace it may use.
    own: &'static [&'static str],
    /// Foreign crates it may use; `None` for any.
    foreign: Option<&'static [&'static str]>,
}

/// The arrows between the crates. The two at the bottom know nothing of the rest; what runs in a signal handler drags
/// nothing in; what reads recordings never needs the agent.
const ARROWS: &[Arrows] = &[
    Arrows { name: "jvmti-sys", own: &[], foreign: Some(&[]) },
    Arrows { name: "sampler", own: &["jvmti-sys"], foreign: Some(&["libc", "loom"]) },
    Arrows { name: "jfr", own: &[], foreign: None },
    Arrows { name: "agent", own: &["jvmti-sys", "sampler", "jfr"], foreign: None },
    Arrows { name: "collector", own: &["jfr"], foreign: None },
    Arrows { name: "cli", own: &["jfr", "collector"], foreign: None },
    Arrows { name: "tests", own: &["jfr", "collector"], foreign: None },
    Arrows { name: "xtask", own: &["jfr", "collector", "agent"], foreign: None },
];

/// Members of a manifest that name dependencies which end up in the crate. Those of tests may be anything foreign.
const LINKED: &[&str] = &["dependencies", "build-dependencies"];
const OF_TESTS: &str = "dev-dependencies";

/// The one condition under which loom may be linked.
const LOOM: &str = "loom";
const LOOM_TARGET: &str = "cfg(loom)";

/// Checks the manifests of all members of the workspace.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let Some(workspace) = tree.file("Cargo.toml") else {
        return vec![Finding::new("Cargo.toml", 1, "no workspace manifest; run tidy at the root of the project")];
    };
    let members = match workspace.text.parse::<Table>() {
        Ok(table) => members_of(&table),
        Err(error) => {
            return vec![Finding::new(&workspace.path, 1, format!("not TOML: {error}"))];
        }
    };
    let mut findings = Vec::new();
    for member in &members {
        let path = format!("{member}/Cargo.toml");
        match (tree.file(&path), ARROWS.iter().find(|row| row.name == member)) {
            (Some(file), Some(row)) => findings.extend(check_manifest(file, row, &members)),
            (Some(_), None) => {
                let what = "no row for this crate in xtask/src/tidy/crates.rs; say there what it may depend on";
                findings.push(Finding::new(&path, 1, what));
            }
            (None, _) => findings.push(Finding::new("Cargo.toml", 1, format!("member `{member}` has no manifest"))),
        }
    }
    if let Some(script) = tree.file("jvmti-sys/build.rs") {
        findings.push(Finding::new(&script.path, 1, "jvmti-sys has no build script; commit what it would generate"));
    }
    findings
}

fn members_of(workspace: &Table) -> Vec<String> {
    let members = workspace.get("workspace").and_then(|table| table.get("members")).and_then(toml::Value::as_array);
    members.into_iter().flatten().filter_map(|member| member.as_str().map(str::to_owned)).collect()
}

fn check_manifest(file: &File, row: &Arrows, members: &[String]) -> Vec<Finding> {
    let manifest = match file.text.parse::<Table>() {
        Ok(table) => table,
        Err(error) => return vec![Finding::new(&file.path, 1, format!("not TOML: {error}"))],
    };
    let mut findings = Vec::new();
    let inherits = manifest.get("lints").and_then(|lints| lints.get("workspace")) == Some(&toml::Value::Boolean(true));
    if !inherits {
        findings.push(Finding::new(&file.path, 1, "lints are not inherited; add `[lints]` with `workspace = true`"));
    }
    for dependency in dependencies(&manifest) {
        if let Some(what) = refusal(row, &dependency, members) {
            findings.push(Finding::new(&file.path, line_naming(&file.text, dependency.name), what));
        }
    }
    findings
}

/// One dependency of a manifest.
struct Dependency<'a> {
    name: &'a str,
    /// The condition of its `[target.'...']`, if it has one.
    target: Option<&'a str>,
    /// Whether only tests use it.
    of_tests: bool,
}

fn dependencies(manifest: &Table) -> Vec<Dependency<'_>> {
    let mut found = dependencies_in(manifest, None);
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    for (target, table) in targets.into_iter().flatten() {
        found.extend(table.as_table().into_iter().flat_map(|table| dependencies_in(table, Some(target))));
    }
    found
}

fn dependencies_in<'a>(table: &'a Table, target: Option<&'a str>) -> Vec<Dependency<'a>> {
    let sections = LINKED.iter().copied().chain([OF_TESTS]);
    let named = |section: &'static str| {
        let entries = table.get(section).and_then(toml::Value::as_table);
        entries.into_iter().flat_map(Table::keys).map(move |name| Dependency {
            name: name.as_str(),
            target,
            of_tests: section == OF_TESTS,
        })
    };
    sections.flat_map(named).collect()
}

/// Why the crate may not have this dependency.
fn refusal(row: &Arrows, dependency: &Dependency<'_>, members: &[String]) -> Option<String> {
    let Dependency { name, target, of_tests } = *dependency;
    if members.iter().any(|member| member == name) {
        let allowed = row.own.contains(&name);
        return (!allowed).then(|| format!("{} may not depend on {name}; move what they share downwards", row.name));
    }
    if of_tests {
        return None;
    }
    if row.foreign.is_some_and(|allowed| !allowed.contains(&name)) {
        return Some(format!("{} may not depend on {name}; it runs where nothing foreign may", row.name));
    }
    let misplaced = name == LOOM && target != Some(LOOM_TARGET);
    misplaced.then(|| format!("{LOOM} is for model checking alone; put it under `[target.'{LOOM_TARGET}'...]`"))
}

fn line_naming(text: &str, dependency: &str) -> usize {
    text.lines().position(|line| line.trim_start().starts_with(dependency)).map_or(1, |index| index + 1)
}
