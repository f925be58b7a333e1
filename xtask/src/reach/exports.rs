//! What other libraries of the process can see of ours: the entry points of the agent and of its Java class.

use super::image::Image;
use super::rules::Pattern;

/// Names that the JVM looks up. Anything else could clash with a second copy or another profiler in the process.
const ALLOWED: &[Pattern] = &[
    Pattern::Name("Agent_OnLoad"),
    Pattern::Name("Agent_OnAttach"),
    Pattern::Name("Agent_OnUnload"),
    Pattern::Name("JNI_OnLoad"),
    Pattern::Name("JNI_OnUnload"),
    Pattern::Prefix("Java_"),
];

/// One line for each exported symbol that should be hidden.
pub fn check(image: &Image<'_>) -> Vec<String> {
    let is_allowed = |name: &&String| ALLOWED.iter().any(|pattern| pattern.matches(name));
    let hidden = image.exported.iter().filter(|name| !is_allowed(name));
    hidden.map(|name| format!("`{name}` is exported; hide it, or it may clash with another library")).collect()
}
