//! How a file looks.

use crate::files;

/// A file that is longer says more than one thing.
const LINES_MAX: usize = 400;

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let sources = ["src", "tests", "benches"]
        .into_iter()
        .filter(|folder| std::path::Path::new(folder).exists());
    let mut long = Vec::new();
    for file in sources.flat_map(files::under) {
        let lines = file.text.lines().count();
        if lines > LINES_MAX {
            long.push(format!("{} has {lines} lines, more than {LINES_MAX}", file.path));
        }
    }
    assert!(long.is_empty(), "\n{}", long.join("\n"));
}

#[test]
fn every_file_begins_with_what_it_is() {
    let silent = |file: &files::File| !file.text.starts_with("//! ");
    let silent: Vec<_> = files::under("src")
        .into_iter()
        .filter(silent)
        .map(|file| file.path)
        .collect();
    assert!(
        silent.is_empty(),
        "these files do not begin with a `//!` sentence: {silent:?}"
    );
}

#[test]
fn every_folder_of_modules_is_a_module() {
    for file in files::under("src") {
        let (folder, _) = file.path.rsplit_once('/').unwrap();
        let module = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(folder)
            .join("mod.rs");
        let stands = folder == "src" || module.exists();
        assert!(
            stands,
            "{}: its folder has no mod.rs that says what it is",
            file.path
        );
    }
}
