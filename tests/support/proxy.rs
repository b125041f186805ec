//! A TCP proxy that stands before a server and plays the network: it delays, swallows, cuts and
//! refuses, from one moment to the next.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

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
}

/// A proxy on a port of its own, gone when it goes out of scope.
pub(crate) struct Proxy {
    address: SocketAddr,
    weather: watch::Sender<Weather>,
}

impl Proxy {
    /// Stands before the server at this address.
    pub(crate) async fn before(server: impl Into<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound port");
        let weather = watch::Sender::new(Weather::Fair);
        let server: Arc<str> = Arc::from(server.into());
        tokio::spawn(accept(listener, server, weather.subscribe()));
        Self { address, weather }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the weather, for open connections too.
    pub(crate) fn turn(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

async fn accept(listener: TcpListener, server: Arc<str>, weather: watch::Receiver<Weather>) {
    loop {
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            () = gone(weather.clone()) => return,
        };
        let Ok((client, _)) = taken else { return };
        if *weather.borrow() != Weather::Cut {
            tokio::spawn(join(client, Arc::clone(&server), weather.clone()));
        }
    }
}

async fn join(client: TcpStream, server: Arc<str>, mut weather: watch::Receiver<Weather>) {
    let Ok(server) = TcpStream::connect(&*server).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let asks = pass(from_client, to_server, weather.clone(), [Weather::BlackHole; 2]);
    let answers = pass(
        from_server,
        to_client,
        weather.clone(),
        [Weather::BlackHole, Weather::NoAnswers],
    );
    let cut = async {
        let _ = weather.wait_for(|weather| *weather == Weather::Cut).await;
    };
    tokio::select! {
        _ = asks => {}
        _ = answers => {}
        () = cut => {}
    }
}

/// Passes bytes on, but none in the weather that holds them up.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
    held_in: [Weather; 2],
) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        let passes = weather.wait_for(|weather| !held_in.contains(weather)).await;
        let now = passes.map_or(Weather::Cut, |weather| *weather);
        if let Weather::Slow(delay) = now {
            tokio::time::sleep(delay).await;
        }
        to.write_all(&buffer[..read]).await?;
    }
}

/// Waits until the proxy has gone out of scope.
async fn gone(mut weather: watch::Receiver<Weather>) {
    while weather.changed().await.is_ok() {}
}
