//! What notification asks of staff, in its own words.
//!
//! Who decides, only for a hospital of which staff's events have told nothing yet: a database that is younger than the
//! events the bus still has. When staff is down then, the event waits and comes again. And where to write to, each time
//! anew: no address is kept here. When staff is down then, e-mails wait.

use std::{collections::HashMap, time::Duration};

use chassis::{BoxError, Clock, Ctx, KeySource, Peer, Problem, PublicKey};
use proto::{
    names::{HospitalName, StaffMemberName},
    staff::v1::{
        self as pb, session_service_client::SessionServiceClient, staff_member,
        staff_service_client::StaffServiceClient,
    },
};
use tokio::time::Instant;
use tonic::Code;

use crate::domain::recipient::{Person, Remit};

/// The largest page that a List method gives.
const PAGE_MAX: i32 = 1_000;

/// How long a call may take: a transaction waits for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where to write to.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The person's name, as staff has it: whatever was typed.
    pub name: String,
    /// The address, as staff has it.
    pub email: String,
}

/// Staff as notification sees it.
#[derive(Clone)]
pub struct Staff {
    client: StaffServiceClient<Peer>,
    clock: Clock,
}

// === impl Staff ===

impl Staff {
    pub fn new(peer: Peer, clock: Clock) -> Self {
        Self { client: StaffServiceClient::new(peer), clock }
    }

    /// Where to write to those of these people of a hospital who work there, by id.
    pub async fn recipients(
        &self,
        hospital: &str,
        people: &[&str],
    ) -> Result<HashMap<String, Recipient>, Problem> {
        let deadline = Some(Instant::now() + PATIENCE);
        let ctx = Ctx { deadline, ..Ctx::system("notification", &self.clock) };
        let parent = HospitalName::new(hospital).to_string();
        let name = |person: &&str| StaffMemberName::new(hospital, *person).to_string();
        let names: Vec<String> = people.iter().map(name).collect();
        let mut client = self.client.clone();
        let request = pb::BatchGetStaffMembersRequest { parent, names: names.clone() };
        let members = match client.batch_get_staff_members(ctx.call(request)).await {
            Ok(found) => found.into_inner().staff_members,
            // All or none: one who is gone must not keep the others from being written to.
            Err(status) if status.code() == Code::NotFound => {
                let mut members = Vec::with_capacity(names.len());
                for name in names {
                    match client.get_staff_member(ctx.call(pb::GetStaffMemberRequest { name })).await {
                        Ok(found) => members.push(found.into_inner()),
                        Err(status) if status.code() == Code::NotFound => {}
                        Err(status) => return Err(status.into()),
                    }
                }
                members
            }
            Err(status) => return Err(status.into()),
        };
        let mut recipients = HashMap::new();
        for member in members {
            if member.state() != staff_member::State::Active {
                continue;
            }
            let id = StaffMemberName::parse(&member.name).map_err(Problem::internal)?.staff_member;
            recipients.insert(id, Recipient { name: member.display_name, email: member.email });
        }
        Ok(recipients)
    }

    /// Ids of those who work at a hospital now.
    pub async fn active_people(&self, hospital: &str) -> Result<Vec<String>, BoxError> {
        let members = self.members(hospital).await?.into_iter();
        let active = members.filter(|member| member.state() == staff_member::State::Active);
        active.map(|member| Ok(StaffMemberName::parse(&member.name)?.staff_member)).collect()
    }

    /// Everybody of a hospital.
    pub async fn people(&self, hospital: &str) -> Result<Vec<Person>, BoxError> {
        let person = |member: pb::StaffMember| {
            let is_active = member.state() == staff_member::State::Active;
            Ok(Person {
                remit: if is_active { remit(member.roles()) } else { Remit::Nobody },
                staff_member: StaffMemberName::parse(&member.name)?.staff_member,
            })
        };
        self.members(hospital).await?.into_iter().map(person).collect()
    }

    async fn members(&self, hospital: &str) -> Result<Vec<pb::StaffMember>, BoxError> {
        let deadline = Some(Instant::now() + PATIENCE);
        let ctx = Ctx { deadline, ..Ctx::system("notification", &self.clock) };
        let mut client = self.client.clone();
        let parent = HospitalName::new(hospital).to_string();
        let mut request = pb::ListStaffMembersRequest { parent, page_size: PAGE_MAX, ..Default::default() };
        let mut members = Vec::new();
        loop {
            let page = client.list_staff_members(ctx.call(request.clone())).await?.into_inner();
            members.extend(page.staff_members);
            if page.next_page_token.is_empty() {
                return Ok(members);
            }
            request.page_token = page.next_page_token;
        }
    }
}

/// Whose leave somebody with these roles decides about (domain §7.2).
pub fn remit(roles: impl Iterator<Item = pb::Role>) -> Remit {
    roles.fold(Remit::Nobody, |remit, role| match role {
        pb::Role::SuperAdministrator | pb::Role::AnesthetistAdministrator => Remit::All,
        pb::Role::NurseAdministrator if remit == Remit::Nobody => Remit::Nurses,
        _ => remit,
    })
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
