//! The folder of the copy: `current`, and `before`, the copy that it took the place of.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

/// Puts these files, by their path in the copy, in the place of the current ones. Until they are all on the disk the
/// current ones stay.
///
/// # Errors
/// When something cannot be written or moved; what was current then is `current` or `before`.
pub fn replace(folder: &Path, files: &BTreeMap<String, String>) -> io::Result<()> {
    let [new, current, before] = ["new", "current", "before"].map(|name| folder.join(name));
    // What an interrupted copy left.
    remove(&new)?;
    for (name, content) in files {
        let path = new.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut file = File::create(&path)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
    }
    if current.exists() {
        remove(&before)?;
        fs::rename(&current, &before)?;
    }
    fs::rename(&new, &current)
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(text: &str) -> BTreeMap<String, String> {
        BTreeMap::from([
            ("index.html".to_owned(), text.to_owned()),
            ("sites/a.ics".to_owned(), text.to_owned()),
        ])
    }

    #[test]
    fn a_copy_takes_the_place_of_the_one_before_and_keeps_it() {
        let folder = tempfile::tempdir().unwrap();
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        for text in ["first", "second", "third"] {
            replace(folder.path(), &copy(text)).unwrap();
        }
        assert_eq!(read("current/sites/a.ics"), "third");
        assert_eq!(read("before/index.html"), "second");
        assert!(!folder.path().join("new").exists());
    }

    #[test]
    fn a_copy_that_cannot_be_written_leaves_the_current_one() {
        let folder = tempfile::tempdir().unwrap();
        replace(folder.path(), &copy("first")).unwrap();
        let mut broken = copy("second");
        // A file where the other file needs a folder.
        broken.insert("sites".to_owned(), String::new());
        assert!(replace(folder.path(), &broken).is_err());
        assert_eq!(fs::read_to_string(folder.path().join("current/index.html")).unwrap(), "first");
    }
}
