//! The macros that turn one row per slot or constant into declarations, layout assertions and a table of names.

/// One slot of a function table or callback structure, as the tests and messages need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Name in the C header.
    pub name: &'static str,
    /// Offset from the start of the structure, in bytes.
    pub offset: usize,
    /// Version of the specification that added it (`"1.1"`, `"21"`), or `"-"` for a reserved slot.
    pub since: &'static str,
}

/// One constant of a C header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Constant {
    /// Name in the C header.
    pub name: &'static str,
    /// Value, widened; no constant of the headers exceeds 32 bits.
    pub value: i64,
    /// Version that added it, or an empty string for one that every supported JDK has.
    pub since: &'static str,
}

/// Declares a function table: `slot "since" kind Name(arguments) -> result;` for each row, the environment left out.
///
/// `kind` is `call`, `varargs` (C convention, ends in `...`) or `reserved`.
macro_rules! function_table {
    (
        $(#[$meta:meta])*
        pub struct $table:ident ($env:ident: $env_type:ty) from $first:literal {
            $($index:literal $since:literal $kind:ident $slot:ident ($($args:tt)*) $(-> $result:ty)?;)*
        }
    ) => {
        $(#[$meta])*
        #[repr(C)]
        #[derive(Clone, Copy)]
        pub struct $table {
            $(
                #[doc = concat!("Slot ", $index, ", since version ", $since, ".")]
                pub $slot: $crate::table::slot_type!($kind ($env: $env_type) ($($args)*) $(-> $result)?),
            )*
        }

        impl $table {
            /// Every slot of the table, reserved ones too, in order.
            pub const SLOTS: &'static [$crate::Slot] = &[$($crate::Slot {
                name: stringify!($slot),
                offset: core::mem::offset_of!($table, $slot),
                since: $since,
            }),*];
        }

        $(
            const _: () = assert!(
                core::mem::offset_of!($table, $slot) == ($index - $first) * size_of::<usize>(),
                concat!("slot ", stringify!($slot), " is out of place")
            );
        )*
    };
}

/// The type of one slot of a [`function_table`].
macro_rules! slot_type {
    (reserved ($env:ident: $env_type:ty) ()) => { *mut core::ffi::c_void };
    (call ($env:ident: $env_type:ty) ($($args:tt)*) $(-> $result:ty)?) => {
        Option<unsafe extern "system" fn($env: $env_type, $($args)*) $(-> $result)?>
    };
    (varargs ($env:ident: $env_type:ty) ($($args:tt)*) $(-> $result:ty)?) => {
        Option<unsafe extern "C" fn($env: $env_type, $($args)*) $(-> $result)?>
    };
}

/// Declares a C enumeration or flag set: the integer type, one constant a member, and a table of the members.
macro_rules! c_enum {
    (
        $(#[$meta:meta])*
        pub type $type:ident = $int:ty;
        names $names:ident {
            $($constant:ident = $value:expr $(, since $since:literal)?;)*
        }
    ) => {
        $(#[$meta])*
        pub type $type = $int;

        $(
            #[doc = concat!("[`", stringify!($type), "`] ", stringify!($value), $(", since version ", $since,)? ".")]
            pub const $constant: $type = $value;
        )*

        #[doc = concat!("Name and value of every [`", stringify!($type), "`].")]
        pub const $names: &[$crate::Constant] = &[$($crate::Constant {
            name: stringify!($constant),
            value: $constant as i64,
            since: concat!($($since)?),
        }),*];
    };
}

pub(crate) use {c_enum, function_table, slot_type};
