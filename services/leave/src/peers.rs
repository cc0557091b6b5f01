//! What leave asks of staff, in its own words.
//!
//! When staff is down: decisions about leave that exists still work but for approval, which needs the size of the
//! profession; new leave answers `UNAVAILABLE`. Nothing is guessed.

use std::time::Duration;

use calendar::{Day, WeekParity, Weekday};
use chassis::{BoxError, Ctx, KeySource, Peer, Problem, PublicKey};
use moka::sync::Cache;
use proto::{
    names::{HospitalName, StaffMemberName},
    staff::v1::{
        self as pb, alternating_months::Months, session_service_client::SessionServiceClient, staff_member,
        staff_service_client::StaffServiceClient, work_pattern,
    },
    values::{self, ValueError},
};
use tokio::time::Instant;

use crate::domain::contract::{Contract, Contracts, Pattern, WEEK};

/// The largest page that a List method gives.
const PAGE_MAX: i32 = 1_000;

/// How old a number that is only shown may be, and how many are kept: a few professions of each hospital.
const SHOWN_FOR: Duration = Duration::from_secs(30);
const SHOWN_MAX: u64 = 1_000;

/// Staff as leave sees it.
#[derive(Clone)]
pub struct Staff {
    client: StaffServiceClient<Peer>,
    /// Active people by hospital and profession, and when they were counted.
    shown: Cache<(String, String), (i32, Instant)>,
}

/// A person as leave sees them.
#[derive(Clone, Debug)]
pub struct Person {
    /// Profession code.
    pub profession: String,
    /// Whether they work here now.
    pub is_active: bool,
    /// Their last day, once it is known.
    pub last: Option<Day>,
    /// When they work.
    pub contracts: Contracts,
}

// === impl Staff ===

impl Staff {
    pub fn new(peer: Peer) -> Self {
        let shown = Cache::builder().max_capacity(SHOWN_MAX).time_to_live(SHOWN_FOR).build();
        Self { client: StaffServiceClient::new(peer), shown }
    }

    /// A person and their contracts.
    pub async fn person(&self, ctx: &Ctx, hospital: &str, staff_member: &str) -> Result<Person, Problem> {
        let name = StaffMemberName::new(hospital, staff_member).to_string();
        let mut client = self.client.clone();
        let (member, contracts) = tokio::join!(
            client.get_staff_member(ctx.call(pb::GetStaffMemberRequest { name })),
            self.contracts(ctx, hospital, staff_member),
        );
        // Of somebody who is not there this is what is told.
        let member = member?.into_inner();
        Ok(Person {
            is_active: member.state() == staff_member::State::Active,
            last: values::day_or_none(member.last_date).map_err(Problem::internal)?,
            profession: member.profession,
            contracts: contracts?,
        })
    }

    /// A person's contracts.
    pub async fn contracts(
        &self,
        ctx: &Ctx,
        hospital: &str,
        staff_member: &str,
    ) -> Result<Contracts, Problem> {
        let parent = StaffMemberName::new(hospital, staff_member).to_string();
        let request = pb::ListContractsRequest { parent, page_size: PAGE_MAX, ..Default::default() };
        let contracts = self.client.clone().list_contracts(ctx.call(request)).await?.into_inner().contracts;
        let contracts: Result<Vec<Contract>, ValueError> = contracts.into_iter().map(contract).collect();
        Ok(Contracts(contracts.map_err(Problem::internal)?))
    }

    /// A page of the people who work here, and the token of the next; both are staff's.
    pub async fn people(
        &self,
        ctx: &Ctx,
        hospital: &str,
        (page_size, page_token): (i32, &str),
    ) -> Result<(Vec<String>, String), Problem> {
        let request = pb::ListStaffMembersRequest {
            parent: HospitalName::new(hospital).to_string(),
            page_size,
            page_token: page_token.to_owned(),
            filter: "state = ACTIVE".to_owned(),
        };
        let page = self.client.clone().list_staff_members(ctx.call(request)).await?.into_inner();
        let ids =
            page.staff_members.iter().map(|member| Ok(StaffMemberName::parse(&member.name)?.staff_member));
        let ids: Result<Vec<String>, proto::names::NameError> = ids.collect();
        Ok((ids.map_err(Problem::internal)?, page.next_page_token))
    }

    /// How many active people a profession has; where the number is only shown it may be some seconds old, and the
    /// answer says so.
    pub async fn head_count(&self, ctx: &Ctx, hospital: &str, profession: &str) -> Result<i32, Problem> {
        let key = (hospital.to_owned(), profession.to_owned());
        if let Some((count, asked)) = self.shown.get(&key).filter(|_| ctx.is_shown) {
            chassis::stack::answered_from(asked.elapsed());
            return Ok(count);
        }
        let asked = Instant::now();
        let count = self.count(ctx, hospital, profession).await?;
        self.shown.insert(key, (count, asked));
        Ok(count)
    }

    async fn count(&self, ctx: &Ctx, hospital: &str, profession: &str) -> Result<i32, Problem> {
        let mut client = self.client.clone();
        let mut request = pb::ListStaffMembersRequest {
            parent: HospitalName::new(hospital).to_string(),
            page_size: PAGE_MAX,
            filter: format!("profession = \"{profession}\" AND state = ACTIVE"),
            ..Default::default()
        };
        let mut count = 0;
        loop {
            let page = client.list_staff_members(ctx.call(request.clone())).await?.into_inner();
            count += i32::try_from(page.staff_members.len()).unwrap_or(i32::MAX);
            if page.next_page_token.is_empty() {
                return Ok(count);
            }
            request.page_token = page.next_page_token;
        }
    }
}

/// The keys of access tokens, asked from staff as they rotate.
pub fn signing_keys(staff: Peer) -> KeySource {
    KeySource::fetched(move || {
        let mut client = SessionServiceClient::new(staff.clone());
        async move {
            let keys = client.list_signing_keys(pb::ListSigningKeysRequest::default()).await?.into_inner();
            let key = |key: pb::SigningKey| PublicKey {
                id: key.name.trim_start_matches("signingKeys/").to_owned(),
                ed25519: key.public_key.to_vec(),
            };
            Ok::<_, BoxError>(keys.signing_keys.into_iter().map(key).collect())
        }
    })
}

fn contract(contract: pb::Contract) -> Result<Contract, ValueError> {
    Ok(Contract {
        first: values::day(contract.first_date)?,
        last: values::day_or_none(contract.last_date)?,
        percentage: contract.percentage,
        pattern: pattern(contract.work_pattern.and_then(|pattern| pattern.pattern))?,
    })
}

fn pattern(pattern: Option<work_pattern::Pattern>) -> Result<Pattern, ValueError> {
    use work_pattern::Pattern as Sent;
    let weekly = |weekdays: Vec<Weekday>| Pattern::Weekly { weekdays, dates: vec![] };
    Ok(match pattern {
        None | Some(Sent::FullTime(_)) => weekly(WEEK.to_vec()),
        Some(Sent::FullTimeFixedOffDay(fixed)) => {
            let off = values::weekday(fixed.off_weekday)?;
            weekly(WEEK.into_iter().filter(|weekday| *weekday != off).collect())
        }
        Some(Sent::AlternatingWeeks(weeks)) => Pattern::AlternatingWeeks {
            even: weekdays(&weeks.even_weekdays)?,
            odd: weekdays(&weeks.odd_weekdays)?,
            parity: match values::day_or_none(weeks.anchor_date)? {
                None => WeekParity::Iso,
                Some(even) => WeekParity::Alternating { even },
            },
        },
        Some(Sent::AlternatingMonths(months)) => Pattern::AlternatingMonths {
            in_even: matches!(months.months(), Months::Even | Months::All),
            in_odd: matches!(months.months(), Months::Odd | Months::All),
            weekdays: if months.weekdays.is_empty() { WEEK.to_vec() } else { weekdays(&months.weekdays)? },
        },
        Some(Sent::SpecificDays(days)) => Pattern::Weekly {
            weekdays: weekdays(&days.weekdays)?,
            dates: days.dates.iter().map(|date| Day::try_from(*date)).collect::<Result<_, _>>()?,
        },
    })
}

fn weekdays(numbers: &[i32]) -> Result<Vec<Weekday>, ValueError> {
    numbers.iter().map(|number| values::weekday(*number)).collect()
}
