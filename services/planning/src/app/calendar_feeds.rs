//! GetCalendarFeed, CreateCalendarFeed, ReadCalendarFeed.

use calendar::working_time::Zone;
use chassis::{Ctx, Problem};
use durable::{Once, audit::Change, time};
use proto::names::CalendarFeedName;
use sha2::{Digest, Sha256};

use super::{App, not_found};
use crate::{
    domain::feed,
    store::{entity::calendar_feed, feeds, published},
};

/// How far back a feed shows.
const PAST_DAYS: i32 = 60;

// === impl App ===

impl App {
    /// When a person's secret was made.
    pub async fn get_calendar_feed(
        &self,
        ctx: &Ctx,
        hospital: &str,
        staff_member: &str,
    ) -> Result<i64, Problem> {
        self.allow_for(ctx, "calendar_feeds.own", hospital, staff_member)?;
        let reader = self.db.fresh(ctx);
        let row = feeds::find(&reader, hospital, staff_member).await?;
        let parent = format!("staffMembers/{staff_member}/calendarFeeds");
        let row = reader.vouch(row.ok_or_else(|| not_found("CalendarFeed", hospital, &parent, "default")))?;
        Ok(row.create_time)
    }

    /// Makes a new secret; the one before stops working. A repeated request is not told the secret again.
    pub async fn create_calendar_feed(
        &self,
        ctx: &Ctx,
        hospital: &str,
        staff_member: &str,
        once: &Once,
    ) -> Result<(String, i64), Problem> {
        self.allow_for(ctx, "calendar_feeds.own", hospital, staff_member)?;
        let tx = self.db.begin(ctx).await?;
        if let Some(create_time) = once.replay::<i64>(&tx).await? {
            return Ok((String::new(), create_time));
        }
        let secret: [u8; 32] = rand::random();
        let token = hex::encode(secret);
        let create_time = time::micros(tx.now());
        let row = calendar_feed::Model {
            hospital: hospital.to_owned(),
            staff_member: staff_member.to_owned(),
            token_hash: feeds::hash(&token),
            create_time,
        };
        let is_new = feeds::find(tx.conn(), hospital, staff_member).await?.is_none();
        feeds::put(tx.conn(), row).await?;
        let name = CalendarFeedName::new(hospital, staff_member, "default").to_string();
        // Another secret ends the one before.
        let action = if is_new { "calendar_feed.create" } else { "calendar_feed.replace" };
        tx.audit(Change::of(hospital, action, name));
        once.record(&tx, &create_time).await?;
        tx.commit().await?;
        Ok((token, create_time))
    }

    /// The calendar behind a secret, with its etag; the content is none when the caller has it already.
    pub async fn read_calendar_feed(
        &self,
        ctx: &Ctx,
        token: &str,
        sent: &str,
    ) -> Result<(Option<String>, String), Problem> {
        // A secret that was replaced stops working at once, unless the primary is away.
        let reader = self.db.fresh(ctx);
        let row = feeds::find_by_token(&reader, token).await?;
        // The secret is not repeated: the answer may be logged.
        let row = reader.vouch(row.ok_or_else(|| Problem::not_found("CalendarFeed", "calendarFeeds/-")))?;
        let from = Zone::paris().day_at(ctx.now).plus(-PAST_DAYS);
        // What it opens may be some seconds old at any time.
        let reader = self.db.stale(ctx).await;
        let entries = published::feed(&reader, &row.hospital, &row.staff_member, from).await?;
        let content = feed::render(&row.hospital, feed::OWN, &entries);
        let digest = hex::encode(Sha256::digest(content.as_bytes()));
        let etag = format!("\"{}\"", digest.get(..32).unwrap_or(&digest));
        Ok(((sent != etag).then_some(content), etag))
    }
}
