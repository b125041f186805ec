//! Asks a running marketplace whether it is alive, for health checks in images that hold nothing
//! but this binary.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(3);

/// Asks once.
///
/// # Errors
/// If nobody answers in time, or with anything but 200.
pub(super) fn ask(config: &Config) -> io::Result<()> {
    let place = (reachable(config.host()), config.server.port);
    let status = status_line(place)
        .map_err(|error| io::Error::other(format!("{}:{} does not answer: {error}", place.0, place.1)))?;
    if status.split(' ').nth(1) == Some("200") {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "{}:{} answers {}",
        place.0,
        place.1,
        status.trim_end()
    )))
}

/// A server that listens on every address is asked on the one that every machine has.
fn reachable(host: &str) -> &str {
    match host {
        "0.0.0.0" => "127.0.0.1",
        "::" => "::1",
        other => other,
    }
}

fn status_line(place: (&str, u16)) -> io::Result<String> {
    let address = place.to_socket_addrs()?.next().ok_or(io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status)?;
    Ok(status)
}
