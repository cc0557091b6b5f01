//! One table for all names: what is read is what is written, and what is refused names its pattern.

use super::*;

/// Checks one kind of name: a good one is kept, and the same text as another kind is refused.
macro_rules! kept {
    ($($type:ident $text:literal),* $(,)?) => {
        $(
            let name = $type::parse($text).unwrap();
            assert_eq!(name.to_string(), $text);
            assert_eq!($text.parse::<$type>().unwrap(), name);
            assert_eq!($type::parse(concat!($text, "/more")).unwrap_err().pattern, $type::PATTERN);
        )*
    };
}

#[test]
fn every_name_is_read_as_it_is_written() {
    kept![
        HospitalName "hospitals/north",
        ConsumerName "consumers/planning-on-leave-events",
        DeadLetterName "consumers/planning-on-leave-events/deadLetters/0190c9e2-7b1a-7000-8000-000000000001",
        SiteName "hospitals/h/sites/main",
        SectorName "hospitals/h/sites/main/sectors/septic",
        RoomName "hospitals/h/sites/main/sectors/septic/rooms/12bis",
        StaffMemberName "hospitals/h/staffMembers/0190c9e2-7b1a-7000-8000-000000000001",
        ContractName "hospitals/h/staffMembers/x/contracts/c",
        SurgeonName "hospitals/h/surgeons/s",
        SpecialtyName "hospitals/h/specialties/urology",
        SkillName "hospitals/h/skills/cardiac",
        LegalPackName "hospitals/h/legalPacks/fr-private-employee-2027-01-01",
        ProfessionName "hospitals/h/professions/mar",
        AccessPolicyName "hospitals/h/accessPolicy",
        ServiceAccountName "hospitals/h/serviceAccounts/pharmacy",
        IncompatibilityName "hospitals/h/incompatibilities/i",
        SessionName "hospitals/h/sessions/s",
        LeaveName "hospitals/h/staffMembers/x/leaves/l",
        BalanceName "hospitals/h/staffMembers/x/balances/cp-2026",
        BalanceEntryName "hospitals/h/staffMembers/x/balances/cp-2026/entries/e",
        LeaveTypeName "hospitals/h/leaveTypes/cp",
        LeavePolicyName "hospitals/h/leavePolicy",
        HolidayName "hospitals/h/holidays/2026-12-25",
        PlanName "hospitals/h/plans/p",
        ShiftName "hospitals/h/plans/p/shifts/s",
        AssignmentName "hospitals/h/plans/p/assignments/a",
        ProposalName "hospitals/h/plans/p/proposals/o",
        CertificateName "hospitals/h/plans/p/revisions/3/certificate",
        RevisionName "hospitals/h/plans/p/revisions/1",
        OperationName "hospitals/h/plans/p/operations/o",
        TaskName "hospitals/h/tasks/t",
        TemplateName "hospitals/h/templates/t",
        RuleSetName "hospitals/h/ruleSets/r",
        CalendarFeedName "hospitals/h/staffMembers/x/calendarFeeds/f",
        CounterName "hospitals/h/staffMembers/x/counters/garde",
        LedgerLineName "hospitals/h/staffMembers/x/counters/gardes/lines/l",
        EquityAccountName "hospitals/h/staffMembers/x/equityAccounts/gardes-2027",
        WishName "hospitals/h/staffMembers/x/wishes/w",
        NotificationName "hospitals/h/staffMembers/x/notifications/n",
        NotificationPreferencesName "hospitals/h/staffMembers/x/notificationPreferences",
        DeliveryName "hospitals/h/staffMembers/x/deliveries/d",
        NoticeName "hospitals/h/notices/n",
        WebhookName "hospitals/h/webhooks/w",
        WebhookDeliveryName "hospitals/h/webhooks/w/deliveries/d",
        BannerName "hospitals/h/banner",
    ];
}

#[test]
fn a_wrong_shape_is_refused_and_the_error_names_the_right_one() {
    let too_long = format!("hospitals/h/sites/{}", "x".repeat(64));
    for text in [
        "",
        "sites/main",
        "hospitals/h",
        "hospitals/h/sites",
        "hospitals/h/sites/",
        "hospitals//sites/main",
        "hospitals/h/sites/Main",
        "hospitals/h/sites/é",
        "hospitals/h/sites/a b",
        "hospitals/h/sites/-",
        "hospitals/h/rooms/main",
        "/hospitals/h/sites/main",
        "hospitals/h/sites/main/",
        too_long.as_str(),
    ] {
        let error = SiteName::parse(text).unwrap_err();
        assert_eq!(error.pattern, "hospitals/{hospital}/sites/{site}", "{text:?}");
        assert!(error.to_string().contains(error.pattern));
    }
}

#[test]
fn the_wildcard_stands_for_any_part_but_the_hospital() {
    let everybody = StaffMemberName::parse_wild("hospitals/h/staffMembers/-").unwrap();
    assert_eq!(everybody.staff_member, WILDCARD);
    assert!(SectorName::parse_wild("hospitals/h/sites/-/sectors/-").is_ok());
    assert!(StaffMemberName::parse_wild("hospitals/-/staffMembers/x").is_err());
}
