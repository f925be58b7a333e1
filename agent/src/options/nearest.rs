//! The known key that a mistyped one most resembles.

/// The key that `key` is the beginning of, else the nearest of `keys` by edit distance, or `None` where even that one differs in more than
/// a third of its characters (then a suggestion would mislead).
pub fn nearest<'k>(key: &str, keys: &[&'k str]) -> Option<&'k str> {
    // The prefix is the same in all of them and would only make every pair look alike.
    let bare = |text: &str| text.trim_start_matches("pyroscope.").to_ascii_lowercase();
    let wanted = bare(key);
    // Keys are short; a huge one is no typing error, and the distance costs the product of the lengths.
    if wanted.len() > 100 {
        return None;
    }
    let begun = format!("{wanted}.");
    if let Some(longer) = keys.iter().find(|known| bare(known).starts_with(&begun)) {
        return Some(longer);
    }
    let scored = keys.iter().map(|&known| (strsim::damerau_levenshtein(&wanted, &bare(known)), known));
    let (distance, known) = scored.min_by_key(|(distance, _)| *distance)?;
    (distance * 3 <= wanted.len().max(3)).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_finds_its_key() {
        let keys = ["pyroscope.application.name", "pyroscope.upload.interval", "pyroscope.profiler.lock"];
        assert_eq!(nearest("pyroscope.aplication.nmae", &keys), Some("pyroscope.application.name"));
        assert_eq!(nearest("pyroscope.upload.intervall", &keys), Some("pyroscope.upload.interval"));
        assert_eq!(nearest("pyroscope.application", &keys), Some("pyroscope.application.name"));
        assert_eq!(nearest("pyroscope.colour", &keys), None);
        assert_eq!(nearest(&"x".repeat(5_000), &keys), None);
        assert_eq!(nearest("pyroscope.a", &[]), None);
    }
}
