//! CreateTemplate, ImportTemplate, DeleteTemplate.

use chassis::{Ctx, Problem, Violation};
use durable::{Once, audit::Change, etag, time};
use proto::names::TemplateName;

use super::{App, not_found};
use crate::{
    domain::{
        snapshot::Snapshot,
        template::{Pattern, Place},
        trame,
    },
    problems,
    store::{entity::template, new_id, templates, to_json},
};

// === impl App ===

impl App {
    /// Creates a template of lines given one by one.
    pub async fn create_template(
        &self,
        ctx: &Ctx,
        hospital: &str,
        display_name: String,
        pattern: Pattern,
        once: &Once,
    ) -> Result<template::Model, Problem> {
        self.allow_at(ctx, "templates.edit", hospital, &pattern.sites())?;
        if let Some(id) = self.replayed::<String>(ctx, once).await? {
            return self.get_template(ctx, hospital, &id).await;
        }
        let facts = self.peers.places(ctx, hospital).await?;
        check(&pattern, &facts)?;
        self.write_template(ctx, hospital, display_name, &pattern, once, false).await
    }

    /// Creates a template of a file; with `is_preview` only says what it would be.
    pub async fn import_template(
        &self,
        ctx: &Ctx,
        import: Import<'_>,
        once: &Once,
    ) -> Result<template::Model, Problem> {
        self.begin(ctx, "templates.edit", import.hospital)?;
        if let Some(id) = self.replayed::<String>(ctx, once).await? {
            return self.get_template(ctx, import.hospital, &id).await;
        }
        let facts = self.peers.places(ctx, import.hospital).await?;
        let pattern =
            trame::read(import.content, &facts).map_err(|cells| problems::trame(import.file_name, cells))?;
        self.allow_at(ctx, "templates.edit", import.hospital, &pattern.sites())?;
        self.write_template(ctx, import.hospital, import.display_name, &pattern, once, import.is_preview)
            .await
    }

    async fn write_template(
        &self,
        ctx: &Ctx,
        hospital: &str,
        display_name: String,
        pattern: &Pattern,
        once: &Once,
        is_preview: bool,
    ) -> Result<template::Model, Problem> {
        let row = template::Model {
            hospital: hospital.to_owned(),
            id: new_id(),
            display_name,
            pattern: to_json(pattern)?,
            slot_count: super::judge::count(pattern.slots.len()),
            version: 1,
            create_time: time::micros(ctx.now),
        };
        if is_preview {
            if templates::is_taken(self.db.read(), hospital, &row.display_name).await? {
                return Err(problems::template_taken(&row.display_name));
            }
            return Ok(row);
        }
        let tx = self.db.begin(ctx).await?;
        if let Some(id) = once.replay::<String>(&tx).await? {
            let row = templates::find(tx.conn(), hospital, &id).await?;
            return row.ok_or_else(|| not_found("Template", hospital, "templates", &id));
        }
        templates::insert(tx.conn(), row.clone()).await?;
        tx.audit(of_template("template.create", &row));
        once.record(&tx, &row.id).await?;
        tx.commit().await?;
        Ok(row)
    }

    pub async fn delete_template(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        sent: &str,
    ) -> Result<(), Problem> {
        self.begin(ctx, "templates.edit", hospital)?;
        let tx = self.db.begin(ctx).await?;
        let row = templates::find(tx.conn(), hospital, id).await?;
        let row = row.ok_or_else(|| not_found("Template", hospital, "templates", id))?;
        self.allow_template(ctx, "templates.edit", &row)?;
        etag::check(sent, row.version, false)?;
        templates::delete(tx.conn(), hospital, id).await?;
        tx.audit(of_template("template.delete", &row));
        tx.commit().await
    }
}

fn of_template(action: &str, row: &template::Model) -> Change {
    let name = TemplateName::new(&row.hospital, &row.id).to_string();
    Change::of(&row.hospital, action, name).value("slot_count", "", &row.slot_count.to_string())
}

/// A file to import.
#[derive(Debug)]
pub struct Import<'a> {
    pub hospital: &'a str,
    pub display_name: String,
    pub file_name: &'a str,
    pub content: &'a [u8],
    pub is_preview: bool,
}

/// Refuses lines of closed or unknown rooms, of unknown surgeons and specialties, and two lines of one room.
fn check(pattern: &Pattern, facts: &Snapshot) -> Result<(), Problem> {
    let slots = pattern.slots.iter().enumerate();
    let slots = slots.map(|(at, own)| ("slots", at, &own.place, &own.surgeon, &own.specialty));
    let exceptions = pattern.exceptions.iter().enumerate();
    let exceptions = exceptions.map(|(at, own)| ("exceptions", at, &own.place, &own.surgeon, &own.specialty));
    let mut wrong = Vec::new();
    for (list, at, place, surgeon, specialty) in slots.chain(exceptions) {
        let field = |name: &str| format!("template.{list}[{at}].{name}");
        if !is_open(place, facts) {
            return Err(problems::room_closed(&field("room"), &place.room));
        }
        if !surgeon.is_empty() && !facts.surgeons.iter().any(|own| own.id == *surgeon && own.is_active) {
            wrong.push(Violation::new(field("surgeon"), "no such surgeon"));
        }
        if !specialty.is_empty() && !facts.specialties.iter().any(|own| own.id == *specialty) {
            wrong.push(Violation::new(field("specialty"), "no such specialty"));
        }
    }
    for (at, slot) in pattern.slots.iter().enumerate() {
        if pattern.slots[..at].iter().any(|other| other.collides(slot)) {
            wrong.push(Violation::new(
                format!("template.slots[{at}].room"),
                "the room is open twice at that time",
            ));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Problem::invalid(wrong)) }
}

/// Whether a room may be opened.
pub fn is_open(place: &Place, facts: &Snapshot) -> bool {
    facts
        .room(&place.site, &place.sector, &place.room)
        .is_some_and(|room| !room.is_closed && room.is_operating)
}
