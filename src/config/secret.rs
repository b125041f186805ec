//! The key that tokens are signed with. In development one is made and kept in the data folder,
//! so that a newcomer has to set nothing and stays signed in through a restart. The folder is made here, too.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use secrecy::SecretString;

use super::{Config, ConfigError};

const FILE: &str = "jwt_secret";

impl Config {
    /// The key that tokens are signed with: the one that was given, or else the one kept in the
    /// data folder, which is made if it is not there.
    ///
    /// # Errors
    /// If the file can neither be read nor made.
    pub fn signing_secret(&self) -> Result<SecretString, ConfigError> {
        if let Some(secret) = &self.auth.jwt_secret {
            return Ok(secret.clone());
        }
        self.make_data_dir()?;
        kept(&self.store.data_dir)
    }

    /// Makes the data folder if it is not there. Nobody else on the machine may look into it.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn make_data_dir(&self) -> Result<(), ConfigError> {
        let folder = &self.store.data_dir;
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let complaint = |error| ConfigError::folder(&folder.display().to_string(), error);
        builder.create(folder).map_err(complaint)
    }
}

fn kept(folder: &Path) -> Result<SecretString, ConfigError> {
    let path = folder.join(FILE);
    let complaint = |error| ConfigError::file(&path.display().to_string(), error);
    match fs::read_to_string(&path) {
        Ok(secret) if !secret.trim().is_empty() => Ok(secret.trim().into()),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(complaint(error)),
        _ => make(&path).map_err(complaint),
    }
}

fn make(path: &Path) -> std::io::Result<SecretString> {
    let secret = hex::encode(rand::random::<[u8; 32]>());
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()?;
    Ok(secret.into())
}
