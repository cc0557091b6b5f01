//! Runs a command beside a PostgreSQL and a Redis that live as long as it does: `with-backends cargo nextest run`.

use std::process::{Command, ExitCode};

use integration_tests::backends::Backends;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(program) = arguments.next() else {
        eprintln!("with-backends: a command is expected");
        return ExitCode::from(64);
    };
    let backends = match Backends::start() {
        Ok(backends) => backends,
        Err(error) => {
            eprintln!("with-backends: {error}");
            return ExitCode::from(69);
        }
    };
    let mut command = Command::new(program);
    command.args(arguments);
    backends.tell(&mut command);
    match command.status() {
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("with-backends: {error}");
            ExitCode::from(69)
        }
    }
}
