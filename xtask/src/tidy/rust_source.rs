//! What the checks want to know of a Rust file: its module doc, its uses of `unsafe`, its inline tests.
//!
//! Files are cut into tokens with proc-macro2, so words in comments and strings never count. Nothing is parsed
//! further: a macro's body is seen like any other text.

use std::str::FromStr;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// What `unsafe` introduces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnsafeKind {
    /// A block.
    Block,
    /// `unsafe impl`.
    Impl,
    /// A function, trait or block of foreign declarations.
    Declaration,
    /// `#[unsafe(...)]`.
    Attribute,
}

/// One use of `unsafe` that the lint `unsafe_code` would name. Types of unsafe function pointers are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsafeUse {
    /// What it introduces.
    pub kind: UnsafeKind,
    /// Its line, from 1.
    pub line: usize,
}

/// A file's tokens, digested.
#[derive(Debug, Default)]
pub struct RustSource {
    /// Every use of `unsafe`, in order.
    pub unsafe_uses: Vec<UnsafeUse>,
    /// First and last line of each inline module under `#[cfg(test)]` at the top level.
    pub test_modules: Vec<(usize, usize)>,
}

impl RustSource {
    /// Digests `text`.
    ///
    /// # Errors
    /// The line and the reason, if `text` is not Rust.
    pub fn parse(text: &str) -> Result<Self, (usize, String)> {
        let tokens = TokenStream::from_str(text).map_err(|error| (error.span().start().line, error.to_string()))?;
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut source = Self { unsafe_uses: Vec::new(), test_modules: test_modules(&tokens) };
        collect_unsafe(&tokens, &mut source.unsafe_uses);
        Ok(source)
    }

    /// Number of lines in inline test modules.
    pub fn test_lines(&self) -> usize {
        self.test_modules.iter().map(|(first, last)| last - first + 1).sum()
    }
}

/// The lines of the module doc, without their `//!`, with which the file opens. Empty if it opens with anything else.
pub fn module_doc(text: &str) -> Vec<&str> {
    text.lines().map_while(|line| line.strip_prefix("//!")).collect()
}

fn collect_unsafe(tokens: &[TokenTree], uses: &mut Vec<UnsafeUse>) {
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                collect_unsafe(&inner, uses);
            }
            TokenTree::Ident(ident) if ident == "unsafe" => {
                let line = ident.span().start().line;
                uses.extend(kind_of(&tokens[index + 1..]).map(|kind| UnsafeUse { kind, line }));
            }
            _ => {}
        }
    }
}

/// What the tokens after `unsafe` make of it; `None` for the type of a function pointer.
fn kind_of(after: &[TokenTree]) -> Option<UnsafeKind> {
    let first = after.first()?;
    match first {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(UnsafeKind::Block),
        TokenTree::Group(_) => Some(UnsafeKind::Attribute),
        TokenTree::Ident(ident) if ident == "impl" => Some(UnsafeKind::Impl),
        _ => {
            // `fn name`, `extern "C" fn name`, `extern "C" { ... }`, `trait Name`; a type has `fn` and parentheses.
            let function = after.iter().take(4).position(|token| is_ident(token, "fn"));
            match function {
                Some(at) => {
                    (!matches!(after.get(at + 1), Some(TokenTree::Group(_)))).then_some(UnsafeKind::Declaration)
                }
                None => Some(UnsafeKind::Declaration),
            }
        }
    }
}

fn test_modules(tokens: &[TokenTree]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (index, pair) in tokens.windows(2).enumerate() {
        let [TokenTree::Punct(hash), TokenTree::Group(attribute)] = pair else {
            continue;
        };
        if hash.as_char() == '#' && is_cfg_test(attribute) {
            let body = tokens[index + 2..].iter().take(4).find_map(brace);
            let is_module = tokens[index + 2..].iter().take(2).any(|token| is_ident(token, "mod"));
            if let (true, Some(body)) = (is_module, body) {
                found.push((hash.span().start().line, body.span_close().end().line));
            }
        }
    }
    found
}

fn is_cfg_test(attribute: &Group) -> bool {
    let inner: Vec<TokenTree> = attribute.stream().into_iter().collect();
    match inner.as_slice() {
        [name, TokenTree::Group(condition)] => {
            is_ident(name, "cfg") && condition.stream().into_iter().any(|token| mentions_test(&token))
        }
        _ => false,
    }
}

fn mentions_test(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => group.stream().into_iter().any(|token| mentions_test(&token)),
        token => is_ident(token, "test"),
    }
}

fn brace(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}

fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(UnsafeKind, usize)> {
        let source = RustSource::parse(text).expect("Rust");
        source.unsafe_uses.iter().map(|unsafe_use| (unsafe_use.kind, unsafe_use.line)).collect()
    }

    #[test]
    fn uses_of_unsafe_are_told_apart() {
        let text = "#[unsafe(no_mangle)]\nunsafe fn f() { unsafe { g() } }\nunsafe impl Send for T {}\n\
                    unsafe extern \"C\" { fn h(); }\npub unsafe extern \"C\" fn i() {}\nunsafe trait U {}\n";
        use UnsafeKind::{Attribute, Block, Declaration, Impl};
        assert_eq!(
            kinds(text),
            [
                (Attribute, 1),
                (Declaration, 2),
                (Block, 2),
                (Impl, 3),
                (Declaration, 4),
                (Declaration, 5),
                (Declaration, 6)
            ]
        );
    }

    #[test]
    fn types_comments_and_strings_are_no_unsafe_code() {
        let text = "// unsafe { }\n/// unsafe\ntype F = unsafe extern \"C\" fn(u8);\ntype G = Option<unsafe fn()>;\n\
                    const S: &str = \"unsafe { }\";\nmacro_rules! m { () => { unsafe extern \"system\" fn(u8) } }\n";
        assert_eq!(kinds(text), []);
    }

    #[test]
    fn inline_test_modules_are_measured() {
        let text = "fn f() {}\n\n#[cfg(test)]\nmod tests {\n    fn g() {}\n}\n\n#[cfg(test)]\nmod elsewhere;\n";
        let source = RustSource::parse(text).expect("Rust");
        assert_eq!(source.test_modules, [(3, 6)]);
        assert_eq!(source.test_lines(), 4);
    }

    #[test]
    fn what_is_not_rust_gives_its_line() {
        let (line, _) = RustSource::parse("fn f() {}\nfn g( {\n").expect_err("unbalanced");
        assert!(line >= 1);
    }
}
