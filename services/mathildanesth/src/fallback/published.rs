//! What is published for some months, read through the public API.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{DayPart, Month};
use chassis::BoxError;
use planning::calendar_file::{Duty, Entry, Kind, Post};
use proto::{
    names::{AssignmentName, RevisionName, RoomName, ShiftName, SiteName, StaffMemberName},
    planning::v1::{Assignment, ListAssignmentsRequest, ListPlansRequest, Plan},
    staff::v1::{ListRoomsRequest, ListSitesRequest, ListStaffMembersRequest},
    r#type::v1::DayPart as Part,
    values,
};

use crate::demo::{story::pages, visitor::Visitor};

const PAGE: i32 = 1000;

/// A hospital's published duties, with the labels that people know.
pub struct Published {
    /// Labels of the sites, by id.
    pub sites: BTreeMap<String, String>,
    /// Labels of the people, by id.
    pub people: BTreeMap<String, String>,
    /// The duties in the order of the plan, each with its holder's label.
    pub entries: Vec<Entry>,
}

/// What the entries are made with: labels of people by id, numbers of rooms by name, publications by plan.
struct Known<'a> {
    people: &'a BTreeMap<String, String>,
    rooms: BTreeMap<String, String>,
    publications: BTreeMap<String, Publication>,
}

/// When a plan was published, in microseconds, and as which revision.
type Publication = (i64, i32);

// === impl Published ===

impl Published {
    /// Reads it all, as the visitor may see it.
    ///
    /// # Errors
    /// What the mesh answers.
    pub async fn read(visitor: &Visitor, hospital: &str, months: [Month; 2]) -> Result<Self, BoxError> {
        let sites = pages!(
            visitor,
            |page_token| visitor.sites().list_sites(ListSitesRequest {
                parent: hospital.to_owned(),
                page_size: PAGE,
                page_token,
            }),
            sites
        );
        let rooms = pages!(
            visitor,
            |page_token| visitor.sites().list_rooms(ListRoomsRequest {
                parent: format!("{hospital}/sites/-/sectors/-"),
                page_size: PAGE,
                page_token,
            }),
            rooms
        );
        let people = pages!(
            visitor,
            |page_token| visitor.staff().list_staff_members(ListStaffMembersRequest {
                parent: hospital.to_owned(),
                page_size: PAGE,
                page_token,
                ..Default::default()
            }),
            staff_members
        );
        let plans = pages!(
            visitor,
            |page_token| visitor.planning().list_plans(ListPlansRequest {
                parent: hospital.to_owned(),
                page_size: PAGE,
                page_token,
                ..Default::default()
            }),
            plans
        );
        let days = format!("date >= {} AND date <= {}", months[0].first(), months[1].last());
        // `-` as plan: the published duties of all plans, whatever is being edited.
        let assignments = pages!(
            visitor,
            |page_token| visitor.planning().list_assignments(ListAssignmentsRequest {
                parent: format!("{hospital}/plans/-"),
                page_size: PAGE,
                page_token,
                filter: days.clone(),
            }),
            assignments
        );
        let site = |name: String, label: String| Ok::<_, BoxError>((SiteName::parse(&name)?.site, label));
        let sites = sites.into_iter().map(|own| site(own.name, own.display_name));
        let person = |name: String, label: String| {
            Ok::<_, BoxError>((StaffMemberName::parse(&name)?.staff_member, label))
        };
        let people = people.into_iter().map(|own| person(own.name, own.display_name));
        let people: BTreeMap<_, _> = people.collect::<Result<_, _>>()?;
        let known = Known {
            people: &people,
            rooms: rooms.into_iter().map(|room| (room.name, room.number)).collect(),
            publications: plans.iter().filter_map(publication).collect(),
        };
        let entries: Vec<Entry> =
            assignments.iter().map(|assignment| known.entry(assignment)).collect::<Result<_, _>>()?;
        Ok(Self { sites: sites.collect::<Result<_, _>>()?, people, entries })
    }

    /// The duties at a site.
    pub fn at_site(&self, site: &str) -> Vec<Entry> {
        self.entries.iter().filter(|entry| entry.duty.site == site).cloned().collect()
    }

    /// One's own duties; the calendar need not say whose.
    pub fn of_person(&self, person: &str) -> Vec<Entry> {
        let own = self.entries.iter().filter(|entry| entry.duty.staff_member == person);
        own.map(|entry| Entry { holder: String::new(), ..entry.clone() }).collect()
    }

    /// Who has a duty: id and label, by label.
    pub fn people_on_duty(&self) -> Vec<(&str, &str)> {
        let ids: BTreeSet<&str> = self.entries.iter().map(|entry| entry.duty.staff_member.as_str()).collect();
        let mut people: Vec<(&str, &str)> =
            ids.into_iter().map(|id| (id, self.people.get(id).map_or(id, String::as_str))).collect();
        people.sort_by_key(|(_, label)| *label);
        people
    }
}

// === impl Known ===

impl Known<'_> {
    fn entry(&self, assignment: &Assignment) -> Result<Entry, BoxError> {
        let staff_member = StaffMemberName::parse(&assignment.staff_member)?.staff_member;
        let kind = assignment.kind().as_str_name().strip_prefix("KIND_").and_then(Kind::from_code);
        let post = assignment.post().as_str_name().strip_prefix("POST_").and_then(Post::from_code);
        let (sector, room) = match assignment.room.as_str() {
            "" => (String::new(), String::new()),
            name => RoomName::parse(name).map(|room| (room.sector, room.room))?,
        };
        let plan = AssignmentName::parse(&assignment.name)?.plan;
        let (published, revision) = self.publications.get(&plan).copied().unwrap_or_default();
        // Somebody whom the visitor may not see is still on duty.
        let holder = self.people.get(&staff_member).unwrap_or(&staff_member).clone();
        let duty = Duty {
            day: values::day(assignment.date)?,
            part: match assignment.day_part() {
                Part::Unspecified => None,
                Part::Morning => Some(DayPart::Morning),
                Part::Afternoon => Some(DayPart::Afternoon),
            },
            kind: kind.ok_or("a kind of shift that this program does not know")?,
            post: post.ok_or("a post that this program does not know")?,
            shift: ShiftName::parse(&assignment.shift)?.shift,
            site: SiteName::parse(&assignment.site)?.site,
            staff_member,
            sector,
            room,
        };
        let room_number = self.rooms.get(&assignment.room).cloned().unwrap_or_default();
        Ok(Entry { duty, holder, room_number, published, revision })
    }
}

/// A plan's id with its publication; none while it is a draft.
fn publication(plan: &Plan) -> Option<(String, Publication)> {
    let name = RevisionName::parse(&plan.published_revision).ok()?;
    let time = plan.publish_time.as_ref().map_or(0, values::micros);
    Some((name.plan, (time, name.revision.parse().ok()?)))
}
