//! What handlers of resources have in common: read the request, call the use case, say the answer.

use chassis::{Ctx, Problem, Violation};
use durable::Once;
use prost_types::FieldMask;

use super::{
    convert::{self, Spoken},
    parse::{self, Place},
};
use crate::{
    app::{
        App,
        permissions::{begin, to_write},
    },
    store::{Stored, events::Announced},
};

/// The page a list asks for.
pub struct Asked<'a> {
    /// Name of the parent.
    pub parent: &'a str,
    /// How many.
    pub page_size: i32,
    /// Where to go on.
    pub page_token: &'a str,
    /// Everything else that the list depends on.
    pub filter: &'a str,
}

/// Answers one resource.
pub async fn get<T: Spoken>(app: &App, ctx: &Ctx, name: &str) -> Result<T::Message, Problem> {
    let place = parse::name::<T>(name)?;
    let stored = app.get::<T>(ctx, &place.hospital, &place.id).await?;
    Ok(T::to_message(&stored))
}

/// Answers a page of resources.
pub async fn list<T: Spoken>(
    app: &App,
    ctx: &Ctx,
    asked: Asked<'_>,
    keep: impl Fn(&Stored<T>) -> bool + Send + Sync,
) -> Result<(Vec<T::Message>, String), Problem> {
    let place = parse::list_parent::<T>(asked.parent)?;
    let arguments = [T::FIELD, asked.parent, asked.filter];
    let page = parse::page(ctx, asked.page_size, asked.page_token, &arguments)?;
    let (rows, token) = app.list::<T>(ctx, &place.hospital, &place.id, &page, keep).await?;
    Ok((rows.iter().map(T::to_message).collect(), token))
}

/// A creation, its message still to be read: who may not create learns nothing about the message.
pub fn creation<T: Spoken>(ctx: &Ctx, place: &Place, message: Option<T::Message>) -> Result<T, Problem> {
    let owner = if place.id.is_empty() { "-" } else { &place.id };
    begin(ctx, to_write(T::KIND), T::KIND, (&place.hospital, owner))?;
    convert::read(&place.hospital, present::<T>(message)?)
}

/// The message of a creation or an update.
fn present<T: Spoken>(message: Option<T::Message>) -> Result<T::Message, Problem> {
    message.ok_or_else(|| Problem::invalid(vec![Violation::new(T::FIELD, "is required")]))
}

/// Creates a resource under `place` with the id that was chosen, or `otherwise`.
pub async fn create<T: Spoken + Announced>(
    app: &App,
    ctx: &Ctx,
    once: &Once,
    place: Place,
    (chosen, otherwise): (&str, Option<String>),
    message: Option<T::Message>,
) -> Result<T::Message, Problem> {
    let value = creation::<T>(ctx, &place, message)?;
    let id = parse::new_id(T::KIND, &place.id, chosen, otherwise)?;
    let stored = app.create::<T>(ctx, once, &place.hospital, &id, value).await?;
    Ok(T::to_message(&stored))
}

/// Changes a resource.
pub async fn update<T: Spoken + Announced>(
    app: &App,
    ctx: &Ctx,
    once: &Once,
    (name, etag): (String, String),
    message: Option<T::Message>,
    mask: Option<FieldMask>,
) -> Result<T::Message, Problem>
where
    T::Message: Sync,
{
    let sent = present::<T>(message)?;
    let place = parse::named::<T>(&format!("{}.name", T::FIELD), &name)?;
    begin(ctx, to_write(T::KIND), T::KIND, (&place.hospital, &place.id))?;
    let mask = convert::mask::<T>(mask.as_ref())?;
    let change = |old: &T| convert::changed(&place.hospital, old, &sent, &mask);
    let stored = app.update::<T>(ctx, once, (&place.hospital, &place.id, &etag), change).await?;
    Ok(T::to_message(&stored))
}

/// Deletes a resource.
pub async fn delete<T: Spoken + Announced>(
    app: &App,
    ctx: &Ctx,
    once: &Once,
    name: &str,
    etag: &str,
) -> Result<(), Problem> {
    let place = parse::name::<T>(name)?;
    app.delete::<T>(ctx, once, (&place.hospital, &place.id, etag)).await
}
