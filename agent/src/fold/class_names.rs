//! Class names as they appear in frames: generated and hidden classes folded, so that their numbers do not make every
//! start of a program look different.

/// Turns a JVM signature (`Ljava/lang/String;`, `[I`) into the name that frames show.
pub fn from_signature(signature: &str) -> String {
    let name = signature.strip_prefix('L').and_then(|rest| rest.strip_suffix(';')).unwrap_or(signature);
    normalise(name)
}

/// Markers after which everything is generated, with what stands in their place. The first is what the Pyroscope server
/// itself makes of lambdas, so profiles of other agents compare.
const GENERATED: &[(&str, &str)] = &[
    ("$$Lambda", "$$Lambda_"),
    ("$$EnhancerBySpringCGLIB$$", "$$EnhancerBySpringCGLIB$$_"),
    ("$$EnhancerByCGLIB$$", "$$EnhancerByCGLIB$$_"),
    ("$$FastClassBySpringCGLIB$$", "$$FastClassBySpringCGLIB$$_"),
    ("$$FastClassByCGLIB$$", "$$FastClassByCGLIB$$_"),
    ("$$SpringCGLIB$$", "$$SpringCGLIB$$_"),
    ("$HibernateProxy$", "$HibernateProxy$_"),
];

/// Names that end in a number of their own, cut before the number.
const NUMBERED: &[&str] = &[
    "GeneratedMethodAccessor",
    "GeneratedConstructorAccessor",
    "GeneratedSerializationConstructorAccessor",
    "$Proxy",
    "$$YJP$$",
];

/// Folds the generated part of a class name. Names of ordinary classes come back unchanged.
pub fn normalise(name: &str) -> String {
    for (marker, replacement) in GENERATED {
        if let Some(at) = name.find(marker) {
            return format!("{}{replacement}", name.get(..at).unwrap_or_default());
        }
    }
    let name = without_hidden_suffix(name);
    for marker in NUMBERED {
        let Some(at) = name.rfind(marker) else { continue };
        let (head, tail) = name.split_at(at + marker.len());
        if !tail.is_empty() && tail.bytes().all(|byte| byte.is_ascii_digit()) {
            return format!("{head}_");
        }
    }
    name.to_owned()
}

/// Hidden classes carry an address after a dot, or after a slash up to JDK 14 (`X.0x000001`, `X/0x000001`,
/// `X+0x000001` in JVMTI signatures since 15): it names no source, so it goes.
fn without_hidden_suffix(name: &str) -> &str {
    let Some(at) = name.rfind("0x") else { return name };
    let digits = name.get(at + 2..).unwrap_or_default();
    let all_hex = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    match name.get(..at).and_then(|head| head.strip_suffix(['.', '/', '+'])) {
        Some(head) if all_hex => head,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        assert_eq!(from_signature("Ljava/util/HashMap$Node;"), "java/util/HashMap$Node");
        assert_eq!(from_signature("[B"), "[B");
        assert_eq!(from_signature("[Ljava/lang/String;"), "[Ljava/lang/String;");
        assert_eq!(normalise("com/shop/Proxy0x"), "com/shop/Proxy0x");
    }

    #[test]
    fn generated_classes_fold_to_one_name() {
        for lambda in [
            "A$$Lambda$14.0x0000000800c03000",
            "A$$Lambda$14/0x0000000800066840",
            "A$$Lambda/0x00007f",
            "A$$Lambda.0x12",
        ] {
            assert_eq!(normalise(lambda), "A$$Lambda_");
        }
        assert_eq!(
            normalise("jdk/internal/reflect/GeneratedMethodAccessor17"),
            "jdk/internal/reflect/GeneratedMethodAccessor_"
        );
        assert_eq!(normalise("jdk/proxy2/$Proxy31"), "jdk/proxy2/$Proxy_");
        assert_eq!(normalise("com/sun/proxy/$Proxy0"), "com/sun/proxy/$Proxy_");
        assert_eq!(normalise("a/Svc$$SpringCGLIB$$0"), "a/Svc$$SpringCGLIB$$_");
        assert_eq!(normalise("java/lang/invoke/LambdaForm$MH.0x000000080010a400"), "java/lang/invoke/LambdaForm$MH");
        assert_eq!(normalise("java/lang/invoke/LambdaForm$DMH/0x0000000800066840"), "java/lang/invoke/LambdaForm$DMH");
    }
}
