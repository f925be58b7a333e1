//! `jvmtiCapabilities`: the set of what an environment may do, and the bit of each capability.

/// Declares the capabilities: `name = bit, since "version";`.
macro_rules! capabilities {
    ($($name:ident = $bit:literal, since $since:literal;)*) => {
        /// One capability; its number is the bit in [`jvmtiCapabilities`], counted from the lowest of the first word.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Capability {
            $(
                #[doc = concat!("Bit ", $bit, ", since version ", $since, ".")]
                $name = $bit,
            )*
        }

        impl Capability {
            /// Every capability, by bit.
            pub const ALL: &'static [Capability] = &[$(Capability::$name),*];

            /// Name in the C header.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Capability::$name => stringify!($name),)*
                }
            }

            /// Version of the specification that added it.
            pub const fn since(self) -> &'static str {
                match self {
                    $(Capability::$name => $since,)*
                }
            }
        }
    };
}

capabilities! {
    can_tag_objects = 0, since "1.0";
    can_generate_field_modification_events = 1, since "1.0";
    can_generate_field_access_events = 2, since "1.0";
    can_get_bytecodes = 3, since "1.0";
    can_get_synthetic_attribute = 4, since "1.0";
    can_get_owned_monitor_info = 5, since "1.0";
    can_get_current_contended_monitor = 6, since "1.0";
    can_get_monitor_info = 7, since "1.0";
    can_pop_frame = 8, since "1.0";
    can_redefine_classes = 9, since "1.0";
    can_signal_thread = 10, since "1.0";
    can_get_source_file_name = 11, since "1.0";
    can_get_line_numbers = 12, since "1.0";
    can_get_source_debug_extension = 13, since "1.0";
    can_access_local_variables = 14, since "1.0";
    can_maintain_original_method_order = 15, since "1.0";
    can_generate_single_step_events = 16, since "1.0";
    can_generate_exception_events = 17, since "1.0";
    can_generate_frame_pop_events = 18, since "1.0";
    can_generate_breakpoint_events = 19, since "1.0";
    can_suspend = 20, since "1.0";
    can_redefine_any_class = 21, since "1.0";
    can_get_current_thread_cpu_time = 22, since "1.0";
    can_get_thread_cpu_time = 23, since "1.0";
    can_generate_method_entry_events = 24, since "1.0";
    can_generate_method_exit_events = 25, since "1.0";
    can_generate_all_class_hook_events = 26, since "1.0";
    can_generate_compiled_method_load_events = 27, since "1.0";
    can_generate_monitor_events = 28, since "1.0";
    can_generate_vm_object_alloc_events = 29, since "1.0";
    can_generate_native_method_bind_events = 30, since "1.0";
    can_generate_garbage_collection_events = 31, since "1.0";
    can_generate_object_free_events = 32, since "1.0";
    can_force_early_return = 33, since "1.1";
    can_get_owned_monitor_stack_depth_info = 34, since "1.1";
    can_get_constant_pool = 35, since "1.1";
    can_set_native_method_prefix = 36, since "1.1";
    can_retransform_classes = 37, since "1.1";
    can_retransform_any_class = 38, since "1.1";
    can_generate_resource_exhaustion_heap_events = 39, since "1.1";
    can_generate_resource_exhaustion_threads_events = 40, since "1.1";
    can_generate_early_vmstart = 41, since "9";
    can_generate_early_class_hook_events = 42, since "9";
    can_generate_sampled_object_alloc_events = 43, since "11";
    can_support_virtual_threads = 44, since "21";
}

/// A set of capabilities: the bit fields of the C header as four words.
///
/// C leaves the place of a bit field to the compiler; on little-endian targets GCC and Clang start at the lowest bit,
/// which `tests/abi.rs` checks for every capability.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct jvmtiCapabilities {
    words: [u32; 4],
}

impl jvmtiCapabilities {
    /// The empty set.
    pub const NONE: Self = Self { words: [0; 4] };

    /// Whether `capability` is in the set.
    #[must_use]
    pub const fn has(&self, capability: Capability) -> bool {
        let (word, mask) = place(capability);
        self.words[word] & mask != 0
    }

    /// Adds `capability`.
    pub const fn set(&mut self, capability: Capability) {
        let (word, mask) = place(capability);
        self.words[word] |= mask;
    }

    /// Removes `capability`.
    pub const fn clear(&mut self, capability: Capability) {
        let (word, mask) = place(capability);
        self.words[word] &= !mask;
    }

    /// The set with `capability` added.
    #[must_use]
    pub const fn with(mut self, capability: Capability) -> Self {
        self.set(capability);
        self
    }

    /// What is in both sets, as when asking for no more than `GetPotentialCapabilities` offers.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        let (a, b) = (self.words, other.words);
        Self { words: [a[0] & b[0], a[1] & b[1], a[2] & b[2], a[3] & b[3]] }
    }

    /// What is in this set and not in `other`: what is missing, if `other` is what was granted.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        let (a, b) = (self.words, other.words);
        Self { words: [a[0] & !b[0], a[1] & !b[1], a[2] & !b[2], a[3] & !b[3]] }
    }

    /// Whether no capability is in the set.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        let words = self.words;
        words[0] | words[1] | words[2] | words[3] == 0
    }

    /// The capabilities in the set, by bit. Bits without a name, which only a later JVM could set, are passed over.
    pub fn iter(&self) -> impl Iterator<Item = Capability> + use<> {
        let set = *self;
        Capability::ALL.iter().copied().filter(move |&capability| set.has(capability))
    }
}

/// Word and mask of a capability. The number of a capability is below 128, so the word exists.
const fn place(capability: Capability) -> (usize, u32) {
    let bit = capability as usize;
    (bit / 32, 1 << (bit % 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_capability_is_one_bit_of_its_own() {
        let mut all = jvmtiCapabilities::NONE;
        for (number, &capability) in Capability::ALL.iter().enumerate() {
            assert_eq!(capability as usize, number, "{}", capability.name());
            assert!(!all.has(capability), "{} shares a bit", capability.name());
            all.set(capability);
        }
        assert_eq!(all.iter().count(), Capability::ALL.len());
        for &capability in Capability::ALL {
            all.clear(capability);
        }
        assert!(all.is_empty());
    }

    #[test]
    fn the_difference_names_what_was_not_granted() {
        let wanted = jvmtiCapabilities::NONE
            .with(Capability::can_get_line_numbers)
            .with(Capability::can_support_virtual_threads);
        let granted = wanted.intersection(jvmtiCapabilities::NONE.with(Capability::can_get_line_numbers));
        let missing = wanted.difference(granted);
        assert!(missing.iter().eq([Capability::can_support_virtual_threads]));
    }
}
