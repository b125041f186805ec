//! The marketplace that a sale is played on.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use crate::cli::Failure;
use crate::clock::{Chance, Clock};
use crate::config::{Config, Sources};
use crate::supervisors::runtime::Runtime;

/// Where it is, and who its admin is.
pub(super) struct Ground {
    pub(super) url: String,
    pub(super) email: String,
    pub(super) password: SecretString,
    /// What was started for the sale, and the folder it lives in.
    own: Option<(Runtime, PathBuf)>,
}

impl Ground {
    /// A marketplace that runs already.
    pub(super) fn running(
        url: &str,
        config: &Config,
        email: Option<String>,
        password: Option<SecretString>,
    ) -> Result<Self, Failure> {
        let missing = "the sale needs an admin of the marketplace: --email and --password";
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            email: email.or_else(|| config.auth.admin_email.clone()).ok_or(missing)?,
            password: password
                .or_else(|| config.auth.admin_password.clone())
                .ok_or(missing)?,
            own: None,
        })
    }

    /// A marketplace of its own, on a free port and in a folder that goes with it.
    pub(super) async fn started() -> Result<Self, Failure> {
        let (email, password) = (
            "admin@example.com",
            hex::encode(Chance::unforeseeable().bytes::<16>()),
        );
        let folder = std::env::temp_dir().join(format!("bazaar-drop-{}", std::process::id()));
        let data = folder.display().to_string();
        let settings = [
            ("server.port", "0"),
            ("server.host", "127.0.0.1"),
            ("store.data_dir", data.as_str()),
            ("auth.bcrypt_cost", "4"),
            ("demo.seed", "false"),
            ("auth.admin_email", email),
            ("auth.admin_password", password.as_str()),
        ];
        let sources = settings.iter().fold(Sources::default(), |sources, (key, value)| {
            sources.flag("drop", key, Some(*value))
        });
        let config = Config::load(&sources)?;
        let runtime = Runtime::start(&config, (Clock::system(), Chance::unforeseeable())).await?;
        Ok(Self {
            url: format!("http://{}", runtime.addresses()[0]),
            email: email.to_owned(),
            password: password.into(),
            own: Some((runtime, folder)),
        })
    }

    /// The password, for signing in with.
    pub(super) fn password(&self) -> &str {
        self.password.expose_secret()
    }

    /// Stops what was started for the sale, and clears it away.
    pub(super) async fn leave(self) {
        if let Some((runtime, folder)) = self.own {
            runtime.stop().await;
            if let Err(error) = std::fs::remove_dir_all(&folder) {
                eprintln!("bazaar: {} is left behind: {error}", folder.display());
            }
        }
    }
}
