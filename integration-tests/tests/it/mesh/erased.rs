//! Somebody is forgotten by staff; the others hear of it.

use chassis::testing::eventually;
use mathildanesth::demo::{
    self,
    story::{Step, Story},
};
use proto::{
    leave::v1::{CreateLeaveRequest, GetLeaveRequest, Leave},
    planning::v1::CreateCalendarFeedRequest,
    staff::v1::{DeactivateStaffMemberRequest, EraseStaffMemberRequest, GetStaffMemberRequest},
    r#type::v1::Date,
};

use super::{AllInOne, PATIENCE, play};

const LEAVER: &str = "mar06@tilleuls.example";

#[tokio::test(flavor = "multi_thread")]
async fn of_who_is_erased_leave_keeps_no_text_and_planning_no_feed() {
    let whole = AllInOne::start();
    let mut story = Story::new(demo::setting(&play(), &whole.address(), None, PATIENCE).unwrap(), |_| ());
    for step in [Step::ImportDepartment, Step::SignIn, Step::LoadHolidays] {
        story.play(step).await.unwrap();
    }
    let (administrator, leaver) = (story.administrator(), story.visitor(LEAVER).unwrap());
    let person = story.outcome.people[LEAVER].name.clone();
    let day = Some(Date { year: 2026, month: 12, day: 9 });
    let leave = Leave {
        leave_type: "hospitals/tilleuls/leaveTypes/cp".to_owned(),
        first_date: day,
        last_date: day,
        comment: "Rendez-vous à l'autre bout du pays.".to_owned(),
        ..Default::default()
    };
    let request = CreateLeaveRequest { parent: person.clone(), leave: Some(leave), ..Default::default() };
    let leave = leaver.leave().create_leave(request).await.unwrap().into_inner();
    let request = CreateCalendarFeedRequest { parent: person.clone(), ..Default::default() };
    let feed = leaver.planning().create_calendar_feed(request).await.unwrap().into_inner();
    let address = format!("/calendar/{}.ics", feed.token);
    administrator.get(&address).await.unwrap();

    let request = DeactivateStaffMemberRequest { name: person.clone(), ..Default::default() };
    administrator.staff().deactivate_staff_member(request).await.unwrap();
    let request = GetStaffMemberRequest { name: person.clone() };
    let etag = administrator.staff().get_staff_member(request).await.unwrap().into_inner().etag;
    let request = EraseStaffMemberRequest { name: person, etag, ..Default::default() };
    administrator.staff().erase_staff_member(request).await.unwrap();

    let read = eventually("leave forgets the text", || async {
        let request = GetLeaveRequest { name: leave.name.clone() };
        let read = administrator.leave().get_leave(request).await.unwrap().into_inner();
        read.comment.is_empty().then_some(read)
    })
    .await;
    assert_eq!((read.first_date, read.counted_half_days), (leave.first_date, leave.counted_half_days));
    eventually("the feed ends", || async { administrator.get(&address).await.err() }).await;
}
