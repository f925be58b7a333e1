//! From the handlers through everything they can reach, shortest paths first.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use anyhow::{Result, bail};

use super::image::{Function, Image};
use super::rules::Rules;
use super::scan::{Action, Step, steps};

/// Something that a handler must not reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The calls that lead there, the handler first.
    path: Vec<String>,
    /// Offset of the instruction from the start of the last function, in bytes.
    offset: u64,
    what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (+{:#x}): {}", self.path.join(" -> "), self.offset, self.what)
    }
}

/// What can be reached.
#[derive(Debug, Default)]
pub struct Reached {
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    entries: usize,
    functions: usize,
    imports: BTreeSet<String>,
    syscalls: BTreeSet<&'static str>,
    indirect: BTreeSet<String>,
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: Vec<&str>| {
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        };
        write!(f, "reach: {} handlers, {} functions; ", self.entries, self.functions)?;
        write!(f, "imports: {}; ", list(self.imports.iter().map(String::as_str).collect()))?;
        write!(f, "system calls: {}; ", list(self.syscalls.iter().copied().collect()))?;
        write!(f, "indirect calls in: {}", list(self.indirect.iter().map(String::as_str).collect()))
    }
}

/// Walks from every handler that `rules` names.
///
/// # Errors
/// If the library holds no function that `rules` names as a handler.
pub fn from_entries(image: &Image<'_>, rules: &Rules) -> Result<Reached> {
    let is_entry = |function: &&Function| {
        function.names.iter().any(|name| rules.entries.iter().any(|pattern| pattern.matches(name)))
    };
    let entries: Vec<u64> = image.functions().filter(is_entry).map(|function| function.start).collect();
    if entries.is_empty() {
        bail!("no function matches {:?}; keep the symbols, or correct the table of handlers", rules.entries);
    }
    let mut walk = Walk { image, rules, callers: BTreeMap::new(), queue: VecDeque::new(), reached: Reached::default() };
    walk.reached.entries = entries.len();
    for entry in entries {
        walk.callers.insert(entry, None);
        walk.queue.push_back(entry);
    }
    while let Some(entry) = walk.queue.pop_front() {
        walk.visit(entry);
    }
    walk.reached.functions = walk.callers.len();
    Ok(walk.reached)
}

/// A function, and the address at which it is entered: nearly always its first.
#[derive(Clone, Copy)]
struct Place<'a> {
    entry: u64,
    function: &'a Function,
}

struct Walk<'a> {
    image: &'a Image<'a>,
    rules: &'a Rules,
    /// Where each function reached is entered, and where the one is entered that reached it first.
    callers: BTreeMap<u64, Option<u64>>,
    queue: VecDeque<u64>,
    reached: Reached,
}

impl Walk<'_> {
    fn visit(&mut self, entry: u64) {
        let Some(function) = self.image.function_at(entry).cloned() else {
            return;
        };
        let place = Place { entry, function: &function };
        let reason = function.names.iter().find_map(|name| self.rules.reason_against(name));
        if let Some(reason) = reason {
            // What lies behind a forbidden function is not the handler's fault any more.
            return self.find(place, entry, format!("may not be reached: {reason}"));
        }
        for step in steps(self.image, &function, entry) {
            self.take(place, &step);
        }
    }

    fn take(&mut self, place: Place<'_>, step: &Step) {
        match &step.action {
            Action::Call(address) => self.call(place, step.at, *address),
            Action::Import(name) => self.import(place, step.at, name),
            Action::Indirect => match self.reason_for_indirect(place.function) {
                Some(reason) => drop(self.reached.indirect.insert(format!("{} ({reason})", place.function.name()))),
                None => self.find(place, step.at, INDIRECT.to_owned()),
            },
            Action::ThreadLocal if self.allows_thread_pointer(place.function) => {}
            Action::ThreadLocal => self.find(place, step.at, THREAD_LOCAL.to_owned()),
            Action::Syscall(number) => self.syscall(place, step.at, *number),
            Action::Abort => self.find(place, step.at, ABORT.to_owned()),
            Action::Undecodable => self.find(place, step.at, UNDECODABLE.to_owned()),
        }
    }

    fn call(&mut self, place: Place<'_>, at: u64, address: u64) {
        if self.image.function_at(address).is_none() {
            return self.find(place, at, format!("calls {address:#x}, which no symbol covers; keep the symbols"));
        }
        if let Entry::Vacant(first) = self.callers.entry(address) {
            first.insert(Some(place.entry));
            self.queue.push_back(address);
        }
    }

    fn import(&mut self, place: Place<'_>, at: u64, name: &str) {
        if !self.rules.allowed_imports.contains(&name) {
            let reason =
                self.rules.reason_against(name).unwrap_or("it is not on the list of async-signal-safe functions");
            return self.find(place, at, format!("calls `{name}`: {reason}"));
        }
        if !self.image.binds_now && self.reached.imports.is_empty() {
            self.find(place, at, format!("calls `{name}` through the lazy resolver, which locks; link with `-z now`"));
        }
        self.reached.imports.insert(name.to_owned());
    }

    fn syscall(&mut self, place: Place<'_>, at: u64, number: Option<u64>) {
        match number.map(|number| (number, self.rules.syscall_name(number))) {
            Some((_, Some(name))) => drop(self.reached.syscalls.insert(name)),
            Some((number, None)) => {
                self.find(place, at, format!("makes system call {number}, which is not on the list"));
            }
            None => self.find(place, at, "makes a system call whose number is not constant here".to_owned()),
        }
    }

    fn allows_thread_pointer(&self, function: &Function) -> bool {
        function.names.iter().any(|name| self.rules.allows_thread_pointer(name))
    }

    fn reason_for_indirect(&self, function: &Function) -> Option<&'static str> {
        function.names.iter().find_map(|name| self.rules.reason_for_indirect(name))
    }

    fn find(&mut self, place: Place<'_>, at: u64, what: String) {
        let finding = Finding { path: self.path_to(place.entry), offset: at - place.function.start, what };
        self.reached.findings.push(finding);
    }

    fn path_to(&self, entry: u64) -> Vec<String> {
        let mut path = Vec::new();
        let mut next = Some(entry);
        while let Some(entry) = next {
            let name = self.image.function_at(entry).map_or("?", Function::name);
            path.push(name.to_owned());
            next = self.callers.get(&entry).copied().flatten();
        }
        path.reverse();
        path
    }
}

const INDIRECT: &str = "calls where a pointer says, which cannot be followed; make the call direct, or add the function \
                        to the table of those made for it (and keep it from being inlined)";
const THREAD_LOCAL: &str = "uses thread-local storage; pass the value in, or keep it in the thread's slot";
const ABORT: &str = "ends the process; return instead";
const UNDECODABLE: &str = "holds bytes that are no instruction; only compiled code can be followed";
