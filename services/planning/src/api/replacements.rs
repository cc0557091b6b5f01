//! The replacement service: each method parses, calls, renders.

use calendar::DayPart;
use chassis::{Ctx, Problem};
use durable::{Once, etag, page::Page, time};
use proto::{
    names::{
        CounterName, HospitalName, ReplacementName, RevisionName, ShiftName, SiteName, StaffMemberName,
        UnplannedAbsenceName,
    },
    planning::v1::{
        self as pb, replacement::offer, replacement_service_server::ReplacementService,
        replacement_suggestion as suggestion_pb, suggest_replacements_response as suggestions_pb,
    },
    r#type::v1 as types,
    values,
};
use tonic::{Request, Response, Status};

use super::{
    convert, parse,
    parse::{Fields, name},
    swaps::{staff_member, violation, wrong},
};
use crate::{
    app::{
        App,
        amend::Handover,
        edits::Broken,
        fill_replacement::{By, Move, Taking},
        offer_replacement::Tokens,
        replacements::{NewReplacement, Seen},
        suggest_replacements::Suggestion,
        unplanned_absences::Declared,
    },
    domain::replacement::{Answer, Offer, Replacement, State},
    exchange_events::{item, person},
};

/// The service.
#[derive(Clone, Debug)]
pub struct Replacements(pub App);

type Reply<T> = Result<Response<T>, Status>;

/// The longest absence that is declared at once.
const DAYS_MAX: usize = 93;
/// The most people who are named at once.
const PEOPLE_MAX: usize = 1_000;
const SUGGESTIONS_DEFAULT: i32 = 10;
const SUGGESTIONS_MAX: i32 = 50;
const MOVES_MAX: usize = 4;

/// The id of a method for idempotency records.
macro_rules! method {
    ($name:literal) => {
        concat!("planning.v1.ReplacementService/", $name)
    };
}

fn open<M>(request: Request<M>) -> Result<(Ctx, M), Problem> {
    let ctx = Ctx::of(&request)?;
    Ok((ctx, request.into_inner()))
}

#[tonic::async_trait]
impl ReplacementService for Replacements {
    async fn declare_unplanned_absence(
        &self,
        request: Request<pb::DeclareUnplannedAbsenceRequest>,
    ) -> Reply<pb::UnplannedAbsence> {
        let (ctx, request) = open(request)?;
        let once = Once::of(&ctx, method!("DeclareUnplannedAbsence"), &request.request_id, &request)?;
        let parent = name("parent", StaffMemberName::parse(&request.parent))?;
        let (hospital, who) = (parent.hospital.as_str(), parent.staff_member.as_str());
        self.0.allow_for(&ctx, "unplanned_absences.declare", hospital, who)?;
        let own = request.unplanned_absence.unwrap_or_default();
        let span = values::span(own.first_date, own.first_part, own.last_date, own.last_part)
            .map_err(|error| wrong("unplanned_absence.last_date", &error.to_string()))?;
        if span.range().len() > DAYS_MAX {
            return Err(
                wrong("unplanned_absence.last_date", "expected at most 92 days after the first").into()
            );
        }
        let declared = self.0.declare_unplanned_absence(&ctx, hospital, who, span, &once).await?;
        Ok(Response::new(absence(&declared)))
    }

    async fn withdraw_unplanned_absence(
        &self,
        request: Request<pb::WithdrawUnplannedAbsenceRequest>,
    ) -> Reply<pb::UnplannedAbsence> {
        let (ctx, request) = open(request)?;
        let once = Once::of(&ctx, method!("WithdrawUnplannedAbsence"), &request.request_id, &request)?;
        let own = name("name", UnplannedAbsenceName::parse(&request.name))?;
        let (hospital, who, id) = (&own.hospital, &own.staff_member, &own.unplanned_absence);
        let declared = self.0.withdraw_unplanned_absence(&ctx, hospital, who, id, &once).await?;
        Ok(Response::new(absence(&declared)))
    }

    async fn get_unplanned_absence(
        &self,
        request: Request<pb::GetUnplannedAbsenceRequest>,
    ) -> Reply<pb::UnplannedAbsence> {
        let (ctx, request) = open(request)?;
        let own = name("name", UnplannedAbsenceName::parse(&request.name))?;
        let (hospital, who, id) = (&own.hospital, &own.staff_member, &own.unplanned_absence);
        Ok(Response::new(absence(&self.0.get_unplanned_absence(&ctx, hospital, who, id).await?)))
    }

    async fn list_unplanned_absences(
        &self,
        request: Request<pb::ListUnplannedAbsencesRequest>,
    ) -> Reply<pb::ListUnplannedAbsencesResponse> {
        let (ctx, request) = open(request)?;
        let parent = name("parent", StaffMemberName::parse_wild(&request.parent))?;
        let (hospital, who) = (parent.hospital.as_str(), parent.staff_member.as_str());
        self.0.allow_for(&ctx, "unplanned_absences.read", hospital, who)?;
        let page = Page::of(request.page_size, &request.page_token, &[&request.parent])?;
        let mut rows = self.0.list_unplanned_absences(&ctx, hospital, who, &page).await?;
        let next_page_token = page.next(&mut rows, |row| row.id.clone());
        let mut unplanned_absences = Vec::with_capacity(rows.len());
        for row in rows {
            let opened = self.0.replacements_for(&ctx, &row).await?;
            unplanned_absences.push(absence(&(row, opened)));
        }
        Ok(Response::new(pb::ListUnplannedAbsencesResponse { unplanned_absences, next_page_token }))
    }

    async fn create_replacement(
        &self,
        request: Request<pb::CreateReplacementRequest>,
    ) -> Reply<pb::Replacement> {
        let (ctx, request) = open(request)?;
        let once = Once::of(&ctx, method!("CreateReplacement"), &request.request_id, &request)?;
        let parent = name("parent", HospitalName::parse(&request.parent))?;
        self.0.allow(&ctx, "replacements.manage", &parent.hospital)?;
        let own = request.replacement.unwrap_or_default();
        let shift = name("replacement.shift", ShiftName::parse(&own.shift))?;
        if shift.hospital != parent.hospital {
            return Err(wrong("replacement.shift", "expected a name of the same hospital").into());
        }
        let new = NewReplacement {
            hospital: &parent.hospital,
            plan: &shift.plan,
            shift: &shift.shift,
            post: parse::post(own.post()),
            deadline_time: own.deadline_time.as_ref().map(values::micros),
        };
        Ok(Response::new(replacement(&self.0.create_replacement(&ctx, new, &once).await?, &Tokens::new())))
    }

    async fn get_replacement(&self, request: Request<pb::GetReplacementRequest>) -> Reply<pb::Replacement> {
        let (ctx, request) = open(request)?;
        let own = name("name", ReplacementName::parse(&request.name))?;
        let seen = self.0.get_replacement(&ctx, &own.hospital, &own.replacement).await?;
        Ok(Response::new(replacement(&seen, &Tokens::new())))
    }

    async fn list_replacements(
        &self,
        request: Request<pb::ListReplacementsRequest>,
    ) -> Reply<pb::ListReplacementsResponse> {
        let (ctx, request) = open(request)?;
        let parent = name("parent", HospitalName::parse(&request.parent))?;
        self.0.allow(&ctx, "replacements.read", &parent.hospital)?;
        let page = Page::of(request.page_size, &request.page_token, &[&request.parent, &request.filter])?;
        let filter = parse::filter(&request.filter, &["state", "date", "kind"], &parent.hospital)?;
        let mut rows = self.0.list_replacements(&ctx, &parent.hospital, &page, &filter).await?;
        let next_page_token = page.next(&mut rows, |(own, _)| own.id.clone());
        let replacements = rows.iter().map(|row| replacement(row, &Tokens::new())).collect();
        Ok(Response::new(pb::ListReplacementsResponse { replacements, next_page_token }))
    }

    async fn suggest_replacements(
        &self,
        request: Request<pb::SuggestReplacementsRequest>,
    ) -> Reply<pb::SuggestReplacementsResponse> {
        let (ctx, request) = open(request)?;
        let own = name("name", ReplacementName::parse(&request.name))?;
        self.0.allow(&ctx, "replacements.manage", &own.hospital)?;
        let count = match request.suggestions_max {
            0 => SUGGESTIONS_DEFAULT,
            count if (1..=SUGGESTIONS_MAX).contains(&count) => count,
            _ => return Err(wrong("suggestions_max", "expected 1 to 50").into()),
        };
        let count = usize::try_from(count).unwrap_or_default();
        let found = self.0.suggest_replacements(&ctx, &own.hospital, &own.replacement, count).await?;
        let obstacles = found.obstacles.iter().map(|(rule, people)| suggestions_pb::Obstacle {
            rule: (*rule).to_owned(),
            people_count: *people,
        });
        let suggestions = found.suggestions.iter().map(|row| suggestion(&own.hospital, &found.plan, row));
        Ok(Response::new(pb::SuggestReplacementsResponse {
            suggestions: suggestions.collect(),
            obstacles: obstacles.collect(),
        }))
    }

    async fn offer_replacement(
        &self,
        request: Request<pb::OfferReplacementRequest>,
    ) -> Reply<pb::Replacement> {
        let (ctx, request) = open(request)?;
        let once = Once::of(&ctx, method!("OfferReplacement"), &request.request_id, &request)?;
        let own = name("name", ReplacementName::parse(&request.name))?;
        self.0.allow(&ctx, "replacements.manage", &own.hospital)?;
        let mut fields = Fields::default();
        fields.need("staff_members", request.staff_members.len() <= PEOPLE_MAX, "expected at most 1000");
        let people: Vec<String> = (request.staff_members.iter().take(PEOPLE_MAX).enumerate())
            .map(|(at, text)| {
                let field = format!("staff_members[{at}]");
                fields.need(&field, !text.is_empty(), "expected a person");
                staff_member(&mut fields, &field, text, &own.hospital)
            })
            .collect();
        let people = fields.finish(Some(people))?;
        let asked = (people.as_slice(), request.etag.as_str());
        let (seen, tokens) =
            self.0.offer_replacement(&ctx, &own.hospital, &own.replacement, asked, &once).await?;
        Ok(Response::new(replacement(&seen, &tokens)))
    }

    async fn accept_replacement(
        &self,
        request: Request<pb::AcceptReplacementRequest>,
    ) -> Reply<pb::Replacement> {
        let (ctx, request) = open(request)?;
        let once = Once::of(&ctx, method!("AcceptReplacement"), &request.request_id, &request)?;
        let own = name("name", ReplacementName::parse(&request.name))?;
        let seen = self.0.accept_replacement(&ctx, &own.hospital, &own.replacement, &once).await?;
        Ok(Response::new(replacement(&seen, &Tokens::new())))
    }

    async fn decline_replacement(
        &self,
        request: Request<pb::DeclineReplacementRequest>,
    ) -> Reply<pb::Replacement> {
        let (ctx, request) = open(request)?;
        let once = Once::of(&ctx, method!("DeclineReplacement"), &request.request_id, &request)?;
        let own = name("name", ReplacementName::parse(&request.name))?;
        let seen = self.0.decline_replacement(&ctx, &own.hospital, &own.replacement, &once).await?;
        Ok(Response::new(replacement(&seen, &Tokens::new())))
    }

    async fn redeem_replacement_token(
        &self,
        request: Request<pb::RedeemReplacementTokenRequest>,
    ) -> Reply<pb::RedeemReplacementTokenResponse> {
        let (ctx, request) = open(request)?;
        let once = Once::of(&ctx, method!("RedeemReplacementToken"), &request.request_id, &request)?;
        if request.token.is_empty() {
            return Err(wrong("token", "expected the secret of an offer").into());
        }
        let own = self.0.redeem_replacement_token(&ctx, &request.token, &once).await?;
        Ok(Response::new(pb::RedeemReplacementTokenResponse {
            replacement: ReplacementName::new(&own.hospital, &own.id).to_string(),
            kind: convert::kind(own.item.kind).into(),
            date: Some(own.item.day.into()),
            day_part: convert::part(own.item.part).into(),
            site: SiteName::new(&own.hospital, &own.item.site).to_string(),
        }))
    }

    async fn fill_replacement(&self, request: Request<pb::FillReplacementRequest>) -> Reply<pb::Replacement> {
        let (ctx, request) = open(request)?;
        let once = Once::of(&ctx, method!("FillReplacement"), &request.request_id, &request)?;
        let own = name("name", ReplacementName::parse(&request.name))?;
        self.0.allow(&ctx, "replacements.manage", &own.hospital)?;
        let mut fields = Fields::default();
        fields.need("staff_member", !request.staff_member.is_empty(), "expected a person");
        let taker = staff_member(&mut fields, "staff_member", &request.staff_member, &own.hospital);
        fields.need("moves", request.moves.len() <= MOVES_MAX, "expected at most 4");
        let moves: Vec<Move> = (request.moves.iter().take(MOVES_MAX).enumerate())
            .filter_map(|(at, sent)| one_move(&mut fields, &format!("moves[{at}]"), sent, &own.hospital))
            .collect();
        let (taker, moves) = fields.finish(Some((taker, moves)))?;
        let by = By::Planner { etag: &request.etag };
        let taking = Taking { staff_member: &taker, moves: &moves, by };
        let seen = self.0.fill_replacement(&ctx, &own.hospital, &own.replacement, taking, &once).await?;
        Ok(Response::new(replacement(&seen, &Tokens::new())))
    }

    async fn cancel_replacement(
        &self,
        request: Request<pb::CancelReplacementRequest>,
    ) -> Reply<pb::Replacement> {
        let (ctx, request) = open(request)?;
        let once = Once::of(&ctx, method!("CancelReplacement"), &request.request_id, &request)?;
        let own = name("name", ReplacementName::parse(&request.name))?;
        let seen =
            self.0.cancel_replacement(&ctx, &own.hospital, &own.replacement, &request.etag, &once).await?;
        Ok(Response::new(replacement(&seen, &Tokens::new())))
    }
}

fn one_move(fields: &mut Fields, at: &str, sent: &suggestion_pb::Move, hospital: &str) -> Option<Move> {
    let shift = fields.ok(&format!("{at}.shift"), ShiftName::parse(&sent.shift))?;
    fields.need(&format!("{at}.shift"), shift.hospital == hospital, "expected a name of the same hospital");
    let field = format!("{at}.staff_member");
    fields.need(&field, !sent.staff_member.is_empty(), "expected a person");
    let taker = staff_member(fields, &field, &sent.staff_member, hospital);
    Some(Move { shift: shift.shift, post: parse::post(sent.post()), staff_member: taker })
}

fn absence((own, opened): &Declared) -> pb::UnplannedAbsence {
    let part = |part: DayPart| i32::from(types::DayPart::from(part));
    let names = opened.iter().map(|row| ReplacementName::new(&row.hospital, &row.id).to_string());
    pb::UnplannedAbsence {
        name: UnplannedAbsenceName::new(&own.hospital, &own.staff_member, &own.id).to_string(),
        first_date: Some(own.span.first().day.into()),
        first_part: part(own.span.first().part),
        last_date: Some(own.span.last().day.into()),
        last_part: part(own.span.last().part),
        withdrawn: own.is_withdrawn,
        replacements: names.collect(),
        create_time: Some(time::micros_to_proto(own.create_time)),
    }
}

/// A replacement; secrets only right after they were made.
fn replacement((own, offers): &Seen, tokens: &Tokens) -> pb::Replacement {
    let (hospital, plan) = (own.hospital.as_str(), own.plan.as_str());
    let revision = (own.revision > 0).then(|| RevisionName::new(hospital, plan, own.revision.to_string()));
    let duty = item(hospital, plan, &own.item);
    pb::Replacement {
        name: ReplacementName::new(hospital, &own.id).to_string(),
        shift: duty.shift,
        post: duty.post,
        kind: duty.kind,
        date: duty.date,
        day_part: duty.day_part,
        site: duty.site,
        absent_staff_member: person(hospital, &own.absent),
        state: state(own).into(),
        staff_member: person(hospital, &own.staff_member),
        offers: offers.iter().map(|row| offer(hospital, row, tokens)).collect(),
        deadline_time: Some(time::micros_to_proto(own.due_time)),
        revision: revision.map_or_else(String::new, |name| name.to_string()),
        create_time: Some(time::micros_to_proto(own.create_time)),
        end_time: (own.end_time > 0).then(|| time::micros_to_proto(own.end_time)),
        etag: etag::of(own.version),
    }
}

fn state(own: &Replacement) -> pb::replacement::State {
    match own.state {
        State::Open => pb::replacement::State::Open,
        State::Offered => pb::replacement::State::Offered,
        State::Filled => pb::replacement::State::Filled,
        State::Cancelled => pb::replacement::State::Cancelled,
        State::Unfilled => pb::replacement::State::Unfilled,
    }
}

fn offer(hospital: &str, own: &Offer, tokens: &Tokens) -> pb::replacement::Offer {
    pb::replacement::Offer {
        staff_member: person(hospital, &own.staff_member),
        state: match own.answer {
            Answer::Sent => offer::State::Sent,
            Answer::Accepted => offer::State::Accepted,
            Answer::Declined => offer::State::Declined,
            Answer::Closed => offer::State::Closed,
        }
        .into(),
        token: tokens.get(&own.staff_member).cloned().unwrap_or_default(),
        offer_time: Some(time::micros_to_proto(own.offer_time)),
        expire_time: Some(time::micros_to_proto(own.expire_time)),
        answer_time: (own.answer_time > 0).then(|| time::micros_to_proto(own.answer_time)),
    }
}

fn suggestion(hospital: &str, plan: &str, own: &Suggestion) -> pb::ReplacementSuggestion {
    let first = own.moves.first().map_or("", |own| own.to.as_str());
    let one = |own: &Handover| suggestion_pb::Move {
        shift: ShiftName::new(hospital, plan, &own.shift).to_string(),
        post: convert::post(own.post).into(),
        staff_member: person(hospital, &own.to),
    };
    let counters = own.counters.iter().map(|(counter, before, after)| suggestion_pb::CounterEffect {
        counter: CounterName::new(hospital, first, counter).to_string(),
        before: *before,
        after: *after,
    });
    let broken = |own: &Broken| violation(hospital, plan, &own.finding());
    pb::ReplacementSuggestion {
        staff_member: person(hospital, first),
        moves: own.moves.iter().map(one).collect(),
        score_difference: own.levels.clone(),
        violations: own.broken.iter().map(broken).collect(),
        counters: counters.collect(),
        last_offer_time: (own.last_offer_time > 0).then(|| time::micros_to_proto(own.last_offer_time)),
    }
}
