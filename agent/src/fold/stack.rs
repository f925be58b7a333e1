//! From the parts of a walk to the frames of a stack: the rules of what is shown, and in which order.

use jvmti_sys::agct_failure;

use super::frames::{FrameId, FrameKind, Frames};

/// The server cuts deeper stacks at the leaf side, which is the side that matters (Pyroscope, `max_profile_stacktrace_depth`
/// 1000). So we cut at the root side first.
pub const MAX_FRAMES: usize = 1_000;

/// What is known about a sample besides its frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walked<'a> {
    /// Number of Java frames, or AsyncGetCallTrace's failure code.
    pub java: i32,
    /// Whether there were more Java frames than were asked for.
    pub java_cut: bool,
    /// Whether the native part reached the thread's first function, or Java code.
    pub native_complete: bool,
    /// Name of the thread for the root of the stack, if it gets one.
    pub root: Option<&'a str>,
}

/// Completes a stack, leaf first, whose native and Java frames are in `stack` already.
pub fn complete(stack: &mut Vec<FrameId>, walked: Walked<'_>, frames: &mut Frames) {
    if walked.java < 0 {
        stack.push(frames.pseudo(&failure_text(walked.java)));
    } else if stack.is_empty() {
        stack.push(frames.pseudo("walk failed: no_Java_frame"));
    } else if walked.java == 0 && !walked.native_complete {
        stack.push(frames.pseudo("native stack incomplete"));
    }
    if walked.java_cut {
        // It was asked for only to know that there were more.
        stack.pop();
    }
    let root = walked.root.map(|name| frames.named("[thread]", name, FrameKind::Pseudo));
    let room = MAX_FRAMES - usize::from(root.is_some());
    if walked.java_cut || stack.len() > room {
        stack.truncate(room - 1);
        stack.push(frames.pseudo("stack truncated"));
    }
    stack.extend(root);
}

/// The method of the pseudo-frame for a failed walk.
pub fn failure_text(code: i32) -> String {
    match agct_failure(code) {
        Some(failure) => format!("walk failed: {}", failure.name),
        None => format!("walk failed: code {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALKED: Walked<'static> = Walked { java: 1, java_cut: false, native_complete: true, root: None };

    fn methods(stack: &[FrameId], frames: &Frames) -> Vec<String> {
        stack.iter().filter_map(|id| frames.get(*id)).map(|frame| frames.text(frame.method).to_owned()).collect()
    }

    fn completed(depth: usize, walked: Walked<'_>) -> Vec<String> {
        let mut frames = Frames::default();
        let mut stack: Vec<FrameId> =
            (0..depth).map(|i| frames.named("C", &format!("m{i}"), FrameKind::Java)).collect();
        complete(&mut stack, walked, &mut frames);
        methods(&stack, &frames)
    }

    #[test]
    fn a_java_stack_stays_as_it_is() {
        assert_eq!(completed(2, WALKED), ["m0", "m1"]);
    }

    #[test]
    fn a_failed_walk_says_so_below_its_native_frames() {
        let walked = Walked { java: -5, ..WALKED };
        assert_eq!(completed(1, walked), ["m0", "walk failed: unknown_Java"]);
        assert_eq!(completed(0, Walked { java: 0, ..WALKED }), ["walk failed: no_Java_frame"]);
        assert_eq!(completed(1, Walked { java: -77, ..WALKED })[1], "walk failed: code -77");
    }

    #[test]
    fn a_native_stack_without_its_root_says_so() {
        let walked = Walked { java: 0, native_complete: false, root: Some("GC Thread#"), ..WALKED };
        assert_eq!(completed(1, walked), ["m0", "native stack incomplete", "GC Thread#"]);
    }

    #[test]
    fn a_deep_stack_keeps_its_leaf_and_marks_the_cut() {
        let cut = completed(1_500, WALKED);
        assert_eq!(cut.len(), MAX_FRAMES);
        assert_eq!((cut[0].as_str(), cut[999].as_str()), ("m0", "stack truncated"));
        let cut = completed(1_500, Walked { root: Some("t"), ..WALKED });
        assert_eq!((cut.len(), cut[998].as_str(), cut[999].as_str()), (MAX_FRAMES, "stack truncated", "t"));
        assert_eq!(completed(3, Walked { java_cut: true, ..WALKED }), ["m0", "m1", "stack truncated"]);
    }
}
