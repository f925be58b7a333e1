//! What a signal handler may reach: the tables, and how a name is matched against them.

/// Everything the check is told about the project.
pub struct Rules {
    /// Where signal handlers begin.
    pub entries: &'static [Pattern],
    /// Functions that may not be reached, with the reason.
    pub forbidden: &'static [(Pattern, &'static str)],
    /// Imported functions that may be reached. All are async-signal-safe (signal-safety(7)) or touch memory only.
    pub allowed_imports: &'static [&'static str],
    /// Numbers of the system calls that may be made (x86-64), and their names.
    pub allowed_syscalls: &'static [(u64, &'static str)],
    /// Functions that may call where a pointer says, with the reason.
    pub allowed_indirect: &'static [(Pattern, &'static str)],
    /// Functions that may read through the thread pointer, with the reason.
    pub allowed_thread_pointer: &'static [(Pattern, &'static str)],
}

/// A set of function names, as they read when demangled.
#[derive(Clone, Copy, Debug)]
pub enum Pattern {
    /// The whole name.
    Name(&'static str),
    /// Names that start so.
    Prefix(&'static str),
    /// A path, which must stand at the start of the name or of a part of it: `alloc::` is in `<alloc::vec::Vec<u8>>`
    /// and not in `sampler::alloc::take`.
    Path(&'static str),
}

impl Pattern {
    /// Whether `name` is in the set.
    pub fn matches(self, name: &str) -> bool {
        match self {
            Self::Name(whole) => name == whole,
            Self::Prefix(start) => name.starts_with(start),
            Self::Path(path) => name.match_indices(path).any(|(at, _)| {
                let before = name[..at].chars().next_back();
                before.is_none_or(|character| !(character.is_alphanumeric() || "_:$".contains(character)))
            }),
        }
    }
}

use Pattern::{Name, Path, Prefix};

const ALLOCATES: &str = "it takes the allocator's lock, which the interrupted thread may hold";
const LOCKS: &str = "it waits for a lock, which the interrupted thread may hold";
const THREAD_LOCAL: &str = "thread-local storage of a library is allocated on first use";
const PANICS: &str = "a panic in a handler ends the process";
const HOSTED: &str = "std allocates, locks and panics";

impl Rules {
    /// The rules for Pyrite's handlers.
    pub const PROJECT: Self = Self {
        entries: &[Path("sampler::handler::on_signal")],
        forbidden: &[
            (Name("malloc"), ALLOCATES),
            (Name("calloc"), ALLOCATES),
            (Name("realloc"), ALLOCATES),
            (Name("free"), ALLOCATES),
            (Name("cfree"), ALLOCATES),
            (Name("posix_memalign"), ALLOCATES),
            (Name("aligned_alloc"), ALLOCATES),
            (Name("memalign"), ALLOCATES),
            (Prefix("__rust_"), ALLOCATES),
            (Prefix("__rdl_"), ALLOCATES),
            (Prefix("__rg_"), ALLOCATES),
            (Path("__rustc::"), ALLOCATES),
            (Path("alloc::"), ALLOCATES),
            (Prefix("pthread_mutex_"), LOCKS),
            (Prefix("pthread_rwlock_"), LOCKS),
            (Prefix("pthread_cond_"), LOCKS),
            (Prefix("pthread_spin_"), LOCKS),
            (Prefix("pthread_once"), LOCKS),
            (Prefix("pthread_getspecific"), "inside an interrupted pthread_setspecific it can null the JVM's own slot"),
            (
                Prefix("pthread_setspecific"),
                "it allocates, and can null the slot of the JVM that was interrupted in it",
            ),
            (Prefix("pthread_key_"), LOCKS),
            (Prefix("__tls_get_addr"), THREAD_LOCAL),
            (Prefix("_dl_runtime_resolve"), LOCKS),
            (Path("core::panicking::"), PANICS),
            (Path("core::option::expect_failed"), PANICS),
            (Path("core::option::unwrap_failed"), PANICS),
            (Path("core::result::unwrap_failed"), PANICS),
            (Path("core::slice::index::slice_"), PANICS),
            (Path("core::str::slice_error_fail"), PANICS),
            (Path("core::cell::panic_"), PANICS),
            (Path("core::fmt::"), "it formats text, which only panics and logs do"),
            (Prefix("rust_begin_unwind"), PANICS),
            (Prefix("rust_panic"), PANICS),
            (Prefix("_Unwind_"), "unwinding allocates and takes the loader's lock"),
            (Name("abort"), "it ends the process"),
            (Path("std::"), HOSTED),
            (Path("tokio::"), HOSTED),
            (Path("log::"), HOSTED),
        ],
        allowed_imports: &[
            "memcpy",
            "memmove",
            "memset",
            "memcmp",
            "bcmp",
            "syscall",
            "timer_settime",
            "clock_gettime",
            "__errno_location",
        ],
        allowed_syscalls: &[
            (16, "ioctl"),
            (186, "gettid"),
            (223, "timer_settime"),
            (228, "clock_gettime"),
            (234, "tgkill"),
        ],
        allowed_indirect: &[
            (Path("sampler::java::"), "calls AsyncGetCallTrace, whose address comes from libjvm"),
            (Path("sampler::handler::forward"), "calls the handler that was installed before ours"),
        ],
        allowed_thread_pointer: &[(
            Path("sampler::walk::arch::thread_pointer"),
            "reads the address of the thread control block, which is no thread-local variable",
        )],
    };

    /// Why `name` may not be reached.
    pub fn reason_against(&self, name: &str) -> Option<&'static str> {
        self.forbidden.iter().find(|(pattern, _)| pattern.matches(name)).map(|(_, reason)| *reason)
    }

    /// Why the function `name` may call where a pointer says.
    pub fn reason_for_indirect(&self, name: &str) -> Option<&'static str> {
        self.allowed_indirect.iter().find(|(pattern, _)| pattern.matches(name)).map(|(_, reason)| *reason)
    }

    /// Whether the function `name` may read through the thread pointer.
    pub fn allows_thread_pointer(&self, name: &str) -> bool {
        self.allowed_thread_pointer.iter().any(|(pattern, _)| pattern.matches(name))
    }

    /// Name of an allowed system call.
    pub fn syscall_name(&self, number: u64) -> Option<&'static str> {
        self.allowed_syscalls.iter().find(|(allowed, _)| *allowed == number).map(|(_, name)| *name)
    }
}
