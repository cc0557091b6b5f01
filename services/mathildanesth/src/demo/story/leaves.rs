//! Leave is asked for and decided. Three anesthetists want the same week: one too many.

use calendar::{Day, DayPart, Weekday};
use proto::leave::v1::{
    ApproveLeaveRequest, CreateLeaveRequest, GetLeaveRequest, Leave, RejectLeaveRequest, conflict::Severity,
    leave::State,
};
use tonic::Status;

use super::{Story, request_id};

/// Who asks for what: e-mail address, first and last working day counted from the month's second Monday, and whether
/// the administrator grants it.
const WISHES: [(&str, i32, i32, bool); 6] = [
    ("mar02@tilleuls.example", 0, 4, true),
    ("mar03@tilleuls.example", 0, 4, true),
    ("mar05@tilleuls.example", 0, 4, false),
    ("mar04@tilleuls.example", 7, 8, true),
    ("iade03@tilleuls.example", 1, 3, true),
    ("iade06@tilleuls.example", 8, 10, true),
];

impl Story {
    pub(super) async fn request_leave(&mut self) -> Result<(), Status> {
        let monday = second_monday(self.setting.month.first());
        for (email, first, last, _) in WISHES {
            let leave = Leave {
                leave_type: format!("{}/leaveTypes/cp", self.hospital),
                first_date: Some(monday.plus(first).into()),
                first_part: part(DayPart::Morning),
                last_date: Some(monday.plus(last).into()),
                last_part: part(DayPart::Afternoon),
                ..Default::default()
            };
            let request = CreateLeaveRequest {
                parent: self.person(email)?.name.clone(),
                leave: Some(leave),
                request_id: request_id(),
                validate_only: false,
            };
            let visitor = self.visitor(email)?.clone();
            let leave =
                visitor.patiently(|| async { visitor.leave().create_leave(request.clone()).await }).await?;
            let label = self.person(email)?.display_name.clone();
            self.tell(&format!(
                "  {label} demande du {} au {} : {} demi-journées{}",
                monday.plus(first),
                monday.plus(last),
                leave.counted_half_days,
                conflicts(&leave)
            ));
            self.outcome.leaves.push((email.to_owned(), leave));
        }
        Ok(())
    }

    pub(super) async fn decide_leave(&mut self) -> Result<(), Status> {
        for index in 0..self.outcome.leaves.len() {
            let (email, leave) = self.outcome.leaves[index].clone();
            let granted = WISHES.iter().any(|(who, _, _, granted)| *who == email && *granted);
            // What it collides with now that the requests before it are decided.
            let administrator = self.administrator.clone();
            let get = GetLeaveRequest { name: leave.name.clone() };
            let leave = administrator
                .patiently(|| async { administrator.leave().get_leave(get.clone()).await })
                .await?;
            let decided = if granted { self.approve(&leave).await? } else { self.reject(&leave).await? };
            let label = self.person(&email)?.display_name.clone();
            let word = if decided.state() == State::Approved { "accordé" } else { "refusé" };
            self.tell(&format!("  congé de {label} {word}{}", conflicts(&leave)));
            self.outcome.leaves[index].1 = decided;
        }
        Ok(())
    }

    async fn approve(&self, leave: &Leave) -> Result<Leave, Status> {
        let administrator = self.administrator.clone();
        let request = ApproveLeaveRequest {
            name: leave.name.clone(),
            etag: leave.etag.clone(),
            request_id: request_id(),
            ..Default::default()
        };
        administrator.patiently(|| async { administrator.leave().approve_leave(request.clone()).await }).await
    }

    async fn reject(&self, leave: &Leave) -> Result<Leave, Status> {
        let administrator = self.administrator.clone();
        let request = RejectLeaveRequest {
            name: leave.name.clone(),
            etag: leave.etag.clone(),
            comment: "Deux anesthésistes sont déjà absents cette semaine-là.".to_owned(),
            request_id: request_id(),
        };
        administrator.patiently(|| async { administrator.leave().reject_leave(request.clone()).await }).await
    }
}

fn part(part: DayPart) -> i32 {
    proto::r#type::v1::DayPart::from(part).into()
}

fn conflicts(leave: &Leave) -> String {
    let against = || leave.conflicts.iter().filter(|conflict| conflict.severity() != Severity::Information);
    match against().count() {
        0 => String::new(),
        _ => {
            let kinds: Vec<_> = against()
                .map(|conflict| conflict.kind().as_str_name().trim_start_matches("KIND_").to_lowercase())
                .collect();
            format!(" (conflit : {})", kinds.join(", "))
        }
    }
}

/// The Monday after the first one.
fn second_monday(first: Day) -> Day {
    let mut day = first;
    while day.weekday() != Weekday::Monday {
        day = day.next();
    }
    day.plus(7)
}
