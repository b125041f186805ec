//! The mail server: where it is, how it is spoken to, and whether it is worth speaking to.

use std::fs;
use std::net::IpAddr;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;

use super::gmail::Gmail;
use super::{Mail, Unsent};
use crate::config::{self, Config, Encryption};
use crate::services::breaker::Breaker;

/// The port on which a server expects encryption from the first byte on.
const TLS_PORT: u16 = 465;

/// The server.
pub struct Server {
    host: String,
    port: u16,
    encryption: Encryption,
    tls: TlsParameters,
    sign_in: SignIn,
    sender: Mailbox,
    patience: Duration,
    pub(super) breaker: Breaker,
}

/// How the runtime says who it is.
enum SignIn {
    NotAtAll,
    Password(Credentials),
    Gmail(Gmail),
}

/// The server that is configured cannot be used as it is.
#[derive(Debug, thiserror::Error)]
pub enum BadServer {
    /// The sender is none.
    #[error("mail.from is not the address of a sender: {0}")]
    Sender(#[from] lettre::address::AddressError),
    /// The certificates cannot be read.
    #[error("mail.ca_file cannot be read: {0}")]
    Certificates(#[from] std::io::Error),
    /// The certificates are none, or the host has no name that a certificate could have.
    #[error("mail.host cannot be spoken to in secret: {0}")]
    Tls(#[from] lettre::transport::smtp::Error),
}

impl Server {
    /// The server that is configured, if one is.
    ///
    /// # Errors
    /// See [`BadServer`].
    pub fn open(config: &Config) -> Result<Option<Self>, BadServer> {
        let mail = &config.mail;
        let (Some(host), Some(sender)) = (mail.server(), mail.sender()) else {
            return Ok(None);
        };
        Ok(Some(Self {
            encryption: encryption(mail, host),
            tls: trust(mail, host)?,
            sign_in: SignIn::with(config),
            sender: sender_of(sender)?,
            host: host.to_owned(),
            port: mail.port,
            patience: mail.timeout,
            breaker: Breaker::new("mail server"),
        }))
    }

    /// How long it may take for one letter.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Whether it keeps failing, and is left alone for a while.
    #[must_use]
    pub fn rests(&self) -> bool {
        self.breaker.rests()
    }

    pub(super) fn message(&self, mail: &Mail<'_>) -> Result<lettre::Message, Unsent> {
        mail.message(&self.sender)
    }

    /// Calls the server, and says who calls.
    pub(super) async fn connect(&self) -> Result<AsyncSmtpConnection, Unsent> {
        let hello = ClientId::default();
        let from_the_start = (self.encryption == Encryption::Tls).then(|| self.tls.clone());
        let place = (self.host.as_str(), self.port);
        let called = AsyncSmtpConnection::connect_tokio1(place, None, &hello, from_the_start, None).await;
        let mut connection = called.map_err(|error| said(&error))?;
        if self.encryption == Encryption::StartTls {
            let secret = connection.starttls(self.tls.clone(), &hello).await;
            secret.map_err(|error| said(&error))?;
        }
        self.sign_in.say(&mut connection).await?;
        Ok(connection)
    }
}

impl SignIn {
    fn with(config: &Config) -> Self {
        let mail = &config.mail;
        match (Gmail::of(config), &mail.user, &mail.password) {
            (Some(gmail), ..) => Self::Gmail(gmail),
            (None, Some(user), Some(password)) => {
                let password = password.expose_secret().to_owned();
                Self::Password(Credentials::new(user.clone(), password))
            }
            _ => Self::NotAtAll,
        }
    }

    async fn say(&self, connection: &mut AsyncSmtpConnection) -> Result<(), Unsent> {
        let (mechanisms, credentials): (&[_], _) = match self {
            Self::NotAtAll => return Ok(()),
            Self::Password(credentials) => (&[Mechanism::Plain, Mechanism::Login], credentials.clone()),
            Self::Gmail(gmail) => (&[Mechanism::Xoauth2], gmail.credentials().await?),
        };
        let heard = connection.auth(mechanisms, &credentials).await;
        if let (Err(_), Self::Gmail(gmail)) = (&heard, self) {
            gmail.forget(); // the next one asks for a fresh token
        }
        heard.map(drop).map_err(|error| said(&error))
    }
}

/// What is wrong with the server as such is wrong for now, whatever the code: the letter is good.
pub(super) fn said(error: &lettre::transport::smtp::Error) -> Unsent {
    Unsent::Again(error.to_string())
}

fn encryption(mail: &config::Mail, host: &str) -> Encryption {
    let on_this_machine =
        host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    match mail.encryption {
        Encryption::Auto if mail.port == TLS_PORT => Encryption::Tls,
        Encryption::Auto if on_this_machine => Encryption::None,
        Encryption::Auto => Encryption::StartTls,
        said => said,
    }
}

fn trust(mail: &config::Mail, host: &str) -> Result<TlsParameters, BadServer> {
    let mut trusted = TlsParameters::builder(host.to_owned());
    if let Some(file) = &mail.ca_file {
        trusted = trusted.add_root_certificate(Certificate::from_pem(&fs::read(file)?)?);
    }
    Ok(trusted.build()?)
}

/// The sender as it was given, with a name before it if it has none.
fn sender_of(text: &str) -> Result<Mailbox, BadServer> {
    let sender: Mailbox = text.parse()?;
    Ok(Mailbox {
        name: sender.name.or_else(|| Some("Bazaar".into())),
        ..sender
    })
}
