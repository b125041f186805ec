//! Dependencies point downwards: each layer knows only those below it.

use crate::files::{self, File};

/// From the top to the bottom.
const LAYERS: [&str; 8] = [
    "cli",
    "supervisors",
    "http",
    "actors",
    "events",
    "services",
    "store",
    "domain",
];

/// What stands beside the layers, and what of the crate it may know.
const BESIDE: [(&str, &[&str]); 3] = [
    ("config", &[]),
    ("clock", &["domain"]),
    ("telemetry", &["config"]),
];

/// A crate, and the only folders that may know it.
const CONFINED: [(&str, &[&str]); 6] = [
    ("fjall", &["src/store/embedded"]),
    ("mongodb", &["src/store/mongo"]),
    ("actix_web", &["src/http", "src/supervisors"]),
    ("lapin", &["src/events/rabbitmq"]),
    ("clap", &["src/cli"]),
    ("figment", &["src/config"]),
];

/// What the rules must not reach for: it comes to them with the command.
const IMPURE: [&str; 11] = [
    "actix",
    "tokio",
    "rand",
    "SystemTime",
    "Instant",
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "std::process",
    "tracing",
];

#[test]
fn each_layer_knows_only_those_below_it() {
    let mut wrong = Vec::new();
    for file in files::under("src") {
        let Some(layer) = layer_of(&file.path) else {
            continue;
        };
        for (line, known) in known_by(&file) {
            if known != layer && !may_know(&layer, &known) {
                wrong.push(format!(
                    "{}:{line} is in `{layer}` and must not know `crate::{known}`",
                    file.path
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_rules_reach_for_nothing_outside_themselves() {
    let domain = files::under("src/domain");
    let wrong = mentions(&domain, &IMPURE, |_| false);
    assert!(wrong.is_empty(), "the domain is pure:\n{}", wrong.join("\n"));
}

#[test]
fn each_product_is_known_in_one_place() {
    let source = files::under("src");
    for (product, folders) in CONFINED {
        let wrong = mentions(&source, &[product], |path| {
            folders.iter().any(|folder| path.starts_with(folder))
        });
        assert!(
            wrong.is_empty(),
            "only {folders:?} may know {product}:\n{}",
            wrong.join("\n")
        );
    }
}

#[test]
fn an_import_is_seen_in_every_way_it_can_be_written() {
    let text = "use crate::store::{Commit, Query};\nuse crate::{clock::Clock,\n    http};\n\
                let x = crate::events::Router::new();\n// crate::supervisors\nuse super::super::actors::Ask;";
    let file = File {
        path: "src/domain/cart.rs".into(),
        text: text.into(),
    };
    let known: Vec<_> = known_by(&file)
        .map(|(line, known)| (line, known.clone()))
        .collect();
    let expected = [
        (1, "store"),
        (2, "clock"),
        (2, "http"),
        (4, "events"),
        (6, "actors"),
    ];
    assert_eq!(known, expected.map(|(line, known)| (line, known.to_owned())));
}

/// The part of the source that a file belongs to; `None` for the two files that hold it together.
fn layer_of(path: &str) -> Option<String> {
    let name = path
        .strip_prefix("src/")?
        .split('/')
        .next()?
        .trim_end_matches(".rs");
    (name != "lib" && name != "main").then(|| name.to_owned())
}

fn may_know(layer: &str, known: &str) -> bool {
    let rank = |name: &str| LAYERS.iter().position(|layer| *layer == name);
    if let Some((_, may)) = BESIDE.iter().find(|(name, _)| *name == layer) {
        return may.contains(&known);
    }
    match (rank(layer), known) {
        (Some(_), "config" | "clock") => layer != "domain",
        (Some(_), "telemetry") => layer == "cli",
        (Some(layer), known) => rank(known).is_some_and(|known| layer < known),
        (None, _) => panic!("`{layer}` is in no layer: say in this test where it stands"),
    }
}

/// The modules right under the crate's root that a file names, with their lines.
fn known_by(file: &File) -> std::vec::IntoIter<(usize, String)> {
    let code: Vec<_> = file.code().collect();
    let text: String = code.iter().flat_map(|(_, line)| [line, "\n"]).collect();
    let line_at = |place: usize| text[..place].matches('\n').count() + 1;
    let mut known = Vec::new();
    for root in ["crate::".to_owned(), "super::".repeat(depth(&file.path))] {
        for (place, _) in text.match_indices(&root) {
            let rest = &text[place + root.len()..];
            known.extend(heads(rest).into_iter().map(|head| (line_at(place), head)));
        }
    }
    known.retain(|(_, head)| LAYERS.contains(&head.as_str()) || BESIDE.iter().any(|(name, _)| name == head));
    known.sort();
    known.into_iter()
}

/// How many steps up it is from a file to the root of the crate.
fn depth(path: &str) -> usize {
    let steps = path.matches('/').count();
    if path.ends_with("/mod.rs") {
        steps - 1
    } else {
        steps
    }
}

/// The first names of what follows a path: one, or each of a group in braces.
fn heads(rest: &str) -> Vec<String> {
    let Some(group) = rest.strip_prefix('{') else {
        return vec![name(rest)];
    };
    let mut heads = Vec::new();
    let (mut depth, mut start) = (1, 0);
    for (place, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && letter == ',') {
            heads.push(name(group[start..place].trim_start()));
            start = place + 1;
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

fn name(text: &str) -> String {
    text.chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}

/// Every line that says one of these words where it may not.
fn mentions(files: &[File], words: &[&str], may: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !may(&file.path)) {
        for (line, code) in file.code() {
            let said = words.iter().filter(|word| says(code, word));
            found.extend(said.map(|word| format!("{}:{line} says `{word}`: {}", file.path, code.trim())));
        }
    }
    found
}

/// Whether a line names a crate or a path as such, and not within a longer name or a text.
fn says(code: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    code.match_indices(word).any(|(place, _)| {
        let (before, after) = (&code[..place], &code[place + word.len()..]);
        let whole = !before.ends_with(is_part) && !after.starts_with(is_part);
        let quoted = before.matches('"').count() % 2 == 1;
        let as_path = after.starts_with("::")
            || after.starts_with(';')
            || before.ends_with("::")
            || word.contains("::");
        whole && !quoted && as_path
    })
}
