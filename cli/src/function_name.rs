//! Function names as people read them: the JVM's slashes become dots.

/// The name of a frame for display: `java/lang/String.format` becomes `java.lang.String.format`. Names that are not
/// Java's (`libjvm.so.Parse::Parse`, `[kernel].do_syscall_64`) stay as they are, because a native symbol may hold any
/// character. A stub of the JVM has no type and so begins with a dot, which is dropped.
pub fn readable(name: &str) -> String {
    if name.starts_with('[') || name.contains("::") || name.contains(".so.") {
        return name.to_owned();
    }
    let Some((class, method)) = name.rsplit_once('.') else {
        return name.to_owned();
    };
    if class.is_empty() { method.to_owned() } else { format!("{}.{method}", class.replace('/', ".")) }
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn java_names_have_dots_and_others_stay() {
        let rows = [
            ("java/lang/String.format", "java.lang.String.format"),
            ("BankMix$PaymentVerticle.sha256", "BankMix$PaymentVerticle.sha256"),
            (
                "java/lang/invoke/LambdaForm$DMH.0x35.newInvokeSpecial",
                "java.lang.invoke.LambdaForm$DMH.0x35.newInvokeSpecial",
            ),
            ("libjvm.so.Parse::do_call", "libjvm.so.Parse::do_call"),
            ("libc.so.6.clone3", "libc.so.6.clone3"),
            ("[thread].pool/worker", "[thread].pool/worker"),
            (".sha256_implCompressMB", "sha256_implCompressMB"),
            ("other", "other"),
        ];
        for (name, text) in rows {
            assert_eq!(readable(name), text);
        }
    }
}
