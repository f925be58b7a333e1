//! Small libraries, compiled here with the C compiler, and what must be found in them.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::image::Image;
use super::rules::{Pattern, Rules};
use super::walk::{Reached, from_entries};

/// The project's rules, with C names for the handler and for the one function that may call through a pointer.
const RULES: Rules = Rules {
    entries: &[Pattern::Prefix("on_signal")],
    allowed_indirect: &[(Pattern::Name("forward"), "calls the handler before ours")],
    ..Rules::PROJECT
};

/// A library that is deleted with this value.
struct Library {
    _dir: TempDir,
    path: PathBuf,
}

fn compile(source: &str, flags: &[&str]) -> Library {
    let dir = tempfile::tempdir().expect("a directory");
    let (input, path) = (dir.path().join("input.c"), dir.path().join("lib.so"));
    std::fs::write(&input, source).expect("written");
    let output = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-fno-stack-protector", "-Wl,-z,now"])
        .args(flags)
        .arg("-o")
        .args([&path, &input])
        .output()
        .expect("a C compiler: install one (Debian: gcc)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Library { _dir: dir, path }
}

fn reached_with(source: &str, flags: &[&str]) -> Reached {
    let library = compile(source, flags);
    let bytes = std::fs::read(&library.path).expect("read");
    let image = Image::parse(&bytes).expect("parsed");
    from_entries(&image, &RULES).expect("has a handler")
}

/// The findings in `source`, with each way of calling imports: through the linkage table, and without it.
fn findings(source: &str) -> Vec<String> {
    let lines = |flags: &[&str]| -> Vec<String> {
        reached_with(source, flags).findings.iter().map(ToString::to_string).collect()
    };
    let with_table = lines(&[]);
    let without = lines(&["-fno-plt"]);
    assert_eq!(with_table.len(), without.len(), "{with_table:?} {without:?}");
    with_table
}

const PREFIX: &str = "#define NOINLINE __attribute__((noinline))\n#include <stddef.h>\n";

#[test]
fn a_clean_handler_has_no_finding() {
    let source = format!(
        "{PREFIX}#include <string.h>\n#include <time.h>\n#include <unistd.h>\n
        static int table[4];
        NOINLINE static int deeper(const int *from, size_t n) {{ memcpy(table, from, n); return table[1]; }}
        NOINLINE static long number(void) {{ return syscall(186); }}
        int on_signal(const int *from, size_t n) {{
            struct timespec now;
            clock_gettime(CLOCK_MONOTONIC, &now);
            return deeper(from, n) + (int)now.tv_sec + (int)number();
        }}"
    );
    assert_eq!(findings(&source), [""; 0]);
    let reached = reached_with(&source, &[]).to_string();
    assert!(
        reached.starts_with("reach: 1 handlers, 3 functions; imports: clock_gettime, memcpy, syscall; "),
        "{reached}"
    );
    assert!(reached.contains("system calls: gettid;"), "{reached}");
}

#[test]
fn an_allocation_two_levels_deep_is_found_with_its_path() {
    let source = format!(
        "{PREFIX}#include <stdlib.h>\n
        NOINLINE static void *second(size_t n) {{ void *p = malloc(n); *(volatile char *)p = 1; return p; }}
        NOINLINE static void *first(size_t n) {{ return (char *)second(n) + 1; }}
        NOINLINE void *unreached(size_t n) {{ return realloc(0, n); }}
        void *on_signal(size_t n) {{ return (char *)first(n) + 1; }}"
    );
    let found = findings(&source);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("on_signal -> first -> second (+0x"), "{found:?}");
    assert!(found[0].contains("calls `malloc`"), "{found:?}");
}

#[test]
fn thread_local_storage_is_found_in_both_models() {
    let source = "__thread int mine;\nint on_signal(void) { return ++mine; }\n";
    let dynamic = findings(source);
    assert!(dynamic.iter().any(|line| line.contains("__tls_get_addr")), "{dynamic:?}");
    let initial: Vec<String> =
        reached_with(source, &["-ftls-model=initial-exec"]).findings.iter().map(ToString::to_string).collect();
    assert!(!initial.is_empty() && initial.iter().all(|line| line.contains("thread-local storage")), "{initial:?}");
}

#[test]
fn a_tail_call_is_followed() {
    let source = format!(
        "{PREFIX}#include <stdlib.h>\n
        NOINLINE static void give(void *p) {{ free(p); }}\nvoid on_signal(void *p) {{ give(p); }}"
    );
    let found = reached_with(&source, &["-O2"]).findings;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].to_string().contains("on_signal -> give (+0x0): calls `free`"), "{}", found[0]);
}

#[test]
fn a_function_kept_in_a_register_is_followed() {
    // Without the linkage table the compiler loads the address once and calls the register.
    let source = "#include <stdlib.h>\nvoid on_signal(void **p, int n) { for (int i = 0; i < n; i++) free(p[i]); }\n";
    let found = reached_with(source, &["-fno-plt", "-O2"]).findings;
    assert!(!found.is_empty());
    assert!(found.iter().all(|finding| finding.to_string().contains("calls `free`")), "{found:?}");
}

#[test]
fn indirect_calls_are_allowed_only_where_they_are_expected() {
    let source = format!(
        "{PREFIX}extern void (*before)(int);\nvoid (*before)(int);\n
        NOINLINE void forward(int n) {{ before(n); __asm__ volatile(\"\"); }}
        NOINLINE void wild(void (*f)(int), int n) {{ f(n); __asm__ volatile(\"\"); }}
        void on_signal(void (*f)(int), int n) {{ forward(n); wild(f, n); __asm__ volatile(\"\"); }}"
    );
    let found = findings(&source);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("on_signal -> wild (+0x"), "{found:?}");
    assert!(found[0].contains("calls where a pointer says"), "{found:?}");
}

#[test]
fn a_jump_table_is_no_indirect_call() {
    let source = "int f0(int), f1(int);\nvolatile int sink;\nint on_signal(int n) {\n switch (n) {\n\
                  case 0: sink = 3; return 1; case 1: sink = 1; return 4; case 2: sink = 4; return 1;\n\
                  case 3: sink = 1; return 5; case 4: sink = 5; return 9; case 5: sink = 9; return 2;\n\
                  case 6: sink = 2; return 6; default: sink = 6; return 5; } }\n";
    let library = compile(source, &["-O2", "-fno-tree-switch-conversion", "-fcf-protection=none"]);
    let listing = Command::new("objdump").args(["-d"]).arg(&library.path).output();
    if let Ok(listing) = listing {
        assert!(String::from_utf8_lossy(&listing.stdout).contains("jmp    *%r"), "the test needs a jump table");
    }
    assert_eq!(reached_with(source, &["-O2", "-fno-tree-switch-conversion"]).findings, []);
}

#[test]
fn code_that_only_unwinding_enters_does_not_count() {
    let source = "__attribute__((noipa)) void other(void) { __asm__ volatile(\"\"); }\nstatic int count;\n\
                  static void tidy(int *p) { count += *p; }\n\
                  void on_signal(void) { int n __attribute__((cleanup(tidy))) = 1; other(); }\n";
    let library = compile(source, &["-fexceptions"]);
    let bytes = std::fs::read(&library.path).expect("read");
    assert!(bytes.windows(14).any(|name| name == b"_Unwind_Resume"), "the test needs a landing pad");
    let image = Image::parse(&bytes).expect("parsed");
    assert_eq!(from_entries(&image, &RULES).expect("has a handler").findings, []);
}

#[test]
fn a_choice_between_functions_is_never_missed() {
    let source = format!(
        "{PREFIX}#include <stdlib.h>\n
        NOINLINE void good(void *p) {{ __asm__ volatile(\"\" : : \"r\"(p)); }}
        void on_signal(void *p, int n) {{ void (*f)(void *) = n ? good : free; f(p); __asm__ volatile(\"\"); }}"
    );
    for flags in [["-O1", "-fno-plt"], ["-O2", "-fno-plt"], ["-O2", "-fplt"], ["-O0", "-fplt"]] {
        assert!(!reached_with(&source, &flags).findings.is_empty(), "{flags:?}");
    }
}

#[test]
fn system_calls_are_known_by_their_numbers() {
    let source = "#include <unistd.h>\nlong on_signal(long n) {\n long r;\n\
                  __asm__ volatile(\"syscall\" : \"=a\"(r) : \"a\"(228) : \"rcx\", \"r11\", \"memory\");\n\
                  __asm__ volatile(\"syscall\" : \"=a\"(r) : \"a\"(9) : \"rcx\", \"r11\", \"memory\");\n\
                  return r + syscall(n); }\n";
    let found = findings(source);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("system call 9,"), "{found:?}");
    assert!(found[1].contains("number is not constant"), "{found:?}");
}

#[test]
fn abort_and_lazy_binding_are_found() {
    let trap = findings("void on_signal(int n) { if (n) __builtin_trap(); }\n");
    assert!(trap.len() == 1 && trap[0].contains("ends the process"), "{trap:?}");
    let lazy =
        "#include <string.h>\nvoid on_signal(char *p, char *q, size_t n) { memcpy(p, q, n); memmove(q, p, n); }\n";
    let found = reached_with(lazy, &["-Wl,-z,lazy"]).findings;
    assert!(found.len() == 1 && found[0].to_string().contains("lazy resolver"), "{found:?}");
}

#[test]
fn a_library_without_handlers_or_symbols_is_no_proof() {
    let library = compile("int other(void) { return 1; }\n", &[]);
    let bytes = std::fs::read(&library.path).expect("read");
    let image = Image::parse(&bytes).expect("parsed");
    assert!(from_entries(&image, &RULES).expect_err("no handler").to_string().contains("no function matches"));
    assert!(super::run(&library.path.with_extension("gone")).expect_err("absent").to_string().contains("cannot read"));
    assert!(Image::parse(b"\x7fELF").is_err());
}

#[test]
fn only_entry_points_may_be_exported() {
    let source = "void Agent_OnLoad(void) {}\nvoid Java_org_example_A_b(void) {}\nvoid leaked(void) {}\n";
    let library = compile(source, &[]);
    let bytes = std::fs::read(&library.path).expect("read");
    let found = super::exports::check(&Image::parse(&bytes).expect("parsed"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("`leaked` is exported"));
}

#[test]
fn names_are_matched_at_the_borders_of_paths() {
    let path = Pattern::Path("alloc::");
    for name in
        ["alloc::vec::Vec<u8>::push", "<alloc::vec::Vec<u8> as Drop>::drop", "drop_in_place::<&alloc::string::String>"]
    {
        assert!(path.matches(name), "{name}");
    }
    for name in ["sampler::alloc::take", "my_alloc::take", "allocate"] {
        assert!(!path.matches(name), "{name}");
    }
    assert!(Rules::PROJECT.reason_against("core::panicking::panic_fmt").is_some());
    assert!(Rules::PROJECT.reason_against("sampler::ring::push").is_none());
    assert!(Rules::PROJECT.reason_for_indirect("<sampler::java::JavaWalk>::run").is_some());
}
