//! Compiles every contract under `mathildanesth/` without protoc, and keeps its descriptors for reflection.

use std::{env, fs, path::Path, path::PathBuf};

use protox::prost::Message;

type BoxError = Box<dyn std::error::Error>;

/// Adds the path of every `.proto` under `folder`, in a stable order.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), BoxError> {
    let mut entries = fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<Result<Vec<_>, BoxError>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    Ok(())
}

fn main() -> Result<(), BoxError> {
    println!("cargo:rerun-if-changed=mathildanesth");
    let mut files = Vec::new();
    collect(Path::new("mathildanesth"), &mut files)?;
    let descriptors = protox::compile(files, ["."])?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("descriptors.bin"), descriptors.encode_to_vec())?;
    let mut config = tonic_prost_build::Config::new();
    config.enable_type_names();
    tonic_prost_build::configure()
        .btree_map(".")
        .emit_rerun_if_changed(false)
        .compile_fds_with_config(descriptors, config)?;
    Ok(())
}
