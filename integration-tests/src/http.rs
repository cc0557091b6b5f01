//! A plain `GET` on loopback, for probes, metrics and the interfaces of the servers around us.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

const CONNECT_MAX: Duration = Duration::from_millis(200);
const ANSWER_MAX: Duration = Duration::from_secs(3);

/// Status and body of an answer.
///
/// # Errors
/// When nobody answers in time, or not in HTTP.
pub fn get(port: u16, path: &str) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&([127, 0, 0, 1], port).into(), CONNECT_MAX)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not an HTTP answer"))?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.to_owned()))
}

/// Whether that path answers 200.
pub fn is_ok(port: u16, path: &str) -> bool {
    get(port, path).is_ok_and(|(status, _)| status == 200)
}
