//! What a reader of the code relies on, kept true by tests: who may know whom, pure domains, whole contracts,
//! READMEs that exist and links that resolve.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use prost::Message;
use prost_types::{DescriptorProto, FileDescriptorSet};

/// Crates of the workspace and what each may name of it.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("calendar", &[]),
    ("certificate", &["calendar"]),
    ("proto", &["calendar"]),
    ("roster", &["calendar"]),
    ("engine", &["calendar", "roster"]),
    ("generator", &["calendar", "roster"]),
    ("problem", &["calendar", "roster", "proto"]),
    ("chassis", &["proto"]),
    ("bus", &["chassis", "proto"]),
    ("durable", &["bus", "chassis", "proto"]),
    ("staff", &["bus", "calendar", "chassis", "durable", "proto"]),
    ("leave", &["bus", "calendar", "chassis", "durable", "proto"]),
    ("notification", &["bus", "calendar", "chassis", "durable", "proto"]),
    ("planning", &["bus", "calendar", "certificate", "chassis", "durable", "problem", "proto", "roster"]),
    ("solver", &["bus", "calendar", "chassis", "engine", "problem", "proto", "roster"]),
    ("gateway", &["chassis", "proto"]),
];

/// Folders that hold pure code, and what their lines must not name.
const PURE: &[&str] = &[
    "services/calendar/src",
    "services/certificate/src",
    "services/generator/src",
    "services/roster/src",
    "services/solver/engine/src",
    "services/staff/src/domain",
    "services/leave/src/domain",
    "services/planning/src/domain",
    "services/notification/src/domain",
];
const IMPURE: &[&str] = &[
    "async fn",
    ".await",
    "chassis::",
    "durable::",
    "sea_orm",
    "tokio::",
    "tonic::",
    "std::fs",
    "std::net",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir()
            && !["target", "node_modules", ".git", "data", "run"].iter().any(|skip| name == *skip)
        {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn manifests() -> BTreeMap<String, (PathBuf, toml::Table)> {
    files(&root(), "toml")
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|name| name == "Cargo.toml"))
        .filter_map(|path| {
            let manifest: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
            let name = manifest.get("package")?.get("name")?.as_str()?.to_owned();
            Some((name, (path.parent().unwrap().to_owned(), manifest)))
        })
        .collect()
}

#[test]
fn crates_know_only_whom_they_may_know() {
    let manifests = manifests();
    for (name, allowed) in MAY_KNOW {
        let (_, manifest) = &manifests[*name];
        let dependencies = manifest["dependencies"].as_table().unwrap();
        for dependency in dependencies.keys().filter(|dependency| manifests.contains_key(*dependency)) {
            assert!(allowed.contains(&dependency.as_str()), "{name} must not know {dependency}");
        }
    }
}

#[test]
fn the_solver_and_the_gateway_carry_no_database() {
    let lock: toml::Table = fs::read_to_string(root().join("Cargo.lock")).unwrap().parse().unwrap();
    let tree: BTreeMap<&str, Vec<&str>> = lock["package"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let names = package.get("dependencies").and_then(|list| list.as_array()).into_iter().flatten();
            let names = names.filter_map(|name| name.as_str()?.split(' ').next()).collect();
            (package["name"].as_str().unwrap(), names)
        })
        .collect();
    for start in ["solver", "gateway"] {
        let mut seen = BTreeSet::new();
        let mut open = vec![start];
        while let Some(name) = open.pop() {
            if seen.insert(name) {
                open.extend(tree.get(name).into_iter().flatten());
            }
        }
        assert!(!seen.contains("sea-orm") && !seen.contains("durable"), "{start} links a database");
    }
}

#[test]
fn pure_code_does_no_io_and_reads_no_clock() {
    for folder in PURE {
        for file in files(&root().join(folder), "rs") {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
            for line in code {
                let found = IMPURE.iter().find(|word| line.contains(**word));
                assert!(found.is_none(), "{}: `{}` in `{line}`", file.display(), found.unwrap());
            }
        }
    }
}

#[test]
fn every_crate_has_a_readme() {
    for (name, (folder, _)) in manifests() {
        assert!(folder.join("README.md").is_file(), "{name} has no README.md");
    }
}

#[test]
fn links_in_markdown_resolve() {
    for file in files(&root(), "md") {
        let text = fs::read_to_string(&file).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty()
                || path.contains("://")
                || path.contains(char::is_whitespace)
                || path.starts_with("mailto:")
            {
                continue;
            }
            assert!(file.parent().unwrap().join(path).exists(), "{}: {link}", file.display());
        }
    }
}

#[test]
fn metrics_are_prefixed_and_say_their_unit() {
    let units = ["_total", "_seconds", "_bytes", "_ratio", "_count", "_rows"];
    // Gauges that count things are named after the things.
    let things = [
        "_running",
        "_up",
        "connections",
        "_pending",
        "_open",
        "_tasks",
        "_depth",
        "_queued",
        "_length",
        "_in_flight",
        "_streams",
        "_places",
        "_busy",
    ];
    for file in files(&root(), "rs").into_iter().filter(|file| !file.ends_with("tidy.rs")) {
        let text = fs::read_to_string(&file).unwrap();
        for name in text.split('"').filter(|word| word.starts_with("mathildanesth_")) {
            if name.contains(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')) {
                continue;
            }
            let says = units.iter().chain(&things).any(|end| name.ends_with(end));
            assert!(says, "{}: metric {name} does not say its unit", file.display());
        }
    }
}

/// The words of a text that name a metric of ours.
fn metrics_in(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
    words.filter(|word| word.starts_with("mathildanesth_") && !word.ends_with('_'))
}

/// Every file under a folder, whatever its name.
fn all_files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    paths.flat_map(|path| if path.is_dir() { all_files(&path) } else { vec![path] }).collect()
}

#[test]
fn metrics_that_operators_read_of_exist() {
    let mut known = BTreeSet::new();
    for folder in ["gateway/src", "services"] {
        for file in files(&root().join(folder), "rs") {
            let text = fs::read_to_string(&file).unwrap();
            // A whole literal, so that a name in a comment does not make a metric.
            let names = text.split('"').filter(|word| metrics_in(word).next() == Some(*word));
            known.extend(names.map(str::to_owned));
        }
    }
    for script in all_files(&root().join("scripts")) {
        let text = fs::read_to_string(&script).unwrap_or_default();
        known.extend(metrics_in(&text).map(str::to_owned));
    }
    for page in files(&root().join("docs/operations"), "md") {
        let text = fs::read_to_string(&page).unwrap();
        for name in metrics_in(&text) {
            // Prometheus shows a histogram as three.
            let parts = ["_bucket", "_count", "_sum"];
            let whole = parts.iter().find_map(|part| name.strip_suffix(part));
            let exists = known.contains(name) || whole.is_some_and(|whole| known.contains(whole));
            assert!(exists, "{}: nothing measures {name}", page.display());
        }
    }
}

#[test]
fn every_runbook_is_found_from_the_index() {
    let folder = root().join("docs/operations/runbooks");
    let index = fs::read_to_string(folder.join("README.md")).unwrap();
    for page in files(&folder, "md").into_iter().filter(|page| !page.ends_with("README.md")) {
        let name = page.file_name().unwrap().to_string_lossy();
        assert!(index.contains(&format!("({name})")), "{name} is not in the index");
        let text = fs::read_to_string(&page).unwrap();
        for part in ["```promql", "**First look**", "**Do**", "**Escalate**"] {
            assert!(text.contains(part), "{name} lacks {part}");
        }
    }
}

fn contract() -> FileDescriptorSet {
    FileDescriptorSet::decode(proto::DESCRIPTORS).unwrap()
}

/// Every method with its request, by full name.
fn requests() -> Vec<(String, DescriptorProto)> {
    let contract = contract();
    let messages: BTreeMap<String, &DescriptorProto> = contract
        .file
        .iter()
        .flat_map(|file| {
            file.message_type.iter().map(move |m| (format!(".{}.{}", file.package(), m.name()), m))
        })
        .collect();
    contract
        .file
        .iter()
        .flat_map(|file| file.service.iter().map(move |service| (file, service)))
        .flat_map(|(file, service)| {
            let package = file.package();
            service
                .method
                .iter()
                .map(move |method| (format!("{package}.{}/{}", service.name(), method.name()), method))
        })
        .filter_map(|(name, method)| Some((name, (*messages.get(method.input_type())?).clone())))
        .collect()
}

fn has(message: &DescriptorProto, field: &str) -> bool {
    message.field.iter().any(|f| f.name() == field)
}

#[test]
fn every_list_has_pages() {
    for (name, request) in requests() {
        // The few public keys of a mesh are one page.
        if name.contains("/List") && !name.ends_with("/ListSigningKeys") {
            assert!(has(&request, "page_size") && has(&request, "page_token"), "{name} has no pages");
        }
    }
}

#[test]
fn every_create_and_every_transition_has_a_request_id() {
    let verbs = [
        "Create",
        "BatchCreate",
        "Import",
        "Load",
        "Apply",
        "Generate",
        "Adopt",
        "Publish",
        "Archive",
        "Approve",
        "Reject",
        "Cancel",
        "Activate",
        "Deactivate",
        "Adjust",
        "Redrive",
        "Reset",
        "Revoke",
    ];
    for (name, request) in requests() {
        let method = name.rsplit('/').next().unwrap();
        // Cancelling an operation twice is cancelling it once.
        if verbs.iter().any(|verb| method.starts_with(verb)) && method != "CancelOperation" {
            assert!(has(&request, "request_id"), "{name} has no request_id");
        }
    }
}

#[test]
fn what_needs_a_version_can_be_given_one() {
    for method in ["ApproveLeave", "ApproveSwap", "AdoptProposal", "PublishPlan"] {
        let (_, request) =
            requests().into_iter().find(|(name, _)| name.ends_with(&format!("/{method}"))).unwrap();
        assert!(has(&request, "etag"), "{method} has no etag");
    }
}
