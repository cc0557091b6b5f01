//! Staff members, surgeons, incompatibilities, sessions; contracts are in their own file.

use calendar::{Day, HalfDay, Span};
use durable::mask::Mask;
use proto::{
    staff::v1 as pb,
    r#type::v1::{Date, DayPart},
    values,
};

use super::{Spoken, etag_of, merge_fields, moment};
use crate::{
    api::parse::{Violations, reference, references},
    app::sessions::SignedIn,
    domain::{
        Incompatibility, Kind, Profession, Site, Skill, Specialty, StaffMember, Surgeon, identifier,
        incompatibility::{Level, Other},
        locum::Activity,
        staff_member::{Role, SkillGrant, State},
    },
    store::{Stored, events::role_to_pb},
};

fn date(day: Option<Day>) -> Option<Date> {
    day.map(Date::from)
}

fn names(kind: Kind, hospital: &str, ids: &[String]) -> Vec<String> {
    ids.iter().map(|id| kind.name(hospital, id)).collect()
}

/// A role of the contract.
pub fn role_from_pb(role: i32) -> Option<Role> {
    Role::ALL.into_iter().find(|own| role_to_pb(*own) as i32 == role)
}

/// Roles of the contract.
pub(super) fn roles_from_message(found: &mut Violations, field: &str, numbers: &[i32]) -> Vec<Role> {
    let roles = numbers.iter().filter_map(|number| {
        let role = role_from_pb(*number);
        if role.is_none() {
            found.add(field, "expected a known role");
        }
        role
    });
    roles.collect()
}

/// Names of sites.
pub(super) fn site_names(hospital: &str, ids: &[String]) -> Vec<String> {
    names(Kind::Site, hospital, ids)
}

fn activity_to_pb(activity: Activity) -> pb::Activity {
    match activity {
        Activity::Garde => pb::Activity::Garde,
        Activity::Astreinte => pb::Activity::Astreinte,
        Activity::Consultation => pb::Activity::Consultation,
        Activity::Theatre => pb::Activity::Theatre,
        Activity::Supervision => pb::Activity::Supervision,
        Activity::Closing => pb::Activity::Closing,
        Activity::Volant => pb::Activity::Volant,
    }
}

fn activity_from_pb(number: i32) -> Option<Activity> {
    Some(match pb::Activity::try_from(number).ok()? {
        pb::Activity::Unspecified => return None,
        pb::Activity::Garde => Activity::Garde,
        pb::Activity::Astreinte => Activity::Astreinte,
        pb::Activity::Consultation => Activity::Consultation,
        pb::Activity::Theatre => Activity::Theatre,
        pb::Activity::Supervision => Activity::Supervision,
        pb::Activity::Closing => Activity::Closing,
        pb::Activity::Volant => Activity::Volant,
    })
}

fn availability_to_message(span: Span) -> pb::Availability {
    let part = |half: HalfDay| DayPart::from(half.part) as i32;
    pb::Availability {
        first_date: Some(span.first().day.into()),
        first_part: part(span.first()),
        last_date: Some(span.last().day.into()),
        last_part: part(span.last()),
    }
}

fn skill_grant(found: &mut Violations, hospital: &str, grant: pb::SkillGrant) -> Option<SkillGrant> {
    Some(SkillGrant {
        skill: reference::<Skill>(found, "staff_member.skills", hospital, &grant.skill)?,
        first_date: found.keep("staff_member.skills.first_date", values::day_or_none(grant.first_date))?,
        last_date: found.keep("staff_member.skills.last_date", values::day_or_none(grant.last_date))?,
    })
}

impl Spoken for StaffMember {
    type Message = pb::StaffMember;
    const FIELD: &'static str = "staff_member";
    const PATHS: &'static [&'static str] = &[
        "given_name",
        "family_name",
        "display_name",
        "email",
        "phone_number",
        "profession",
        "roles",
        "sites",
        "skills",
        "first_date",
        "last_date",
        "is_locum",
        "rpps",
        "adeli",
        "availabilities",
        "excluded_activities",
        "excluded_specialties",
        "own_profession",
    ];

    fn to_message(stored: &Stored<Self>) -> pb::StaffMember {
        let person = stored.value.clone();
        let state = match person.state {
            State::Active => pb::staff_member::State::Active,
            State::Inactive => pb::staff_member::State::Inactive,
        };
        let grant = |grant: &SkillGrant| pb::SkillGrant {
            skill: Kind::Skill.name(&stored.hospital, &grant.skill),
            first_date: date(grant.first_date),
            last_date: date(grant.last_date),
        };
        pb::StaffMember {
            name: stored.name(),
            roles: person.roles.iter().map(|role| role_to_pb(*role) as i32).collect(),
            sites: names(Kind::Site, &stored.hospital, &person.sites),
            skills: person.skills.iter().map(grant).collect(),
            given_name: person.given_name,
            family_name: person.family_name,
            display_name: person.display_name,
            email: person.email,
            phone_number: person.phone_number,
            profession: person.profession,
            first_date: date(person.first_date),
            last_date: date(person.last_date),
            is_locum: person.is_locum,
            state: state as i32,
            contract: String::new(),
            etag: etag_of(stored),
            create_time: moment(stored.create_time),
            update_time: moment(stored.update_time),
            rpps: person.rpps,
            adeli: person.adeli,
            erase_time: person.erase_time.and_then(moment),
            availabilities: person.availabilities.iter().map(|span| availability_to_message(*span)).collect(),
            excluded_activities: person
                .excluded_activities
                .iter()
                .map(|own| activity_to_pb(*own) as i32)
                .collect(),
            excluded_specialties: names(Kind::Specialty, &stored.hospital, &person.excluded_specialties),
            own_profession: Some(person.own_profession)
                .filter(|id| !id.is_empty())
                .map(|id| Kind::Profession.name(&stored.hospital, &id))
                .unwrap_or_default(),
        }
    }

    fn from_message(found: &mut Violations, hospital: &str, message: pb::StaffMember) -> Option<Self> {
        let roles = roles_from_message(found, "staff_member.roles", &message.roles);
        let sites = references::<Site>(found, "staff_member.sites", hospital, &message.sites);
        let skills = message.skills.into_iter().filter_map(|grant| skill_grant(found, hospital, grant));
        let skills = skills.collect();
        let first_date = found.keep("staff_member.first_date", values::day_or_none(message.first_date));
        let last_date = found.keep("staff_member.last_date", values::day_or_none(message.last_date));
        let availabilities = message.availabilities.iter().filter_map(|own| {
            let span = values::span(own.first_date, own.first_part, own.last_date, own.last_part);
            found.keep("staff_member.availabilities", span)
        });
        let availabilities = availabilities.collect();
        let excluded_activities = message.excluded_activities.iter().filter_map(|number| {
            let activity = activity_from_pb(*number);
            if activity.is_none() {
                found.add("staff_member.excluded_activities", "expected a known activity");
            }
            activity
        });
        let excluded_activities = excluded_activities.collect();
        let field = "staff_member.excluded_specialties";
        let excluded_specialties =
            references::<Specialty>(found, field, hospital, &message.excluded_specialties);
        let own_profession = Some(message.own_profession)
            .filter(|name| !name.is_empty())
            .and_then(|name| reference::<Profession>(found, "staff_member.own_profession", hospital, &name));
        let state = match pb::staff_member::State::try_from(message.state) {
            Ok(pb::staff_member::State::Inactive) => State::Inactive,
            _ => State::Active,
        };
        Some(Self {
            given_name: message.given_name,
            family_name: message.family_name,
            display_name: message.display_name,
            email: message.email.trim().to_owned(),
            phone_number: message.phone_number,
            profession: message.profession,
            roles,
            sites,
            skills,
            first_date: first_date.flatten(),
            last_date: last_date.flatten(),
            is_locum: message.is_locum,
            state,
            rpps: identifier::plain(&message.rpps),
            adeli: identifier::plain(&message.adeli),
            erase_time: None,
            availabilities,
            excluded_activities,
            excluded_specialties,
            own_profession: own_profession.unwrap_or_default(),
        })
    }

    fn merge(base: &mut pb::StaffMember, sent: &pb::StaffMember, mask: &Mask) {
        merge_fields!(base, sent, mask;
            given_name, family_name, display_name, email, phone_number, profession, roles, sites, skills,
            first_date, last_date, is_locum, rpps, adeli, availabilities, excluded_activities,
            excluded_specialties, own_profession);
    }
}

impl Spoken for Surgeon {
    type Message = pb::Surgeon;
    const FIELD: &'static str = "surgeon";
    const PATHS: &'static [&'static str] = &[
        "given_name",
        "family_name",
        "external_name",
        "email",
        "phone_number",
        "specialties",
        "sites",
        "state",
        "rpps",
    ];

    fn to_message(stored: &Stored<Self>) -> pb::Surgeon {
        let surgeon = stored.value.clone();
        let state = match surgeon.state {
            State::Active => pb::surgeon::State::Active,
            State::Inactive => pb::surgeon::State::Inactive,
        };
        pb::Surgeon {
            name: stored.name(),
            specialties: names(Kind::Specialty, &stored.hospital, &surgeon.specialties),
            sites: names(Kind::Site, &stored.hospital, &surgeon.sites),
            given_name: surgeon.given_name,
            family_name: surgeon.family_name,
            external_name: surgeon.external_name,
            email: surgeon.email,
            phone_number: surgeon.phone_number,
            state: state as i32,
            etag: etag_of(stored),
            create_time: moment(stored.create_time),
            update_time: moment(stored.update_time),
            rpps: surgeon.rpps,
        }
    }

    fn from_message(found: &mut Violations, hospital: &str, message: pb::Surgeon) -> Option<Self> {
        let state = match pb::surgeon::State::try_from(message.state) {
            Ok(pb::surgeon::State::Inactive) => State::Inactive,
            Ok(_) => State::Active,
            Err(_) => {
                found.add("surgeon.state", "expected ACTIVE or INACTIVE");
                State::Active
            }
        };
        let specialties =
            references::<Specialty>(found, "surgeon.specialties", hospital, &message.specialties);
        let sites = references::<Site>(found, "surgeon.sites", hospital, &message.sites);
        Some(Self {
            given_name: message.given_name,
            family_name: message.family_name,
            external_name: message.external_name,
            email: message.email,
            phone_number: message.phone_number,
            specialties,
            sites,
            state,
            rpps: identifier::plain(&message.rpps),
        })
    }

    fn merge(base: &mut pb::Surgeon, sent: &pb::Surgeon, mask: &Mask) {
        merge_fields!(base, sent, mask;
            given_name, family_name, external_name, email, phone_number, specialties, sites, state, rpps);
    }
}

impl Spoken for Incompatibility {
    type Message = pb::Incompatibility;
    const FIELD: &'static str = "incompatibility";
    const PATHS: &'static [&'static str] = &[];

    fn to_message(stored: &Stored<Self>) -> pb::Incompatibility {
        let pair = stored.value.clone();
        let level = match pair.level {
            Level::Strict => pb::incompatibility::Level::Strict,
            Level::Preferential => pb::incompatibility::Level::Preferential,
        };
        let other = match &pair.other {
            Other::StaffMember(id) => Kind::StaffMember.name(&stored.hospital, id),
            Other::Surgeon(id) => Kind::Surgeon.name(&stored.hospital, id),
        };
        pb::Incompatibility {
            name: stored.name(),
            staff_member: Kind::StaffMember.name(&stored.hospital, &pair.staff_member),
            other,
            level: level as i32,
            reason: pair.reason,
            first_date: date(pair.first_date),
            last_date: date(pair.last_date),
            etag: etag_of(stored),
            create_time: moment(stored.create_time),
        }
    }

    fn from_message(found: &mut Violations, hospital: &str, message: pb::Incompatibility) -> Option<Self> {
        let person =
            reference::<StaffMember>(found, "incompatibility.staff_member", hospital, &message.staff_member);
        let other = if message.other.contains("/surgeons/") {
            reference::<Surgeon>(found, "incompatibility.other", hospital, &message.other).map(Other::Surgeon)
        } else {
            reference::<StaffMember>(found, "incompatibility.other", hospital, &message.other)
                .map(Other::StaffMember)
        };
        let level = match pb::incompatibility::Level::try_from(message.level) {
            Ok(pb::incompatibility::Level::Strict) => Some(Level::Strict),
            Ok(pb::incompatibility::Level::Preferential) => Some(Level::Preferential),
            _ => {
                found.add("incompatibility.level", "expected STRICT or PREFERENTIAL");
                None
            }
        };
        let first_date = found.keep("incompatibility.first_date", values::day_or_none(message.first_date));
        let last_date = found.keep("incompatibility.last_date", values::day_or_none(message.last_date));
        person.zip(other).zip(level).map(|((staff_member, other), level)| Self {
            staff_member,
            other,
            level,
            reason: message.reason,
            first_date: first_date.flatten(),
            last_date: last_date.flatten(),
        })
    }

    fn merge(_base: &mut pb::Incompatibility, _sent: &pb::Incompatibility, _mask: &Mask) {}
}

/// A session without its tokens.
pub fn session(signed_in: &SignedIn) -> pb::Session {
    let (session, person) = (&signed_in.session, &signed_in.person);
    pb::Session {
        name: format!("hospitals/{}/sessions/{}", session.hospital, session.id),
        staff_member: person.name(),
        display_name: person.value.display_name.clone(),
        profession: person.value.profession.clone(),
        roles: person.value.roles.iter().map(|role| role_to_pb(*role) as i32).collect(),
        sites: names(Kind::Site, &session.hospital, &person.value.sites),
        user_agent: session.user_agent.clone(),
        create_time: moment(session.create_time),
        refresh_time: moment(session.rotate_time),
        expire_time: moment(session.expire_time),
        access_token: String::new(),
        access_expire_time: signed_in
            .tokens
            .as_ref()
            .map(|tokens| proto::values::timestamp(durable::time::micros(tokens.access_expire_time))),
        refresh_token: String::new(),
    }
}
