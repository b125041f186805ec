//! The layers of the configuration and what lies over what: the compiled default, `config.toml`,
//! `.env`, the environment, the command line. Each value remembers where it came from.

use std::fs;
use std::path::{Path, PathBuf};

use figment::providers::{Format, Toml};
use figment::util::nest;
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::complaint::ConfigError;
use super::names;

/// The default of every setting, compiled in.
pub const DEFAULT: &str = include_str!("../../config.toml");

/// What the origin of a default is called.
pub(super) const DEFAULTS: &str = "the defaults";

/// Where the settings are looked for.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The folder in which `config.toml` and `.env` may lie.
    pub folder: PathBuf,
    /// A file to read in place of the folder's `config.toml`; it has to be there.
    pub file: Option<PathBuf>,
    /// The environment.
    pub variables: Vec<(String, String)>,
    /// What the command line says: the flag, the key it stands for, the value.
    pub flags: Vec<(String, String, String)>,
}

impl Sources {
    /// The working folder and the environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self {
            // A variable that is not Unicode cannot be one of ours.
            variables: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            ..Self::default()
        }
    }

    /// Sets a key over every other layer, if there is a value; `flag` is how the user knows it.
    #[must_use]
    pub fn flag(mut self, flag: &str, key: &str, value: Option<impl ToString>) -> Self {
        let flagged = value.map(|value| (flag.to_owned(), key.to_owned(), value.to_string()));
        self.flags.extend(flagged);
        self
    }

    /// Lays the layers over each other.
    pub(super) fn layered(&self) -> Result<Figment, ConfigError> {
        let mut layers = Figment::from(toml(DEFAULTS, DEFAULT)?);
        if let Some((origin, text)) = self.config_file()? {
            layers = layers.merge(toml(&origin, &text)?);
        }
        for layer in variables("in .env", &self.dotenv()?)? {
            layers = layers.merge(layer);
        }
        for layer in variables("in the environment", &self.variables)? {
            layers = layers.merge(layer);
        }
        for (flag, key, value) in &self.flags {
            layers = layers.merge(Layer::of_one(flag.clone(), key, value)?);
        }
        Ok(layers)
    }

    fn config_file(&self) -> Result<Option<(String, String)>, ConfigError> {
        let path = match &self.file {
            Some(file) => file.clone(),
            None => self.folder.join("config.toml"),
        };
        let origin = path.display().to_string();
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some((origin, text))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && self.file.is_none() => Ok(None),
            Err(error) => Err(ConfigError::file(&origin, error)),
        }
    }

    fn dotenv(&self) -> Result<Vec<(String, String)>, ConfigError> {
        let path = self.folder.join(".env");
        match dotenvy::from_path_iter(&path) {
            Ok(pairs) => pairs
                .map(|pair| pair.map_err(|error| dotenv_error(&path, error)))
                .collect(),
            Err(error) if error.not_found() => Ok(Vec::new()),
            Err(error) => Err(dotenv_error(&path, error)),
        }
    }
}

/// The line itself is not repeated: it may hold a secret.
fn dotenv_error(path: &Path, error: dotenvy::Error) -> ConfigError {
    let dotenvy::Error::LineParse(part, _) = error else {
        return ConfigError::file(".env", error);
    };
    let text = fs::read_to_string(path).unwrap_or_default();
    let part = part.lines().next().unwrap_or_default();
    let before = text.lines().take_while(|line| !line.contains(part)).count();
    let rule = "is not NAME='value' (a value with spaces or $ in it needs the quotes)";
    ConfigError::file(".env", format!("line {} {rule}", before + 1))
}

/// One layer: some values and where they came from.
struct Layer {
    origin: String,
    values: Dict,
}

impl Layer {
    fn of_one(origin: String, key: &str, value: &str) -> Result<Self, ConfigError> {
        if key.split('.').any(str::is_empty) {
            return Err(ConfigError::no_key(&origin));
        }
        let nested = nest(key, Value::from(value));
        Ok(Self {
            origin,
            values: nested.into_dict().unwrap_or_default(),
        })
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin.clone())
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        Ok(Map::from([(Profile::Default, self.values.clone())]))
    }
}

fn toml(origin: &str, text: &str) -> Result<Layer, ConfigError> {
    let values = Toml::from_str::<Dict>(text).map_err(|error| {
        let before = error
            .span()
            .and_then(|span| text.get(..span.start))
            .unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        ConfigError::file(
            origin,
            format!("line {line}: {}", error.message().replace('\n', ", ")),
        )
    })?;
    Ok(Layer {
        origin: origin.to_owned(),
        values,
    })
}

/// A layer for each variable that is a setting, the one that counts most last. An empty value
/// counts as none, as compose files give it for a variable that is not set.
fn variables(place: &str, variables: &[(String, String)]) -> Result<Vec<Layer>, ConfigError> {
    let mut found: Vec<_> = variables
        .iter()
        .filter(|(_, value)| !value.trim().is_empty())
        .filter_map(|(name, value)| names::key(name).map(|(rank, key)| (rank, name, key, value)))
        .collect();
    found.sort_by(|one, other| other.cmp(one));
    let layer = |(_, name, key, value): (usize, &String, String, &String)| {
        Layer::of_one(format!("{name} {place}"), &key, value)
    };
    found.into_iter().map(layer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(sources: &Sources) -> String {
        let layered = sources.layered().map(drop);
        layered.expect_err("the name says nothing").to_string()
    }

    #[test]
    fn a_name_with_an_empty_part_sets_nothing_and_is_refused() {
        for name in ["BAZAAR__", "BAZAAR__SERVER__", "BAZAAR____PORT"] {
            let sources = Sources {
                variables: vec![(name.into(), "1".into())],
                ..Sources::default()
            };
            let told = complaint(&sources);
            let named = format!("{name} in the environment names no setting");
            assert!(told.starts_with(&named), "{told}");
        }
        for key in ["", "server.", "."] {
            let told = complaint(&Sources::default().flag("--set", key, Some(1)));
            assert!(told.starts_with("--set names no setting"), "{told}");
        }
    }
}
