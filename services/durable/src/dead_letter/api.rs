//! DeadLetterService: parse, authorize, ask the store, render. One implementation for every service that consumes
//! events, each over its own database.

use chassis::{Ctx, Grant, Policy, Problem, Target, Violation};
use prost::Message;
use proto::{
    event::v1::{
        self as pb, Envelope,
        dead_letter::State,
        dead_letter_service_server::{DeadLetterService, DeadLetterServiceServer},
    },
    names::{ConsumerName, DeadLetterName, HospitalName, NameError},
};
use serde::{Deserialize, Serialize};
use tonic::{Request, Response, Status};

use super::store::{self, Letter};
use crate::{Db, Once, etag, page::Page, problem, time};

/// Who runs the mesh, by certificate: no person of a hospital, for an event may belong to any of them.
const POLICY: Policy =
    Policy(&[Grant { permission: "dead_letters.manage", roles: &[], own: false, systems: &["operator"] }]);

/// The parent that means every consumer of the service.
const ALL: &str = "consumers/-";

/// What a first answer is remembered by.
const METHOD: &str = "event.v1.DeadLetterService/RedriveDeadLetter";

/// The service over the dead letters of one database.
pub fn service(db: &Db) -> DeadLetterServiceServer<impl DeadLetterService> {
    DeadLetterServiceServer::new(DeadLetters(db.clone()))
}

struct DeadLetters(Db);

type Answer<T> = Result<Response<T>, Status>;

/// A first answer as it is stored.
#[derive(Serialize, Deserialize)]
struct Stored(Vec<u8>);

#[tonic::async_trait]
impl DeadLetterService for DeadLetters {
    async fn list_dead_letters(
        &self,
        request: Request<pb::ListDeadLettersRequest>,
    ) -> Answer<pb::ListDeadLettersResponse> {
        authorize(&Ctx::of(&request)?)?;
        let request = request.into_inner();
        let consumer = match request.parent.as_str() {
            ALL => None,
            parent => Some(consumer(&parse("parent", ConsumerName::parse(parent))?.consumer)),
        };
        let page = Page::of(request.page_size, &request.page_token, &[&request.parent])?;
        let rows = store::list(self.0.read(), consumer.as_deref(), &page).await;
        let mut rows = rows.map_err(problem)?;
        let next_page_token = page.next(&mut rows, |row| format!("{}/{}", row.consumer, row.event_id));
        let dead_letters = rows.iter().map(render).collect();
        Ok(Response::new(pb::ListDeadLettersResponse { dead_letters, next_page_token }))
    }

    async fn get_dead_letter(&self, request: Request<pb::GetDeadLetterRequest>) -> Answer<pb::DeadLetter> {
        authorize(&Ctx::of(&request)?)?;
        let name = parse("name", DeadLetterName::parse(&request.get_ref().name))?;
        Ok(Response::new(render(&find(self.0.read(), &name).await?)))
    }

    async fn redrive_dead_letter(
        &self,
        request: Request<pb::RedriveDeadLetterRequest>,
    ) -> Answer<pb::DeadLetter> {
        let ctx = Ctx::of(&request)?;
        authorize(&ctx)?;
        let request = request.into_inner();
        let name = parse("name", DeadLetterName::parse(&request.name))?;
        let once = Once::of(&ctx, METHOD, &request.request_id, &request)?;
        let tx = self.0.begin(&ctx).await?;
        if let Some(Stored(first)) = once.replay(&tx).await? {
            let first = pb::DeadLetter::decode(first.as_slice());
            return Ok(Response::new(first.map_err(Problem::internal)?));
        }
        let mut letter = find(tx.conn(), &name).await?;
        etag::check(&request.etag, letter.version, false)?;
        if letter.redrive_time.is_none() {
            let seen = letter.version;
            letter.version += 1;
            letter.redrive_time = Some(self.0.now_micros(tx.conn()).await.map_err(problem)?);
            if !store::save(tx.conn(), &letter, seen).await.map_err(problem)? {
                return Err(etag::mismatch(letter.version).into());
            }
        }
        let answer = render(&letter);
        once.record(&tx, &Stored(answer.encode_to_vec())).await?;
        tx.commit().await?;
        self.0.redrive_signal().notify();
        tracing::info!(
            consumer = letter.consumer,
            event.id = letter.event_id,
            "a dead letter is to be tried again"
        );
        Ok(Response::new(answer))
    }

    async fn delete_dead_letter(&self, request: Request<pb::DeleteDeadLetterRequest>) -> Answer<()> {
        let ctx = Ctx::of(&request)?;
        authorize(&ctx)?;
        let request = request.into_inner();
        let name = parse("name", DeadLetterName::parse(&request.name))?;
        let tx = self.0.begin(&ctx).await?;
        let letter = find(tx.conn(), &name).await?;
        etag::check(&request.etag, letter.version, false)?;
        if !store::delete(tx.conn(), &letter, letter.version).await.map_err(problem)? {
            return Err(etag::mismatch(letter.version + 1).into());
        }
        tx.commit().await?;
        tracing::warn!(consumer = letter.consumer, event.id = letter.event_id, "a dead letter was deleted");
        Ok(Response::new(()))
    }
}

fn authorize(ctx: &Ctx) -> Result<(), Problem> {
    POLICY.authorize(ctx, "dead_letters.manage", Target::hospital(""))
}

fn parse<T>(field: &str, name: Result<T, NameError>) -> Result<T, Problem> {
    name.map_err(|error| Problem::invalid(vec![Violation::new(field, error.to_string())]))
}

async fn find(db: &impl sea_orm::ConnectionTrait, name: &DeadLetterName) -> Result<Letter, Problem> {
    let letter = store::find(db, &consumer(&name.consumer), &name.dead_letter).await.map_err(problem)?;
    letter.ok_or_else(|| Problem::not_found("DeadLetter", name.to_string()))
}

/// The id of a consumer as names say it: `planning.on_leave_events` is `planning-on-leave-events`.
fn id(consumer: &str) -> String {
    consumer.replace(['.', '_'], "-")
}

/// The consumer of an id. The name of a service is one word, so the first hyphen is the dot.
fn consumer(id: &str) -> String {
    match id.split_once('-') {
        Some((service, rest)) => format!("{service}.{}", rest.replace('-', "_")),
        None => id.to_owned(),
    }
}

fn render(letter: &Letter) -> pb::DeadLetter {
    let event = Envelope::decode(letter.envelope.as_slice()).unwrap_or_default();
    let state = if letter.redrive_time.is_some() { State::RedriveQueued } else { State::Buried };
    pb::DeadLetter {
        name: DeadLetterName::new(id(&letter.consumer), &letter.event_id).to_string(),
        kind: letter.kind.clone(),
        hospital: HospitalName::new(&letter.hospital).to_string(),
        subject: event.subject,
        error: letter.error.clone(),
        attempts: letter.attempts,
        state: state.into(),
        event_time: event.time,
        fail_time: Some(time::micros_to_proto(letter.time)),
        etag: etag::of(letter.version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consumer_is_found_by_its_id() {
        for name in ["planning.on_leave_events", "test.log"] {
            assert_eq!(consumer(&id(name)), name);
        }
    }
}
