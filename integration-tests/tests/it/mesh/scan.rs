//! Why somebody is away, takes no duty, or is kept apart from another one, is for that person and those who decide. Words
//! are planted in each such text, the department works, and the words are looked for in every answer that any role gets
//! through the edge, in every event, log line and table of the other services, and in what the solver is given.

use std::collections::BTreeSet;

use bytes::{Buf, BufMut};
use chassis::{
    Peer,
    config::{Target, Tls},
    testing::eventually,
    tls::Certificates,
};
use integration_tests::mesh::Mesh;
use mathildanesth::demo::{
    self,
    story::{Step, Story},
    visitor::Visitor,
};
use prost::Message;
use prost_reflect::{DynamicMessage, Kind, MethodDescriptor, Value};
use proto::{
    leave::v1::{
        AdjustBalanceRequest, ApproveLeaveRequest, CreateLeaveRequest, CreateUnavailabilityRequest, Leave,
        RejectLeaveRequest, Unavailability, unavailability::Scope,
    },
    planning::v1::{LeaseTaskRequest, task_service_client::TaskServiceClient},
    staff::v1::{
        CreateIncompatibilityRequest, Incompatibility, ListStaffMembersRequest, ListSurgeonsRequest, Role,
        StaffMember, UpdateStaffMemberRequest, incompatibility::Level,
    },
    r#type::v1::Date,
};
use tonic::{
    Request, Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};

use super::{PATIENCE, administrator, play};
use crate::contract::probe;

const HOSPITAL: &str = "hospitals/tilleuls";
/// Whose reasons they are.
const OWNER: &str = "mar06@tilleuls.example";

/// What the owner and those who decide may read.
const REASONS: [&str; 4] = ["xqasked", "xqdecided", "xqduty", "xqline"];
/// What only those who decide may read, not even whom it is about.
const PAIR: &str = "xqpair";
const ALL: [&str; 5] = [REASONS[0], REASONS[1], REASONS[2], REASONS[3], PAIR];

/// Methods that only answer.
const READS: [&str; 7] = ["Get", "List", "Rank", "Analyze", "Verify", "Export", "Suggest"];
/// How deep below the hospital a resource may be.
const DEPTH: usize = 4;
/// How many resources of a kind are asked for, the planted ones first.
const NAMES_MAX: usize = 4;
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// One who reads everything that the edge lets them read.
struct Reader {
    who: &'static str,
    visitor: Visitor,
    may: &'static [&'static str],
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planted_reason_is_found_by_its_owner_and_those_who_decide_and_nowhere_else() {
    let mut mesh = tokio::task::spawn_blocking(|| Mesh::start(1, &administrator()).unwrap()).await.unwrap();
    let setting = demo::setting(&play(), &mesh.address(), Some(&mesh.authority()), PATIENCE).unwrap();
    let mut story = Story::new(setting, |_| ());
    story.play(Step::ImportDepartment).await.unwrap();
    give_roles(&story).await;
    for step in [Step::SignIn, Step::LoadHolidays] {
        story.play(step).await.unwrap();
    }
    let planted = plant(&story).await;
    for step in [Step::RequestLeave, Step::DecideLeave, Step::ApplyTemplate] {
        story.play(step).await.unwrap();
    }
    mesh.kill("solver");
    let (played, (mesh, problem)) = tokio::join!(story.play(Step::Generate), seen_by_the_solver(mesh));
    played.unwrap();
    nothing_of(&ALL, &problem, "the solver's input");
    for step in [Step::Adopt, Step::Publish, Step::Read] {
        story.play(step).await.unwrap();
    }
    nothing_of(&ALL, story.outcome.feed.as_bytes(), "a calendar feed");

    let names = crawl(story.administrator(), &planted).await;
    for reader in readers(&story) {
        let read = read_all(&reader.visitor, &names, &planted).await;
        for word in ALL {
            let by = read.iter().find(|(_, answer)| has(answer, word)).map(|(what, _)| what.as_str());
            assert_eq!(by.is_some(), reader.may.contains(&word), "{} reads {word} by {by:?}", reader.who);
        }
    }
    tokio::task::spawn_blocking(move || nothing_is_left_behind(&mesh)).await.unwrap();
}

/// Roles that nobody of the demo's department has.
async fn give_roles(story: &Story) {
    let administrator = story.administrator();
    let list = ListStaffMembersRequest { parent: HOSPITAL.to_owned(), page_size: 1000, ..Default::default() };
    let people = administrator.staff().list_staff_members(list).await.unwrap().into_inner().staff_members;
    for (email, role) in [
        ("secretariat02@tilleuls.example", Role::NurseManager),
        ("secretariat03@tilleuls.example", Role::Surgeon),
        ("iade09@tilleuls.example", Role::Locum),
    ] {
        let person = people.iter().find(|person| person.email == email).unwrap();
        let staff_member =
            StaffMember { name: person.name.clone(), roles: vec![role.into()], ..Default::default() };
        let request = UpdateStaffMemberRequest {
            staff_member: Some(staff_member),
            update_mask: Some(prost_types::FieldMask { paths: vec!["roles".to_owned()] }),
            ..Default::default()
        };
        administrator.staff().update_staff_member(request).await.unwrap();
    }
}

/// Writes every planted word somewhere; answers the names of what holds them.
async fn plant(story: &Story) -> Vec<String> {
    let (administrator, owner) = (story.administrator(), story.visitor(OWNER).unwrap());
    let person = story.outcome.people[OWNER].name.clone();
    let date = |day| Some(Date { year: 2026, month: 12, day });
    let mut planted = vec![person.clone()];
    let mut leaves = Vec::new();
    for day in [9, 23, 30] {
        let leave = Leave {
            leave_type: format!("{HOSPITAL}/leaveTypes/special"),
            first_date: date(day),
            last_date: date(day),
            comment: REASONS[0].to_owned(),
            ..Default::default()
        };
        let request = CreateLeaveRequest { parent: person.clone(), leave: Some(leave), ..Default::default() };
        leaves.push(owner.leave().create_leave(request).await.unwrap().into_inner());
    }
    // One is approved, by force where it must be; one is refused; one waits.
    let approve = ApproveLeaveRequest {
        name: leaves[0].name.clone(),
        etag: leaves[0].etag.clone(),
        comment: REASONS[1].to_owned(),
        force: true,
        ..Default::default()
    };
    administrator.leave().approve_leave(approve).await.unwrap();
    let reject = RejectLeaveRequest {
        name: leaves[1].name.clone(),
        comment: REASONS[1].to_owned(),
        ..Default::default()
    };
    administrator.leave().reject_leave(reject).await.unwrap();
    planted.extend(leaves.into_iter().map(|leave| leave.name));

    let unavailability = Unavailability {
        scope: Scope::Both.into(),
        first_date: date(20),
        last_date: date(20),
        comment: REASONS[2].to_owned(),
        ..Default::default()
    };
    let request = CreateUnavailabilityRequest {
        parent: person.clone(),
        unavailability: Some(unavailability),
        ..Default::default()
    };
    planted.push(owner.leave().create_unavailability(request).await.unwrap().into_inner().name);

    let adjust = AdjustBalanceRequest {
        name: format!("{person}/balances/cp-2026"),
        half_days: 2,
        reason: REASONS[3].to_owned(),
        ..Default::default()
    };
    planted.push(administrator.leave().adjust_balance(adjust).await.unwrap().into_inner().name);

    let list = ListSurgeonsRequest { parent: HOSPITAL.to_owned(), page_size: 1, ..Default::default() };
    let surgeon = administrator.staff().list_surgeons(list).await.unwrap().into_inner().surgeons.remove(0);
    let pair = Incompatibility {
        staff_member: person,
        other: surgeon.name,
        level: Level::Preferential.into(),
        reason: PAIR.to_owned(),
        ..Default::default()
    };
    let request = CreateIncompatibilityRequest {
        parent: HOSPITAL.to_owned(),
        incompatibility: Some(pair),
        ..Default::default()
    };
    planted.push(administrator.staff().create_incompatibility(request).await.unwrap().into_inner().name);
    planted
}

fn readers(story: &Story) -> Vec<Reader> {
    let table: [(&str, &[&str]); 9] = [
        (OWNER, &REASONS),
        ("mar01@tilleuls.example", &ALL),
        ("mar07@tilleuls.example", &[]),
        ("iade01@tilleuls.example", &[]),
        ("iade02@tilleuls.example", &[]),
        ("iade09@tilleuls.example", &[]),
        ("secretariat01@tilleuls.example", &[]),
        ("secretariat02@tilleuls.example", &[]),
        ("secretariat03@tilleuls.example", &[]),
    ];
    let people = table.into_iter().map(|(who, may)| {
        let visitor = story.visitor(who).unwrap().clone();
        Reader { who, visitor, may }
    });
    let administrator =
        Reader { who: "the administrator", visitor: story.administrator().clone(), may: &ALL };
    people.chain([administrator]).collect()
}

// === what is asked ===

/// The names that an administrator is told of: what is found is asked for what is below it.
async fn crawl(administrator: &Visitor, planted: &[String]) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = planted.iter().cloned().collect();
    names.extend(
        ["", "/staffMembers/-", "/sites/-", "/sites/-/sectors/-"].map(|end| format!("{HOSPITAL}{end}")),
    );
    for _ in 0..DEPTH {
        let read = read_all(administrator, &names, planted).await;
        names.extend(read.iter().flat_map(|(_, answer)| names_in(answer)));
    }
    names
}

/// Calls every method that only answers about the names that fit it.
async fn read_all(reader: &Visitor, names: &BTreeSet<String>, planted: &[String]) -> Vec<(String, Vec<u8>)> {
    let mut answers = Vec::new();
    let is_read = |method: &MethodDescriptor| READS.iter().any(|verb| method.name().starts_with(verb));
    for method in probe::methods().into_iter().filter(|own| is_read(own) && !own.is_server_streaming()) {
        let about = ["name", "parent"].into_iter().find_map(|field| method.input().get_field_by_name(field));
        let Some(field) = about else {
            answers.push((method.full_name().to_owned(), call(reader, &method, request(&method)).await));
            continue;
        };
        let format = probe::format(&field).unwrap_or_default();
        let mut fitting: Vec<&String> = names.iter().filter(|name| fits(name, &format)).collect();
        fitting.sort_by_key(|name| {
            (!planted.contains(name), !planted.iter().any(|own| name.starts_with(own.as_str())))
        });
        for name in fitting.into_iter().take(NAMES_MAX) {
            let mut message = request(&method);
            message.set_field(&field, Value::String(name.clone()));
            answers.push((format!("{} of {name}", method.full_name()), call(reader, &method, message).await));
        }
    }
    answers
}

/// A request for as much as there is, in the month of the story.
fn request(method: &MethodDescriptor) -> DynamicMessage {
    let mut message = DynamicMessage::new(method.input());
    for field in method.input().fields() {
        let day = match field.name() {
            "first_date" => 1,
            "last_date" => 31,
            "page_size" => {
                message.set_field(&field, Value::I32(1000));
                continue;
            }
            "profession" => {
                message.set_field(&field, Value::String("MAR".to_owned()));
                continue;
            }
            _ => continue,
        };
        let Kind::Message(kind) = field.kind() else { continue };
        let mut date = DynamicMessage::new(kind);
        for (part, value) in [("year", 2026), ("month", 12), ("day", day)] {
            date.set_field_by_name(part, Value::I32(value));
        }
        message.set_field(&field, Value::Message(date));
    }
    message
}

/// Whether a name has the form `hospitals/{hospital}/…`.
fn fits(name: &str, format: &str) -> bool {
    let (own, wanted): (Vec<&str>, Vec<&str>) = (name.split('/').collect(), format.split('/').collect());
    own.len() == wanted.len()
        && own.iter().zip(wanted).all(|(own, wanted)| wanted.starts_with('{') || *own == wanted)
}

/// Every name of a resource in an answer.
fn names_in(answer: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(answer);
    let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
    text.match_indices(HOSPITAL)
        .filter_map(|(at, _)| text[at..].split(|c: char| !is_of_a_name(c)).next().map(str::to_owned))
        .collect()
}

/// One call through the edge: the answer as it came, or the refusal with everything it carries.
async fn call(reader: &Visitor, method: &MethodDescriptor, message: DynamicMessage) -> Vec<u8> {
    let path = http::uri::PathAndQuery::try_from(probe::path(method)).unwrap();
    let mut client = tonic::client::Grpc::new(reader.web()).max_decoding_message_size(MESSAGE_BYTES_MAX);
    client.ready().await.unwrap();
    match client.unary(Request::new(message.encode_to_vec()), path, Raw).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => [status.message().as_bytes(), status.details()].concat(),
    }
}

/// Messages as bytes.
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut item = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut item);
        Ok(Some(item))
    }
}

// === what nobody is asked for ===

/// Takes the solver's place for a moment: what it would be given. The lease is not kept, so the solver takes it over.
async fn seen_by_the_solver(mut mesh: Mesh) -> (Mesh, Vec<u8>) {
    let file = |name: &str| mesh.certs().join(name);
    let certificates = Certificates::read(&Tls {
        certificate: file("solver.pem"),
        key: file("solver.key"),
        authority: file("authority.pem"),
        mutual: true,
    });
    let (port, _) = mesh.ports("planning").unwrap();
    let target = Target { name: "planning".to_owned(), addresses: vec![format!("https://127.0.0.1:{port}")] };
    let peer = Peer::connect("solver", &target, Some(&certificates.unwrap())).unwrap();
    let tasks = TaskServiceClient::new(peer).max_decoding_message_size(MESSAGE_BYTES_MAX);
    let task = eventually("a task waits", || {
        let mut tasks = tasks.clone();
        async move {
            let request = LeaseTaskRequest { worker: "scan".to_owned() };
            tasks.lease_task(request).await.unwrap().into_inner().task
        }
    })
    .await;
    let started = tokio::task::spawn_blocking(move || {
        mesh.restart("solver").unwrap();
        mesh
    });
    (started.await.unwrap(), task.problem.unwrap().encode_to_vec())
}

/// Logs, the bus, and the tables of services that have no reason to hold a reason.
fn nothing_is_left_behind(mesh: &Mesh) {
    for service in mathildanesth::certs::SERVICES {
        nothing_of(&ALL, mesh.log(service).unwrap().as_bytes(), service);
    }
    let redis = |words: &[&str]| mesh.backends.redis.command(words).unwrap();
    let streams = redis(&["KEYS", "*"]);
    let bus: String = streams.lines().map(|key| redis(&["XRANGE", key, "-", "+"])).collect();
    assert!(bus.contains("LeaveApproved"), "the events are read");
    nothing_of(&ALL, bus.as_bytes(), "the bus");

    let query = |service: &str, sql: &str| mesh.backends.postgres.query(service, sql).unwrap();
    let holds = |service: &str, table: &str, word: &str| {
        let hex: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
        let sql = format!(
            "SELECT COUNT(*) FROM \"{table}\" own WHERE own::text LIKE '%{word}%' OR own::text LIKE '%{hex}%'"
        );
        query(service, &sql) != ["0"]
    };
    assert!(
        holds("leave", "leave", REASONS[0]) && holds("leave", "outbox", "staffMembers"),
        "tables are read"
    );
    let own = ["outbox", "audit_entry", "audit_head", "dead_letter", "delivery", "inbox"];
    for service in ["staff", "leave", "planning", "notification"] {
        let tables = query(service, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
        let is_looked_at = |table: &&String| {
            ["planning", "notification"].contains(&service) || own.contains(&table.as_str())
        };
        for table in tables.iter().filter(is_looked_at) {
            for word in ALL {
                assert!(!holds(service, table, word), "{word} is in {service}.{table}");
            }
        }
    }
}

fn has(text: &[u8], word: &str) -> bool {
    text.windows(word.len()).any(|window| window == word.as_bytes())
}

fn nothing_of(words: &[&str], text: &[u8], place: &str) {
    let found = words.iter().find(|word| has(text, word));
    assert!(!text.is_empty() && found.is_none(), "{found:?} is in {place}");
}
