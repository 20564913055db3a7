//! Dependencies run one way: each module of the core uses only those before it
//! in `ORDER`, and `ffi/` uses nothing of the core but what it exports.
//!
//! The sources are read as text. Comments and string literals are taken out
//! first; what is left names another module of its crate only by `crate::`,
//! `super::` or `mod`.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Every module of the core, lowest first. A new one needs its place here.
const ORDER: [&str; 36] = [
    "terms",
    "ticket",
    "word",
    "status",
    "events",
    "sync",
    "trace",
    "code",
    "op",
    "port",
    "list",
    "hook",
    "turn",
    "tree",
    "drain",
    "source",
    "role",
    "progress",
    "deadline",
    "lock",
    "link",
    "seat",
    "stage",
    "session_cell",
    "session",
    "requester",
    "subscription",
    "scope",
    "wait",
    "future",
    "slot",
    "header",
    "vacancy",
    "table",
    "tenant",
    "dialect",
];

/// The meaning is pure: these know of no atomics and no cells.
const PURE: [&str; 6] = ["terms", "ticket", "word", "status", "events", "dialect"];
const IMPURE_WORDS: [&str; 8] =
    ["sync", "atomic", "AtomicU32", "Ordering", "Cell", "UnsafeCell", "static", "unsafe"];

/// Module name to source, of one crate; `lib` is the root.
fn sources(directory: &str) -> BTreeMap<String, String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
    let mut modules = BTreeMap::new();
    for entry in fs::read_dir(&directory).expect("the sources are there") {
        let path = entry.expect("readable").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        // A directory is one module, of which one file or another is built.
        let files = if path.is_dir() {
            let inside = fs::read_dir(&path).expect("readable");
            inside.map(|entry| entry.expect("readable").path()).collect()
        } else {
            vec![path]
        };
        for file in files {
            assert!(file.extension().is_some_and(|e| e == "rs"), "not a module: {file:?}");
            let code = code_of(&fs::read_to_string(&file).expect("readable"));
            modules.entry(name.clone()).or_insert_with(String::new).push_str(&code);
        }
    }
    assert!(modules.contains_key("lib"), "no crate root in {directory:?}");
    modules
}

/// The source without comments and without the insides of string literals.
fn code_of(source: &str) -> String {
    source
        .lines()
        .map(|line| {
            let mut code = String::new();
            let mut in_text = false;
            let mut characters = line.chars().peekable();
            while let Some(c) = characters.next() {
                match c {
                    '\\' if in_text => drop(characters.next()),
                    '"' => in_text = !in_text,
                    '/' if !in_text && characters.peek() == Some(&'/') => break,
                    _ if !in_text => code.push(c),
                    _ => {}
                }
            }
            code + "\n"
        })
        .collect()
}

/// The identifiers of a piece of code, with `::`, `{`, `}` and `,` between.
fn tokens(code: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut word = String::new();
    for c in code.replace("::", "\u{1}").chars().chain(['\n']) {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            tokens.push(std::mem::take(&mut word));
        }
        if !c.is_whitespace() {
            tokens.push(c.to_string().replace('\u{1}', "::"));
        }
    }
    tokens
}

/// What follows each `crate::` or `super::`: one name, or the first name of
/// each branch of a group.
fn used(code: &str) -> Vec<String> {
    let tokens = tokens(code);
    let mut used = Vec::new();
    for (at, pair) in tokens.windows(2).enumerate() {
        // `$crate` stands in a macro, for the crate that uses it.
        let outside = at > 0 && tokens[at - 1] == "$";
        if outside || !matches!(pair[0].as_str(), "crate" | "super") || pair[1] != "::" {
            continue;
        }
        let rest = &tokens[at + 2..];
        if rest[0] != "{" {
            used.push(rest[0].clone());
            continue;
        }
        let mut depth = 0;
        let mut first = true;
        for token in rest {
            match token.as_str() {
                "{" => depth += 1,
                "}" => depth -= 1,
                "," if depth == 1 => first = true,
                _ if depth == 1 && first => {
                    used.push(token.clone());
                    first = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    used
}

/// Every dependency that does not go down, as text.
fn violations(modules: &BTreeMap<String, String>) -> Vec<String> {
    let place = |name: &str| ORDER.iter().position(|module| *module == name);
    let mut found = Vec::new();
    for (module, code) in modules.iter().filter(|(module, _)| *module != "lib") {
        let Some(own) = place(module) else {
            found.push(format!("{module} has no place in ORDER"));
            continue;
        };
        for target in used(code) {
            match place(&target) {
                Some(below) if below < own => {}
                Some(itself) if itself == own => {}
                Some(_) => found.push(format!("{module} uses {target}, which is not below it")),
                None => found.push(format!("{module} uses crate::{target}: name the module")),
            }
        }
    }
    for module in ORDER.iter().filter(|module| !modules.contains_key(**module)) {
        found.push(format!("{module} stands in ORDER and is no module"));
    }
    found
}

#[test]
fn the_core_depends_downwards() {
    assert_eq!(violations(&sources("src")), Vec::<String>::new());
}

#[test]
fn the_meaning_has_no_atomics() {
    let modules = sources("src");
    for module in PURE {
        for token in tokens(&modules[module].replace("'static", "")) {
            assert!(!IMPURE_WORDS.contains(&token.as_str()), "{module} mentions {token}");
        }
    }
}

/// Crates that ffi may name: the core, the language's own, and those that its
/// feature for targets without compare-and-swap brings.
#[test]
fn ffi_uses_the_core_and_itself() {
    let modules = sources("../ffi/src");
    let mut names_core = false;
    for (module, code) in &modules {
        for target in used(code) {
            assert!(modules.contains_key(&target), "ffi's {module} uses crate::{target}");
        }
        let tokens = tokens(code);
        for pair in tokens.windows(2).filter(|pair| matches!(pair[0].as_str(), "use" | "crate")) {
            let name = pair[1].as_str();
            names_core |= name == "quell";
            let port = module == "critical_section" && name == "critical_section";
            // A macro goes to other modules by being used where it is made.
            let own_macro = code.contains(&format!("macro_rules! {name} "));
            assert!(
                port || own_macro
                    || matches!(name, "quell" | "core" | "crate" | "std" | "::" | ")" | "super"),
                "ffi's {module} uses the crate {name}"
            );
        }
    }
    assert!(names_core, "ffi does not use the core");
}

/// The reader itself: what it has to find in sources that break the rules.
#[test]
fn violations_are_found() {
    let with = |name: &str, code: &str| {
        let mut modules: BTreeMap<String, String> =
            ORDER.iter().map(|module| ((*module).to_owned(), String::new())).collect();
        modules.insert(name.to_owned(), code_of(code));
        violations(&modules).len()
    };
    assert_eq!(with("word", "use crate::terms::Level; use crate::ticket::{A, B};"), 0);
    assert_eq!(with("word", "// use crate::op::Op;\nlet s = \"crate::op\";"), 0);
    assert_eq!(with("word", "use crate::op::Op;"), 1);
    assert_eq!(with("word", "fn f() { crate::role::g() }"), 1);
    assert_eq!(with("word", "use super::sync::AtomicU32;"), 1);
    assert_eq!(with("op", "use crate::{word::{Word, step}, role::Worker, terms};"), 1);
    assert_eq!(with("op", "use crate::Worker;"), 1);
    assert_eq!(with("op", "use crate::*;"), 1);
    assert_eq!(with("shortcut", ""), 1);
}
