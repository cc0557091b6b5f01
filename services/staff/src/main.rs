//! The staff service in a process of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    chassis::run::<staff::Staff>()
}
