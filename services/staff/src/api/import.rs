//! ImportDepartment: what it reads and answers.

use std::collections::BTreeMap;

use chassis::{Ctx, Problem, Target};
use durable::Once;
use proto::staff::v1::{self as pb, import_file};

use super::parse::{self, Violations};
use crate::{
    app::{App, permissions::POLICY},
    domain::{
        Kind,
        import::{Count, File, FileKind},
    },
};

/// The largest file.
const FILE_BYTES_MAX: usize = 1024 * 1024;

/// Imports a department.
pub async fn department(
    app: &App,
    ctx: &Ctx,
    request: pb::ImportDepartmentRequest,
) -> Result<pb::ImportDepartmentResponse, Problem> {
    let hospital = parse::hospital(&request.parent)?;
    POLICY.authorize(ctx, "department.import", Target::hospital(&hospital))?;
    let once = Once::of(ctx, "staff.v1.StaffService/ImportDepartment", &request.request_id, &request)?;
    let files = files(request.files)?;
    let imported = app.import_department(ctx, &once, &hospital, files, request.validate_only).await?;
    let merge = |merge: crate::domain::import::Merge| pb::SpellingMerge {
        specialty: Kind::Specialty.name(&hospital, &merge.specialty),
        kept: merge.kept,
        merged: merge.merged,
    };
    Ok(pb::ImportDepartmentResponse {
        counts: imported.counts.into_iter().map(|(kind, counted)| count(kind, counted)).collect(),
        merges: imported.merges.into_iter().map(merge).collect(),
        warnings: imported
            .warnings
            .into_iter()
            .map(|(field, description)| pb::ImportWarning { field, description })
            .collect(),
    })
}

fn files(sent: Vec<pb::ImportFile>) -> Result<BTreeMap<FileKind, File>, Problem> {
    let mut found = Violations::default();
    if sent.is_empty() {
        found.add("files", "expected at least one file");
    }
    let mut files = BTreeMap::new();
    for (index, file) in sent.into_iter().enumerate() {
        let Some(kind) = kind(file.kind) else {
            found.add(format!("files[{index}].kind"), "expected a known kind");
            continue;
        };
        if file.file_name.trim().is_empty() || file.file_name.len() > 100 {
            found.add(format!("files[{index}].file_name"), "expected a name of at most 100 bytes");
        }
        if file.content.len() > FILE_BYTES_MAX {
            found.add(format!("files[{index}].content"), "expected at most 1 MiB");
        }
        if files.insert(kind, File { name: file.file_name, content: file.content }).is_some() {
            found.add(format!("files[{index}].kind"), "expected one file of each kind");
        }
    }
    found.done(Some(files))
}

fn kind(kind: i32) -> Option<FileKind> {
    Some(match import_file::Kind::try_from(kind).ok()? {
        import_file::Kind::Unspecified => return None,
        import_file::Kind::Sites => FileKind::Sites,
        import_file::Kind::Sectors => FileKind::Sectors,
        import_file::Kind::Rooms => FileKind::Rooms,
        import_file::Kind::Specialties => FileKind::Specialties,
        import_file::Kind::StaffMembers => FileKind::StaffMembers,
        import_file::Kind::Contracts => FileKind::Contracts,
        import_file::Kind::Surgeons => FileKind::Surgeons,
    })
}

fn count(kind: FileKind, count: Count) -> pb::ImportCount {
    let kind = match kind {
        FileKind::Sites => import_file::Kind::Sites,
        FileKind::Sectors => import_file::Kind::Sectors,
        FileKind::Rooms => import_file::Kind::Rooms,
        FileKind::Specialties => import_file::Kind::Specialties,
        FileKind::StaffMembers => import_file::Kind::StaffMembers,
        FileKind::Contracts => import_file::Kind::Contracts,
        FileKind::Surgeons => import_file::Kind::Surgeons,
    };
    pb::ImportCount {
        kind: kind as i32,
        created_count: count.created,
        updated_count: count.updated,
        unchanged_count: count.unchanged,
        merged_count: count.merged,
    }
}
