//! Every setting is read by somebody.

use std::collections::BTreeMap;

use crate::files;

#[test]
fn every_key_is_read_somewhere() {
    let (config, others): (Vec<_>, Vec<_>) = files::under("src")
        .into_iter()
        .partition(|file| file.path.starts_with("src/config/"));
    let fields: BTreeMap<String, String> = config.iter().flat_map(renamed_fields).collect();
    // A key that only the configuration itself may see is read through an accessor of its own.
    let accessors = config.iter().filter(|file| {
        !["check.rs", "tests.rs"]
            .iter()
            .any(|name| file.path.ends_with(name))
    });
    let code: Vec<_> = others
        .iter()
        .chain(accessors)
        .flat_map(files::File::code)
        .map(|(_, line)| line)
        .collect();

    let mut unread = Vec::new();
    for (section, key) in keys() {
        let field = fields.get(&key).unwrap_or(&key);
        if !code.iter().any(|line| reads(line, field)) {
            unread.push(format!(
                "{section}.{key} stands in config.toml and nothing reads it"
            ));
        }
    }
    assert!(unread.is_empty(), "\n{}", unread.join("\n"));
}

/// Section and key of every line of the default file.
fn keys() -> Vec<(String, String)> {
    let (mut section, mut keys) = (String::new(), Vec::new());
    for line in bazaar::config::DEFAULT.lines() {
        if let Some(name) = line.strip_prefix('[') {
            name.trim_end_matches(']').clone_into(&mut section);
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            keys.push((section.clone(), key.to_owned()));
        }
    }
    keys
}

/// Keys that have another name in the code, which leaves the unit to the type.
fn renamed_fields(file: &files::File) -> Vec<(String, String)> {
    let lines: Vec<_> = file.text.lines().collect();
    let renamed = lines.windows(2).filter_map(|pair| {
        let key = pair[0].split_once("rename = \"")?.1.split('"').next()?;
        let field = pair[1].trim().rsplit_once(':')?.0.trim_start_matches("pub ");
        Some((key.to_owned(), field.split(':').next()?.to_owned()))
    });
    renamed.collect()
}

/// Whether a line reads a field of this name, and does not call a method of it.
fn reads(line: &str, field: &str) -> bool {
    line.match_indices(&format!(".{field}")).any(|(place, found)| {
        let after = line[place + found.len()..].chars().next().unwrap_or(' ');
        !after.is_alphanumeric() && after != '_' && after != '('
    })
}
