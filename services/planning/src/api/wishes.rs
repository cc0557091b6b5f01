//! Wishes: parse, call, render.

use calendar::Day;
use chassis::{Ctx, Problem};
use durable::{Once, etag, page::Page, time};
use proto::{
    names::{StaffMemberName, WishName},
    planning::v1 as pb,
    values,
};

use super::{
    convert, equity, parse,
    parse::{Fields, name},
};
use crate::{
    app::{App, wishes::Decision},
    domain::{
        marks::Color,
        wish::{Kind, Rank, State, Wish},
    },
    store::{new_id, wishes},
};

const TEXT_LENGTH_MAX: usize = 500;

pub async fn get(app: &App, ctx: &Ctx, request: pb::GetWishRequest) -> Result<pb::Wish, Problem> {
    let own = name("name", WishName::parse(&request.name))?;
    let wish = app.get_wish(ctx, &own.hospital, &own.staff_member, &own.wish).await?;
    Ok(message(&own.hospital, &wish))
}

pub async fn list(
    app: &App,
    ctx: &Ctx,
    request: pb::ListWishesRequest,
) -> Result<pb::ListWishesResponse, Problem> {
    let parent = name("parent", StaffMemberName::parse_wild(&request.parent))?;
    let (hospital, who) = (parent.hospital.as_str(), parent.staff_member.as_str());
    app.allow_for(ctx, "wishes.read", hospital, who)?;
    let page = Page::of(request.page_size, &request.page_token, &[&request.parent, &request.filter])?;
    let filter = parse::filter(&request.filter, &["date", "state", "kind", "rank"], hospital)?;
    let mut rows = app.list_wishes(ctx, hospital, who, &page, &filter).await?;
    let next_page_token = page.next(&mut rows, wishes::sort_key);
    let wishes = rows.iter().map(|own| message(hospital, own)).collect();
    Ok(pb::ListWishesResponse { wishes, next_page_token })
}

pub async fn create(app: &App, ctx: &Ctx, request: pb::CreateWishRequest) -> Result<pb::Wish, Problem> {
    let method = "planning.v1.PlanningService/CreateWish";
    let once = Once::of(ctx, method, &request.request_id, &request)?;
    let parent = name("parent", StaffMemberName::parse(&request.parent))?;
    app.allow_for(ctx, "wishes.write", &parent.hospital, &parent.staff_member)?;
    let own = request.wish.unwrap_or_default();
    let mut fields = Fields::default();
    let wish = wish(&mut fields, &own, &parent.staff_member);
    let wish = app.create_wish(ctx, &parent.hospital, fields.finish(wish)?, &once).await?;
    Ok(message(&parent.hospital, &wish))
}

pub async fn delete(app: &App, ctx: &Ctx, request: pb::DeleteWishRequest) -> Result<(), Problem> {
    let own = name("name", WishName::parse(&request.name))?;
    app.delete_wish(ctx, &own.hospital, &own.staff_member, &own.wish, &request.etag).await
}

pub async fn approve(app: &App, ctx: &Ctx, request: pb::ApproveWishRequest) -> Result<pb::Wish, Problem> {
    let method = "planning.v1.PlanningService/ApproveWish";
    let once = Once::of(ctx, method, &request.request_id, &request)?;
    decide(app, ctx, &request.name, (State::Approved, ""), &request.etag, &once).await
}

pub async fn reject(app: &App, ctx: &Ctx, request: pb::RejectWishRequest) -> Result<pb::Wish, Problem> {
    let method = "planning.v1.PlanningService/RejectWish";
    let once = Once::of(ctx, method, &request.request_id, &request)?;
    decide(app, ctx, &request.name, (State::Rejected, &request.comment), &request.etag, &once).await
}

async fn decide(
    app: &App,
    ctx: &Ctx,
    text: &str,
    (state, comment): (State, &str),
    etag: &str,
    once: &Once,
) -> Result<pb::Wish, Problem> {
    let own = name("name", WishName::parse(text))?;
    app.allow(ctx, "wishes.decide", &own.hospital)?;
    let mut fields = Fields::default();
    let comment = fields.text("comment", comment, false, TEXT_LENGTH_MAX);
    let decision = Decision {
        hospital: &own.hospital,
        staff_member: &own.staff_member,
        id: &own.wish,
        state,
        comment,
        etag,
    };
    let wish = app.decide_wish(ctx, fields.finish(Some(decision))?, once).await?;
    Ok(message(&own.hospital, &wish))
}

/// A wish to submit.
fn wish(fields: &mut Fields, own: &pb::Wish, staff_member: &str) -> Option<Wish> {
    let kind = match own.kind() {
        pb::wish::Kind::Unspecified => None,
        pb::wish::Kind::Off => Some(Kind::Off),
        pb::wish::Kind::Work => Some(Kind::Work),
        pb::wish::Kind::Consultation => Some(Kind::Consultation),
        pb::wish::Kind::Garde => Some(Kind::Garde),
        pb::wish::Kind::NoGarde => Some(Kind::NoGarde),
        pb::wish::Kind::Astreinte => Some(Kind::Astreinte),
        pb::wish::Kind::NoAstreinte => Some(Kind::NoAstreinte),
    };
    fields.need("wish.kind", kind.is_some(), "expected a kind of wish");
    let day: Option<Day> = fields.ok("wish.date", values::day(own.date));
    let part = parse::part(own.day_part);
    if let Some(kind) = kind {
        let has_none = !kind.is_duty() || part.is_none();
        fields.need("wish.day_part", has_none, "expected none: the duty begins on the day");
        let has_one = kind != Kind::Consultation || part.is_some();
        fields.need("wish.day_part", has_one, "expected MORNING or AFTERNOON");
    }
    let comment = fields.text("wish.comment", &own.comment, false, TEXT_LENGTH_MAX);
    let rank = match own.rank() {
        pb::wish::Rank::Primary => Rank::Primary,
        pb::wish::Rank::Secondary | pb::wish::Rank::Unspecified => Rank::Secondary,
    };
    Some(Wish {
        id: new_id(),
        staff_member: staff_member.to_owned(),
        kind: kind?,
        day: day?,
        part,
        rank,
        state: State::Submitted,
        comment,
        decision_comment: String::new(),
        decider: String::new(),
        decide_time: 0,
        create_time: 0,
        version: 1,
    })
}

fn message(hospital: &str, own: &Wish) -> pb::Wish {
    let decider = (!own.decider.is_empty()).then(|| StaffMemberName::new(hospital, &own.decider).to_string());
    pb::Wish {
        name: WishName::new(hospital, &own.staff_member, &own.id).to_string(),
        kind: match own.kind {
            Kind::Off => pb::wish::Kind::Off,
            Kind::Work => pb::wish::Kind::Work,
            Kind::Consultation => pb::wish::Kind::Consultation,
            Kind::Garde => pb::wish::Kind::Garde,
            Kind::NoGarde => pb::wish::Kind::NoGarde,
            Kind::Astreinte => pb::wish::Kind::Astreinte,
            Kind::NoAstreinte => pb::wish::Kind::NoAstreinte,
        }
        .into(),
        date: Some(own.day.into()),
        day_part: convert::part(own.part).into(),
        rank: match own.rank {
            Rank::Primary => pb::wish::Rank::Primary,
            Rank::Secondary => pb::wish::Rank::Secondary,
        }
        .into(),
        comment: own.comment.clone(),
        state: match own.state {
            State::Submitted => pb::wish::State::Submitted,
            State::Approved => pb::wish::State::Approved,
            State::Rejected => pb::wish::State::Rejected,
        }
        .into(),
        decision_comment: own.decision_comment.clone(),
        decider: decider.unwrap_or_default(),
        decide_time: (own.decide_time > 0).then(|| time::micros_to_proto(own.decide_time)),
        color: match own.state {
            State::Approved => equity::color(Color::Blue),
            State::Submitted | State::Rejected => pb::mark::Color::Unspecified,
        }
        .into(),
        create_time: Some(time::micros_to_proto(own.create_time)),
        etag: etag::of(own.version),
    }
}
