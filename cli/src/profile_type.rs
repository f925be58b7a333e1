//! Profile types: the short names that people type, and the ids that the query API knows.

use crate::value::Unit;

/// A profile type by its full id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileType {
    /// `name:sample type:unit:period type:period unit`, for example `process_cpu:cpu:nanoseconds:cpu:nanoseconds`.
    pub id: String,
}

/// A short name, the id it stands for, and what it is called in output.
struct Alias {
    name: &'static str,
    id: &'static str,
    title: &'static str,
}

/// Every short name that `--type` accepts. The ids are those under which Pyroscope files what JFR events hold.
const ALIASES: [Alias; 8] = [
    Alias { name: "cpu", id: "process_cpu:cpu:nanoseconds:cpu:nanoseconds", title: "CPU time" },
    Alias { name: "wall", id: "wall:wall:nanoseconds:wall:nanoseconds", title: "wall-clock time" },
    Alias { name: "alloc", id: "memory:alloc_in_new_tlab_bytes:bytes:space:bytes", title: "allocated bytes" },
    Alias {
        name: "alloc-objects",
        id: "memory:alloc_in_new_tlab_objects:count:space:bytes",
        title: "allocated objects",
    },
    Alias { name: "mutex", id: "mutex:delay:nanoseconds:mutex:count", title: "time waited for monitors" },
    Alias { name: "mutex-count", id: "mutex:contentions:count:mutex:count", title: "waits for monitors" },
    Alias {
        name: "block",
        id: "block:delay:nanoseconds:block:count",
        title: "time waited for java.util.concurrent locks",
    },
    Alias {
        name: "block-count",
        id: "block:contentions:count:block:count",
        title: "waits for java.util.concurrent locks",
    },
];

impl ProfileType {
    /// Reads a short name or a full id.
    ///
    /// # Errors
    /// A text that is neither; the message lists the short names.
    pub fn parse(text: &str) -> Result<ProfileType, String> {
        if let Some(alias) = ALIASES.iter().find(|alias| alias.name.eq_ignore_ascii_case(text)) {
            return Ok(ProfileType { id: alias.id.to_owned() });
        }
        let parts: Vec<&str> = text.split(':').collect();
        // Period type and unit may be empty (`memory:malloc_bytes:bytes::`), the rest may not.
        if parts.len() == 5 && parts[..3].iter().all(|part| !part.is_empty()) {
            return Ok(ProfileType { id: text.to_owned() });
        }
        let names: Vec<&str> = ALIASES.iter().map(|alias| alias.name).collect();
        Err(format!("use one of {}, or a full id such as {}", names.join(", "), ALIASES[0].id))
    }

    /// The short name where there is one, else the id: what a user can type after `--type`.
    pub fn short_name(&self) -> &str {
        self.alias().map_or(&self.id, |alias| alias.name)
    }

    /// What the profile measures, in words.
    pub fn title(&self) -> &str {
        self.alias().map_or(&self.id, |alias| alias.title)
    }

    /// What its numbers count.
    pub fn unit(&self) -> Unit {
        Unit::of(&self.id)
    }

    fn alias(&self) -> Option<&'static Alias> {
        ALIASES.iter().find(|alias| alias.id == self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::{ALIASES, ProfileType};

    #[test]
    fn every_short_name_leads_to_its_id_and_back() {
        for alias in &ALIASES {
            let parsed = ProfileType::parse(alias.name).expect("a short name");
            assert_eq!(parsed.id, alias.id);
            assert_eq!(parsed.short_name(), alias.name);
            assert_eq!(ProfileType::parse(alias.id).as_ref(), Ok(&parsed));
        }
    }

    #[test]
    fn an_unknown_id_is_taken_as_it_is() {
        let parsed = ProfileType::parse("memory:malloc_bytes:bytes::").expect("a full id");
        assert_eq!(parsed.short_name(), "memory:malloc_bytes:bytes::");
    }

    #[test]
    fn anything_else_is_refused_with_the_names_that_work() {
        for text in ["", "CPUs", "a:b", "::::", "a:b:c:d:e:f"] {
            let message = ProfileType::parse(text).expect_err(text);
            assert!(message.contains("cpu, wall, alloc"), "{message}");
        }
    }
}
