//! Writes the JSON Schemas of the documents: `cargo run -p problem --example schema -- services/problem/schema`.

use std::{error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("expected a folder")?;
    fs::write(Path::new(&folder).join("problem.v1.schema.json"), problem::problem_schema()?)?;
    fs::write(Path::new(&folder).join("solution.v1.schema.json"), problem::solution_schema()?)?;
    Ok(())
}
