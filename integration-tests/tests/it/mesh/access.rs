//! A hospital's access policy on the whole system: set in staff, in force in leave, remembered through a restart.

use chassis::testing::eventually;
use mathildanesth::demo::{
    self,
    visitor::{Login, Visitor},
};
use proto::{
    leave::v1::{GetLeavePolicyRequest, LeavePolicy, UpdateLeavePolicyRequest},
    staff::v1::{AccessPolicy, AccessRule, Role, UpdateAccessPolicyRequest, access_rule::Effect},
};
use tonic::{Code, Status};

use super::{AllInOne, PATIENCE};

const HOSPITAL: &str = "hospitals/tilleuls";

async fn sign_in(whole: &AllInOne) -> Visitor {
    let login = Login {
        hospital: HOSPITAL.to_owned(),
        email: demo::ADMINISTRATOR.to_owned(),
        password: demo::PASSWORD.to_owned(),
    };
    Visitor::new(&whole.address(), None, PATIENCE).unwrap().sign_in(&login).await.unwrap()
}

async fn change_leave(visitor: &Visitor, percentage: i32) -> Result<(), Status> {
    let name = format!("{HOSPITAL}/leavePolicy");
    let policy = LeavePolicy { name, absent_percentage_max: percentage, ..Default::default() };
    let request = UpdateLeavePolicyRequest { leave_policy: Some(policy), ..Default::default() };
    visitor.leave().update_leave_policy(request).await.map(drop)
}

async fn set(visitor: &Visitor, rules: Vec<AccessRule>) {
    let policy = AccessPolicy { name: format!("{HOSPITAL}/accessPolicy"), rules, ..Default::default() };
    let request = UpdateAccessPolicyRequest { access_policy: Some(policy), ..Default::default() };
    visitor.staff().update_access_policy(request).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_in_staff_is_refused_by_leave_also_after_a_restart() {
    let mut whole = AllInOne::start();
    let visitor = sign_in(&whole).await;
    change_leave(&visitor, 40).await.unwrap();
    let withdrawn = AccessRule {
        permission: "leave_policy.write".to_owned(),
        role: Role::SuperAdministrator.into(),
        effect: Effect::Withdrawn.into(),
        scope: None,
    };
    set(&visitor, vec![withdrawn]).await;
    let refused = async || change_leave(&visitor, 40).await.err();
    assert_eq!(eventually("leave refuses", refused).await.code(), Code::PermissionDenied);

    whole.die_and_come_back();
    // What was told before is in force with the first answer.
    let visitor = sign_in(&whole).await;
    assert_eq!(change_leave(&visitor, 50).await.unwrap_err().code(), Code::PermissionDenied);
    let read = GetLeavePolicyRequest { name: format!("{HOSPITAL}/leavePolicy") };
    let read = visitor.leave().get_leave_policy(read).await.unwrap().into_inner();
    assert_eq!(read.absent_percentage_max, 40, "reading goes on, and nothing changed");

    set(&visitor, vec![]).await;
    eventually("the table holds again", async || change_leave(&visitor, 50).await.ok()).await;
}
