//! Leave is asked for and decided. Three anesthetists want the same week, of which the department lets two have it: the
//! order says who, and why.

use calendar::{Day, DayPart, Weekday};
use proto::leave::v1::{
    ApproveLeaveRequest, BatchDecideLeavesRequest, CreateLeaveRequest, GetLeavePolicyRequest,
    GetLeaveRequest, Leave, LeavePolicy, LeaveVerdict, PeakPeriod, Rank, RankLeavesRequest, RankedLeave,
    UpdateLeavePolicyRequest, conflict::Severity, leave::State, leave_verdict::Kind, peak_period::Ranking,
    rank::Criterion,
};
use tonic::Status;

use super::{Story, request_id};

/// Who asks for what: e-mail address, first and last working day counted from the month's second Monday.
const WISHES: [(&str, i32, i32); 6] = [
    ("mar02@tilleuls.example", 0, 4),
    ("mar03@tilleuls.example", 0, 4),
    ("mar05@tilleuls.example", 0, 4),
    ("mar04@tilleuls.example", 7, 8),
    ("iade03@tilleuls.example", 1, 3),
    ("iade06@tilleuls.example", 8, 10),
];
/// Who had that week a year before.
const HAD_IT: &str = "mar02@tilleuls.example";
/// How many anesthetists may have it.
const PEAK_MAX: i32 = 2;

impl Story {
    pub(super) async fn request_leave(&mut self) -> Result<(), Status> {
        self.limit_the_week().await?;
        self.remember_last_year().await?;
        let monday = second_monday(self.setting.month.first());
        for (email, first, last) in WISHES {
            let visitor = self.visitor(email)?.clone();
            let request = self.asking(email, monday.plus(first), monday.plus(last))?;
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
        self.arbitrate().await?;
        for index in 0..self.outcome.leaves.len() {
            let (email, leave) = self.outcome.leaves[index].clone();
            if leave.state() != State::Pending {
                continue;
            }
            // What it collides with now that the requests before it are decided.
            let administrator = self.administrator.clone();
            let get = GetLeaveRequest { name: leave.name.clone() };
            let leave = administrator
                .patiently(|| async { administrator.leave().get_leave(get.clone()).await })
                .await?;
            let decided = self.approve(&leave).await?;
            let label = self.person(&email)?.display_name.clone();
            self.tell(&format!("  congé de {label} accordé{}", conflicts(&leave)));
            self.outcome.leaves[index].1 = decided;
        }
        Ok(())
    }

    /// The department lets few have the week that many want.
    async fn limit_the_week(&mut self) -> Result<(), Status> {
        let administrator = self.administrator.clone();
        let get = GetLeavePolicyRequest { name: format!("{}/leavePolicy", self.hospital) };
        let LeavePolicy { name, etag, mut peaks, .. } = administrator
            .patiently(|| async { administrator.leave().get_leave_policy(get.clone()).await })
            .await?;
        let monday = second_monday(self.setting.month.first());
        let friday = monday.plus(4);
        // The first peak that holds the days is the one that counts.
        peaks.insert(
            0,
            PeakPeriod {
                code: "demo".to_owned(),
                first_month: monday.month(),
                first_day: monday.day(),
                last_month: friday.month(),
                last_day: friday.day(),
                absent_max: PEAK_MAX,
                ranking: Ranking::Rotation.into(),
            },
        );
        let request = UpdateLeavePolicyRequest {
            leave_policy: Some(LeavePolicy { name, etag, peaks, ..Default::default() }),
            update_mask: Some(prost_types::FieldMask { paths: vec!["peaks".to_owned()] }),
            request_id: request_id(),
        };
        administrator
            .patiently(|| async { administrator.leave().update_leave_policy(request.clone()).await })
            .await?;
        self.tell(&format!(
            "  période demandée du {monday} au {friday} : {PEAK_MAX} absents au plus par profession"
        ));
        Ok(())
    }

    /// The administrator enters a leave of the year before, which the order must know.
    async fn remember_last_year(&mut self) -> Result<(), Status> {
        let administrator = self.administrator.clone();
        let monday = second_monday(self.setting.month.first());
        let earlier = |day: Day| Day::new(day.year() - 1, day.month(), day.day());
        let (Ok(first), Ok(last)) = (earlier(monday), earlier(monday.plus(4))) else { return Ok(()) };
        let request = self.asking(HAD_IT, first, last)?;
        let leave = administrator
            .patiently(|| async { administrator.leave().create_leave(request.clone()).await })
            .await?;
        self.approve(&leave).await?;
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

    /// Those who ask for the same week are ranked, and decided about together.
    async fn arbitrate(&mut self) -> Result<(), Status> {
        let administrator = self.administrator.clone();
        let monday = second_monday(self.setting.month.first());
        let rank = RankLeavesRequest {
            parent: self.hospital.clone(),
            profession: "MAR".to_owned(),
            first_date: Some(monday.into()),
            last_date: Some(monday.plus(4).into()),
        };
        let ranked = administrator
            .patiently(|| async { administrator.leave().rank_leaves(rank.clone()).await })
            .await?
            .ranked_leaves;
        let request = BatchDecideLeavesRequest {
            parent: self.hospital.clone(),
            verdicts: ranked.iter().filter_map(verdict).collect(),
            request_id: request_id(),
            validate_only: false,
        };
        let decided = administrator
            .patiently(|| async { administrator.leave().batch_decide_leaves(request.clone()).await })
            .await?
            .leaves;
        for (RankedLeave { rank, .. }, decided) in ranked.iter().zip(decided) {
            let asked = self.outcome.leaves.iter().position(|(_, asked)| asked.name == decided.name);
            let Some(index) = asked else { continue };
            let label = self.person(&self.outcome.leaves[index].0)?.display_name.clone();
            let word = if decided.state() == State::Approved { "accordé" } else { "refusé" };
            let reason = rank.as_ref().map_or_else(String::new, reason);
            self.tell(&format!("  arbitrage : congé de {label} {word}, {reason}"));
            self.outcome.leaves[index].1 = decided;
        }
        Ok(())
    }

    fn asking(&self, email: &str, first: Day, last: Day) -> Result<CreateLeaveRequest, Status> {
        let leave = Leave {
            leave_type: format!("{}/leaveTypes/cp", self.hospital),
            first_date: Some(first.into()),
            first_part: part(DayPart::Morning),
            last_date: Some(last.into()),
            last_part: part(DayPart::Afternoon),
            ..Default::default()
        };
        Ok(CreateLeaveRequest {
            parent: self.person(email)?.name.clone(),
            leave: Some(leave),
            request_id: request_id(),
            validate_only: false,
        })
    }
}

/// Who fits has it; the others are told that it was others' turn.
fn verdict(ranked: &RankedLeave) -> Option<LeaveVerdict> {
    let leave = ranked.leave.as_ref()?;
    let (kind, comment) = match ranked.fits {
        true => (Kind::Approve, String::new()),
        false => (Kind::Reject, "Semaine déjà attribuée, selon l'ordre de passage.".to_owned()),
    };
    let (name, etag) = (leave.name.clone(), leave.etag.clone());
    Some(LeaveVerdict { name, etag, kind: kind.into(), comment, force: false })
}

fn reason(rank: &Rank) -> String {
    let why = match rank.criterion() {
        Criterion::Alone | Criterion::Unspecified => "seule demande".to_owned(),
        Criterion::TimesHad => match rank.years_had.as_slice() {
            [] => "n'a pas eu cette semaine ces dernières années".to_owned(),
            years => {
                format!("l'a eue en {}", years.iter().map(i32::to_string).collect::<Vec<_>>().join(", "))
            }
        },
        Criterion::LastHad => "par l'année de la dernière fois".to_owned(),
        Criterion::Seniority => "par l'ancienneté".to_owned(),
        Criterion::Draw => "départagé par le sort".to_owned(),
    };
    format!("rang {} sur {} : {why}", rank.position, rank.count)
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
