//! Manifests that are right and wrong.

use super::*;

const LINTS: &str = "[lints]\nworkspace = true\n";

/// Findings for one crate whose manifest is `body` and the inherited lints.
fn found(name: &str, body: &str) -> Vec<String> {
    let workspace = "[workspace]\nmembers = [\"jvmti-sys\", \"sampler\", \"jfr\", \"agent\", \"cli\"]\n";
    let manifests: Vec<(String, String)> = ["jvmti-sys", "sampler", "jfr", "agent", "cli"]
        .map(|member| (format!("{member}/Cargo.toml"), if member == name { body.to_owned() } else { LINTS.to_owned() }))
        .into();
    let mut files = vec![("Cargo.toml", workspace)];
    files.extend(manifests.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    check(&Tree::of(&files)).iter().map(ToString::to_string).collect()
}

#[test]
fn allowed_arrows_pass() {
    let sampler = format!(
        "[dependencies]\njvmti-sys.workspace = true\nlibc = \"0.2\"\n[target.'cfg(loom)'.dependencies]\n\
         loom = \"0.7\"\n[dev-dependencies]\nproptest = \"1\"\n{LINTS}"
    );
    assert_eq!(found("sampler", &sampler), [""; 0]);
}

#[test]
fn a_forbidden_arrow_is_named_with_its_line() {
    let lines = found("cli", &format!("[dependencies]\njfr.workspace = true\nagent.workspace = true\n{LINTS}"));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("cli/Cargo.toml:3: cli may not depend on agent"), "{lines:?}");
}

#[test]
fn the_sampler_drags_nothing_in() {
    for body in
        ["[dependencies]\nlog = \"0.4\"\n", "[dependencies]\nloom = \"0.7\"\n", "[build-dependencies]\ncc = \"1\"\n"]
    {
        assert_eq!(found("sampler", &format!("{body}{LINTS}")).len(), 1, "{body}");
    }
    assert!(found("jvmti-sys", "")[0].contains("lints are not inherited"));
}
