//! Working-time law as staff ships it, and as the judge's crate has it for tests and generated problems.

use proto::staff::v1::{self as pb, staff_service_client::StaffServiceClient};
use roster::problem::LegalPack;

use super::{
    house::{House, Reach},
    probe::HOSPITAL,
};

#[tokio::test(flavor = "multi_thread")]
async fn staff_ships_the_figures_that_the_judge_has() {
    let house = House::build(Reach::Local).await;
    let mut staff = StaffServiceClient::new(house.peer("planning", "staff"));
    let request = pb::ListLegalPacksRequest { parent: format!("hospitals/{HOSPITAL}"), ..Default::default() };
    let listed = staff.list_legal_packs(request).await.unwrap().into_inner().legal_packs;
    assert_eq!(listed.len(), LegalPack::ALL.len());
    for pack in LegalPack::ALL {
        let listed = listed.iter().find(|own| own.code == pack.code()).unwrap();
        let (own, figures) = (pack.working_time(), listed.figures.unwrap());
        let minutes = |value: Option<u16>| value.map_or(0, i32::from);
        let expected = pb::LegalFigures {
            daily_rest_minutes_min: minutes(own.daily_rest_min),
            day_minutes_max: minutes(own.day_max),
            seven_days_minutes_max: minutes(own.seven_days_max),
            seven_days_minutes_usual: minutes(own.seven_days_usual),
            weekly_rest_minutes_min: minutes(own.weekly_rest_min),
            fortnight_rest_days_min: i32::from(own.fortnight_rest_days),
            requires_fortnight_sunday: own.fortnight_sunday,
            week_half_days_max: own.week_half_days_max.map_or(0, i32::from),
            week_minutes_target: minutes(own.week_target),
            // The judge is given what is left of an average, not the average.
            average_week_minutes_max: figures.average_week_minutes_max,
            average_days: figures.average_days,
        };
        assert_eq!(figures, expected, "{}", pack.code());
    }
}
