//! Frame names as Pyroscope shows them: class, dot, method, with the parts that differ per run taken out.

/// `class.method` with generated class names and unpacked libraries normalised.
pub(crate) fn frame_name(class: &str, method: &str) -> String {
    let class = normalised_class(class);
    let mut name = String::with_capacity(class.len() + 1 + method.len());
    name.push_str(&class);
    name.push('.');
    name.push_str(method);
    name
}

/// Without this each JVM run would have frames of its own, and no two runs could be compared.
fn normalised_class(class: &str) -> std::borrow::Cow<'_, str> {
    let rewritten = accessor(class).or_else(|| lambda(class)).or_else(|| enhancer(class)).or_else(|| library(class));
    rewritten.map_or(class.into(), Into::into)
}

/// `jdk/internal/reflect/GeneratedMethodAccessor31` → `…Accessor_`.
fn accessor(class: &str) -> Option<String> {
    const PREFIX: &str = "jdk/internal/reflect/GeneratedMethodAccessor";
    let number = class.strip_prefix(PREFIX)?;
    is_digits(number).then(|| format!("{PREFIX}_"))
}

/// `X$$Lambda$14/0x0000000800c03000`, `X$$Lambda.0x…` and `X$$Lambda0x…` → `X$$Lambda_`; not `X$$Lambda+0x…/n`.
fn lambda(class: &str) -> Option<String> {
    const MARK: &str = "$$Lambda";
    let at = class.rfind(MARK)? + MARK.len();
    let (head, tail) = class.split_at(at);
    let address = |text: &str| text.strip_prefix("0x").is_some_and(is_hex);
    let after_separator = |text: &str| text.strip_prefix(['.', '/']).map(str::to_owned);
    let numbered = tail.strip_prefix('$').is_some_and(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, rest) = rest.split_at(end);
        !number.is_empty() && after_separator(rest).is_some_and(|id| address(&id) || is_digits(&id))
    });
    let generated = numbered || address(tail) || after_separator(tail).is_some_and(|id| address(&id));
    (generated && at > MARK.len()).then(|| format!("{head}_"))
}

/// `Service$$EnhancerBySpringCGLIB$$1a2b3c` → `…CGLIB$$_`, likewise `FastClassBySpringCGLIB`.
fn enhancer(class: &str) -> Option<String> {
    ["$$EnhancerBySpringCGLIB$$", "$$FastClassBySpringCGLIB$$"].iter().find_map(|mark| {
        let at = class.find(mark)? + mark.len();
        let (head, tail) = class.split_at(at);
        let end = tail.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(tail.len());
        (end > 0).then(|| format!("{head}_{}", &tail[end..]))
    })
}

/// Libraries that Java unpacks under a name of the moment: `/tmp/libzstd-jni-1.5.1-1693131189….so` → `libzstd-jni-_.so`.
fn library(class: &str) -> Option<String> {
    const STEMS: &[&str] = &["libzstd-jni-", "libamazonCorrettoCryptoProvider"];
    let name = class.strip_suffix(" (deleted)").unwrap_or(class).strip_suffix(".so")?;
    let name = name.strip_prefix('.').unwrap_or(name);
    let name = name.strip_prefix("/tmp/").unwrap_or(name);
    let stem = STEMS.iter().find(|stem| name.starts_with(**stem))?;
    let rest = &name[stem.len()..];
    rest.bytes().any(|byte| byte.is_ascii_digit()).then(|| format!("{stem}_.so"))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_parts_are_taken_out() {
        for (class, expected) in [
            ("Fib$$Lambda$14/0x0000000800c03000", "Fib$$Lambda_"),
            ("Fib$$Lambda$669.0x0000000800fd7318", "Fib$$Lambda_"),
            ("Fib$$Lambda$14/1234567", "Fib$$Lambda_"),
            ("Fib$$Lambda.0x00007ffa600c4da0", "Fib$$Lambda_"),
            ("Fib$$Lambda/0x00007ffa600c4da0", "Fib$$Lambda_"),
            ("Fib$$Lambda0x00007ffa600c4da0", "Fib$$Lambda_"),
            ("jdk/internal/reflect/GeneratedMethodAccessor31", "jdk/internal/reflect/GeneratedMethodAccessor_"),
            ("a/S$$EnhancerBySpringCGLIB$$1a2b3c", "a/S$$EnhancerBySpringCGLIB$$_"),
            ("a/S$$FastClassBySpringCGLIB$$1a2b3c", "a/S$$FastClassBySpringCGLIB$$_"),
            ("./tmp/libzstd-jni-1.5.1-16931311898282279136.so (deleted)", "libzstd-jni-_.so"),
            ("/tmp/libamazonCorrettoCryptoProvider109b39cf33c563eb.so", "libamazonCorrettoCryptoProvider_.so"),
        ] {
            assert_eq!(normalised_class(class), expected);
        }
    }

    #[test]
    fn everything_else_stays() {
        for class in [
            "java/util/HashMap",
            "Fib$$Lambda+0x00007ffa600c4da0/1",
            "Fib$$Lambda_",
            "$$Lambda.0x12",
            "Fib$$Lambda",
            "java/lang/invoke/LambdaForm$DMH.0x00000000350c4c00",
            "jdk/internal/reflect/GeneratedMethodAccessor",
            "libc.so.6",
            "libzstd-jni.so",
            "",
        ] {
            assert_eq!(normalised_class(class), class);
        }
    }

    #[test]
    fn a_native_frame_without_a_library_starts_with_the_dot() {
        assert_eq!(frame_name("", "sha256_implCompressMB"), ".sha256_implCompressMB");
        assert_eq!(frame_name("libc.so.6", "read"), "libc.so.6.read");
    }
}
