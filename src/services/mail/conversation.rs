//! One connection to the mail server and what is said on it. It belongs to one letter at a time,
//! and is dropped with whatever breaks off: a letter never speaks into what another one began.

use std::time::{Duration, Instant};

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail as From, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailParameter};
use lettre::{Address, Message, transport::smtp};
use tokio::time::timeout;

use super::server::said;
use super::{Mail, Server, Unsent};

/// A server may have hung up on a line that was silent for longer.
const SILENCE_MAX: Duration = Duration::from_secs(5);

/// A line to the mail server, open or not.
#[derive(Default)]
pub struct Line {
    open: Option<(AsyncSmtpConnection, Instant)>,
}

/// Why a letter was not taken, and what that says of the line.
enum Broken {
    /// The server said no, and goes on listening.
    Refused(Unsent),
    /// Nothing more can be said on this line.
    Off(smtp::Error),
}

impl Line {
    /// Sends a letter, within the server's time.
    ///
    /// # Errors
    /// See [`Unsent`].
    pub async fn send(&mut self, server: &Server, mail: &Mail<'_>) -> Result<(), Unsent> {
        let message = server.message(mail)?;
        if !server.breaker.lets_through() {
            let why = "the mail server has been failing and is left alone for a while";
            return Err(Unsent::Resting(why.into()));
        }
        // The line is taken out, so that nothing is left of it if this is dropped half-way.
        let open = self.open.take();
        let sent = timeout(server.patience(), carry(server, open, &message)).await;
        let sent =
            sent.unwrap_or_else(|_| Err(Unsent::Again("the mail server did not answer in time".into())));
        match sent {
            Ok((connection, taken)) => {
                server.breaker.succeeded();
                self.open = Some((connection, Instant::now()));
                taken
            }
            Err(unsent) => {
                server.breaker.failed();
                Err(unsent)
            }
        }
    }
}

type Carried = (AsyncSmtpConnection, Result<(), Unsent>);

/// Carries a letter over an open line, or over a new one. An error is one of the server; whatever
/// is wrong with the letter alone leaves the line as it is.
async fn carry(
    server: &Server,
    open: Option<(AsyncSmtpConnection, Instant)>,
    message: &Message,
) -> Result<Carried, Unsent> {
    let fresh_enough = open.filter(|(_, since)| since.elapsed() < SILENCE_MAX);
    if let Some((mut connection, _)) = fresh_enough {
        match speak(&mut connection, message).await {
            Ok(()) => return Ok((connection, Ok(()))),
            Err(Broken::Refused(why)) => return after(connection, why).await,
            Err(Broken::Off(_)) => {} // it had hung up: nothing was taken, and a new line may do
        }
    }
    let mut connection = server.connect().await?;
    match speak(&mut connection, message).await {
        Ok(()) => Ok((connection, Ok(()))),
        Err(Broken::Refused(why)) => after(connection, why).await,
        Err(Broken::Off(error)) => Err(said(&error)),
    }
}

/// Clears the line of a letter that was refused.
async fn after(mut connection: AsyncSmtpConnection, why: Unsent) -> Result<Carried, Unsent> {
    match connection.command(Rset).await {
        Ok(_) => Ok((connection, Err(why))),
        Err(_) => Err(why), // the letter was refused all the same
    }
}

async fn speak(connection: &mut AsyncSmtpConnection, message: &Message) -> Result<(), Broken> {
    let envelope = message.envelope();
    let mut options = Vec::new();
    let beyond_ascii = |to: &Address| !AsRef::<str>::as_ref(to).is_ascii();
    if envelope.to().iter().any(beyond_ascii) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            let why = "the mail server takes no address with letters beyond ASCII";
            return Err(Broken::Refused(Unsent::Never(why.into())));
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    let from = From::new(envelope.from().cloned(), options);
    // Whom the server does not let send is no fault of the letter.
    heard(connection.command(from).await, Fault::OfTheServer)?;
    for to in envelope.to() {
        let to = Rcpt::new(to.clone(), Vec::new());
        heard(connection.command(to).await, Fault::OfTheLetter)?;
    }
    heard(connection.command(Data).await, Fault::OfTheLetter)?;
    heard(connection.message(&message.formatted()).await, Fault::OfTheLetter)
}

/// What a refusal for good is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    OfTheServer,
    OfTheLetter,
}

fn heard<T>(answer: Result<T, smtp::Error>, fault: Fault) -> Result<(), Broken> {
    let Err(error) = answer else {
        return Ok(());
    };
    // 421 is a server that hangs up.
    let hangs_up = error.status().is_some_and(|code| code.to_string() == "421");
    if error.is_permanent() && fault == Fault::OfTheLetter {
        Err(Broken::Refused(Unsent::Never(error.to_string())))
    } else if (error.is_permanent() || error.is_transient()) && !hangs_up {
        Err(Broken::Refused(Unsent::Again(error.to_string())))
    } else {
        Err(Broken::Off(error))
    }
}
