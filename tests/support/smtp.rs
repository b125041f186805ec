//! A mail server of the test's own: takes mail as it is told to, or says what it is told to say,
//! or nothing at all, and writes down what it was given.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The server. It ends with the test.
pub(crate) struct SmtpServer {
    /// Where it listens.
    pub(crate) port: u16,
    /// The certificate that it shows, to be trusted or not.
    pub(crate) certificate: String,
    script: Arc<Script>,
}

struct Script {
    tls: Option<TlsAcceptor>,
    greeting: Mutex<Mood>,
    moods: Mutex<HashMap<String, VecDeque<Mood>>>,
    usual: Mutex<Mood>,
    refused: watch::Sender<usize>,
    taken: watch::Sender<Vec<Taken>>,
}

/// What a recipient, or a caller, is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It is taken.
    Takes,
    /// This is said instead: `550 no such user`.
    Says(&'static str),
    /// Nothing is said any more.
    Hangs,
    /// It is taken, and nobody is told.
    TakesInSilence,
}

/// A mail that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    /// Whom it is for.
    pub(crate) to: String,
    /// Its headers and its body.
    pub(crate) data: String,
    /// What the caller said of himself.
    pub(crate) auth: Option<String>,
    /// Whether nobody else could listen.
    pub(crate) in_secret: bool,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl SmtpServer {
    /// A server that speaks openly.
    pub(crate) async fn start() -> Self {
        Self::listen(false).await
    }

    /// A server that offers STARTTLS.
    pub(crate) async fn with_tls() -> Self {
        Self::listen(true).await
    }

    async fn listen(tls: bool) -> Self {
        bazaar::services::outside::use_ring();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = generate_simple_self_signed(names).expect("a certificate can be made");
        let script = Arc::new(Script {
            tls: tls.then(|| acceptor(&made)),
            greeting: Mutex::new(Mood::Takes),
            moods: Mutex::default(),
            usual: Mutex::new(Mood::Takes),
            refused: watch::Sender::default(),
            taken: watch::Sender::default(),
        });
        let heard = Arc::clone(&script);
        actix_web::rt::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let script = Arc::clone(&heard);
                actix_web::rt::spawn(async move { speak(Box::new(stream), &script, false).await });
            }
        });
        Self {
            port,
            certificate: made.cert.pem(),
            script,
        }
    }

    /// The settings of a shop whose mail goes out here.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("mail.host", "127.0.0.1".into()),
            ("mail.port", self.port.to_string()),
            ("mail.from", "Bazaar <shop@example.com>".into()),
            ("mail.timeout_ms", "500".into()),
        ]
    }

    /// What whoever calls from now on is told.
    pub(crate) fn greets(&self, mood: Mood) {
        *self.script.greeting.lock() = mood;
    }

    /// What becomes of every mail that nothing else was said about.
    pub(crate) fn usually(&self, mood: Mood) {
        *self.script.usual.lock() = mood;
    }

    /// What becomes of the next mail for this address.
    pub(crate) fn next(&self, to: &str, mood: Mood) {
        let mut moods = self.script.moods.lock();
        moods.entry(to.to_owned()).or_default().push_back(mood);
    }

    /// Waits until it has taken so many mails.
    pub(crate) async fn has_taken(&self, many: usize) -> Vec<Taken> {
        let mut taken = self.script.taken.subscribe();
        let taken = taken.wait_for(|taken| taken.len() >= many).await;
        taken.expect("the sender is borrowed").clone()
    }

    /// Waits until a mail for this address has been taken.
    pub(crate) async fn has_taken_for(&self, to: &str) -> Taken {
        let for_them = |taken: &Vec<Taken>| taken.iter().find(|taken| taken.to == to).cloned();
        let mut taken = self.script.taken.subscribe();
        let taken = taken.wait_for(|taken| for_them(taken).is_some()).await;
        for_them(&taken.expect("the sender is borrowed")).expect("it was just there")
    }

    /// Waits until it has said no, or nothing, so often.
    pub(crate) async fn has_refused(&self, many: usize) {
        let mut refused = self.script.refused.subscribe();
        let refused = refused.wait_for(|refused| *refused >= many).await;
        refused.expect("the sender is borrowed");
    }
}

impl Taken {
    /// A header; empty when it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let head = self.data.split("\r\n\r\n").next().unwrap_or_default();
        let mut lines = head.split("\r\n").filter_map(|line| line.split_once(": "));
        lines
            .find(|(found, _)| *found == name)
            .map_or("", |(_, value)| value)
    }
}

impl Script {
    fn mood_for(&self, to: &str) -> Mood {
        let next = self.moods.lock().get_mut(to).and_then(VecDeque::pop_front);
        let mood = next.unwrap_or_else(|| *self.usual.lock());
        if !matches!(mood, Mood::Takes | Mood::TakesInSilence) {
            self.refused.send_modify(|refused| *refused += 1);
        }
        mood
    }
}

fn acceptor(made: &CertifiedKey<rcgen::KeyPair>) -> TlsAcceptor {
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::from(key));
    TlsAcceptor::from(Arc::new(config.expect("the certificate is the key's")))
}

/// Speaks with one caller until he hangs up, or nothing more is to be said.
async fn speak(stream: Box<dyn Stream>, script: &Script, in_secret: bool) {
    let mut stream = BufReader::new(stream);
    let (mut to, mut auth, mut silent) = (String::new(), None, false);
    if !in_secret {
        let greeting = *script.greeting.lock();
        if greeting != Mood::Takes {
            script.refused.send_modify(|refused| *refused += 1);
        }
        say_or_hang(&mut stream, greeting, "220 a server of a test").await;
    }
    while let Some(line) = line(&mut stream).await {
        let answer = match line.get(..4).unwrap_or_default().to_uppercase().as_str() {
            "EHLO" if script.tls.is_some() && !in_secret => "250-localhost\r\n250 STARTTLS",
            "EHLO" => "250-localhost\r\n250 AUTH PLAIN XOAUTH2",
            "AUTH" => {
                auth = line.rsplit(' ').next().map(str::to_owned);
                "235 welcome"
            }
            "STAR" => {
                let _ = stream.write_all(b"220 go on\r\n").await;
                let tls = script.tls.as_ref().expect("it was offered");
                // Whoever does not trust the certificate hangs up.
                if let Ok(secret) = tls.accept(stream.into_inner()).await {
                    Box::pin(speak(Box::new(secret), script, true)).await;
                }
                return;
            }
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                let mood = script.mood_for(&to);
                silent = mood == Mood::TakesInSilence;
                say_or_hang(&mut stream, mood, "250 good").await;
                continue;
            }
            "DATA" => {
                let _ = stream.write_all(b"354 go on\r\n").await;
                let data = data(&mut stream).await;
                let (to, auth) = (to.clone(), auth.clone());
                let taken = Taken {
                    to,
                    data,
                    auth,
                    in_secret,
                };
                script.taken.send_modify(|all| all.push(taken));
                if silent {
                    return std::future::pending().await;
                }
                "250 taken"
            }
            "QUIT" => "221 goodbye",
            _ => "250 good",
        };
        let _ = stream.write_all(format!("{answer}\r\n").as_bytes()).await;
    }
}

async fn say_or_hang(stream: &mut BufReader<Box<dyn Stream>>, mood: Mood, good: &str) {
    let said = match mood {
        Mood::Takes | Mood::TakesInSilence => good,
        Mood::Says(said) => said,
        Mood::Hangs => return std::future::pending().await,
    };
    let _ = stream.write_all(format!("{said}\r\n").as_bytes()).await;
}

async fn line(stream: &mut BufReader<Box<dyn Stream>>) -> Option<String> {
    let mut line = String::new();
    let many = stream.read_line(&mut line).await.ok()?;
    (many > 0).then(|| line.trim_end().to_owned())
}

async fn data(stream: &mut BufReader<Box<dyn Stream>>) -> String {
    let mut data = String::new();
    while let Some(line) = line(stream).await {
        if line == "." {
            break;
        }
        data.push_str(&line);
        data.push_str("\r\n");
    }
    data
}
