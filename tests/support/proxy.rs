//! A TCP proxy that stands before a server and plays the network: it delays, swallows, cuts and
//! refuses, from one moment to the next.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};

/// What the network does to every byte from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Nothing.
    Fair,
    /// It holds every packet up for so long, in both directions.
    Slow(Duration),
    /// It takes what is sent and gives it to nobody, and holds it until it is fair again.
    BlackHole,
    /// What is asked arrives; what is answered does not, until it is fair again.
    NoAnswers,
    /// Connections break, and new ones are not taken.
    Cut,
    /// Fair until a request holds this word: that one still arrives, and then it is `NoAnswers`.
    NoAnswersAfter(&'static str),
    /// Fair until a request holds this word: that one does not arrive, for it is `BlackHole`.
    BlackHoleAt(&'static str),
    /// Fair until a request holds this word: that one does not arrive, for it is `Cut`.
    CutAt(&'static str),
    /// Fair until a request holds this word: that one is late, for it is `Detaining`.
    DetainAt(&'static str),
    /// Fair for all but the request that made it so, which waits until it is fair again.
    Detaining,
}

/// A proxy on a port of its own, gone when it goes out of scope.
pub(crate) struct Proxy {
    address: SocketAddr,
    weather: Arc<watch::Sender<Weather>>,
    _open: oneshot::Sender<()>,
}

impl Proxy {
    /// Stands before the server at this address.
    pub(crate) async fn before(server: impl Into<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let weather = Arc::new(watch::Sender::new(Weather::Fair));
        let server: Arc<str> = Arc::from(server.into());
        let (open, gone) = oneshot::channel();
        tokio::spawn(accept(listener, server, Arc::clone(&weather), gone));
        Self {
            address,
            weather,
            _open: open,
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the weather, for open connections too.
    pub(crate) fn turn(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Waits until the weather has become this.
    pub(crate) async fn turned(&self, weather: Weather) {
        let mut now = self.weather.subscribe();
        now.wait_for(|now| *now == weather)
            .await
            .expect("a proxy that is there");
    }
}

async fn accept(
    listener: TcpListener,
    server: Arc<str>,
    weather: Arc<watch::Sender<Weather>>,
    mut gone: oneshot::Receiver<()>,
) {
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            _ = &mut gone => break,
        };
        let Ok((client, _)) = taken else { break };
        if *weather.borrow() != Weather::Cut {
            tokio::spawn(join(client, Arc::clone(&server), Arc::clone(&weather)));
        }
    }
    weather.send_replace(Weather::Cut);
}

async fn join(client: TcpStream, server: Arc<str>, weather: Arc<watch::Sender<Weather>>) {
    let Ok(server) = TcpStream::connect(&*server).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut cut = weather.subscribe();
    tokio::select! {
        _ = ask(from_client, to_server, &weather) => {}
        _ = answer(from_server, to_client, &weather) => {}
        _ = cut.wait_for(|weather| *weather == Weather::Cut) => {}
    }
}

async fn ask(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    weather: &watch::Sender<Weather>,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    let mut now = weather.subscribe();
    loop {
        let read = client.read(&mut buffer).await?;
        let request = &buffer[..read];
        let holds = |word: &str| request.windows(word.len()).any(|part| part == word.as_bytes());
        let mut held_in = vec![Weather::BlackHole, Weather::Cut];
        weather.send_if_modified(|weather| {
            let turned = match *weather {
                Weather::BlackHoleAt(word) if holds(word) => Weather::BlackHole,
                Weather::CutAt(word) if holds(word) => Weather::Cut,
                Weather::NoAnswersAfter(word) if holds(word) => Weather::NoAnswers,
                Weather::DetainAt(word) if holds(word) => {
                    held_in.push(Weather::Detaining);
                    Weather::Detaining
                }
                _ => return false,
            };
            *weather = turned;
            true
        });
        pass(request, &mut server, &mut now, &held_in).await?;
        if read == 0 {
            return Ok(());
        }
    }
}

async fn answer(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    weather: &watch::Sender<Weather>,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    let mut now = weather.subscribe();
    loop {
        let read = server.read(&mut buffer).await?;
        let held_in = [Weather::BlackHole, Weather::NoAnswers, Weather::Cut];
        pass(&buffer[..read], &mut client, &mut now, &held_in).await?;
        if read == 0 {
            return Ok(());
        }
    }
}

/// Passes bytes on, but not in weather that holds them up.
async fn pass(
    bytes: &[u8],
    to: &mut OwnedWriteHalf,
    weather: &mut watch::Receiver<Weather>,
    held_in: &[Weather],
) -> std::io::Result<()> {
    let passes = weather.wait_for(|weather| !held_in.contains(weather)).await;
    if let Ok(Weather::Slow(delay)) = passes.map(|weather| *weather) {
        tokio::time::sleep(delay).await;
    }
    to.write_all(bytes).await
}
