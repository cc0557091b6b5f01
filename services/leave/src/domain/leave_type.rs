//! The kinds of leave every hospital begins with. Data, not code: what differs between them is in the table.

use crate::domain::counting::Counting;

/// A kind of leave and how it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaveType {
    /// Its id: `cp`.
    pub id: &'static str,
    /// Its short code: `CP`.
    pub code: &'static str,
    /// What people read.
    pub display_name: &'static str,
    /// Which half-days count.
    pub counting: Counting,
    /// Most days in one leave; none means no limit.
    pub days_max: Option<i32>,
    /// Days between asking and the first day, else a warning.
    pub notice_days_min: i32,
    /// Whether somebody decides.
    pub requires_approval: bool,
    /// Whether it is kept in balances.
    pub has_balance: bool,
    /// Yearly entitlement of a full-time post; what is earned otherwise is granted by adjustments.
    pub granted_half_days: i32,
    /// For grids.
    pub color: &'static str,
}

use Counting::{CalendarDays, WorkingDays};

/// The types as shipped (rules L1 to L4, L13), by id.
pub static SHIPPED: [LeaveType; 11] = [
    LeaveType {
        id: "autre",
        code: "AUTRE",
        display_name: "Autre absence",
        counting: WorkingDays,
        days_max: None,
        notice_days_min: 15,
        requires_approval: true,
        has_balance: false,
        granted_half_days: 0,
        color: "#546e7a",
    },
    LeaveType {
        id: "cp",
        code: "CP",
        display_name: "Congés payés",
        counting: WorkingDays,
        days_max: Some(30),
        notice_days_min: 30,
        requires_approval: true,
        has_balance: true,
        granted_half_days: 100,
        color: "#2e7d32",
    },
    LeaveType {
        id: "css",
        code: "CSS",
        display_name: "Congé sans solde",
        counting: WorkingDays,
        days_max: Some(5),
        notice_days_min: 15,
        requires_approval: true,
        has_balance: false,
        granted_half_days: 0,
        color: "#6d4c41",
    },
    LeaveType {
        id: "form",
        code: "FORM",
        display_name: "Formation",
        counting: CalendarDays,
        days_max: Some(90),
        notice_days_min: 30,
        requires_approval: true,
        has_balance: false,
        granted_half_days: 0,
        color: "#1565c0",
    },
    LeaveType {
        id: "mal",
        code: "MAL",
        display_name: "Maladie",
        counting: CalendarDays,
        days_max: Some(90),
        notice_days_min: 0,
        // Whoever is ill is away: there is nothing to decide.
        requires_approval: false,
        has_balance: false,
        granted_half_days: 0,
        color: "#c62828",
    },
    LeaveType {
        id: "mat",
        code: "MAT",
        display_name: "Maternité",
        counting: CalendarDays,
        days_max: Some(180),
        notice_days_min: 30,
        requires_approval: true,
        has_balance: false,
        granted_half_days: 0,
        color: "#ad1457",
    },
    LeaveType {
        id: "parental",
        code: "PARENTAL",
        display_name: "Congé parental",
        counting: CalendarDays,
        days_max: None,
        notice_days_min: 30,
        requires_approval: true,
        has_balance: false,
        granted_half_days: 0,
        color: "#8e24aa",
    },
    LeaveType {
        id: "pat",
        code: "PAT",
        display_name: "Paternité",
        counting: CalendarDays,
        days_max: Some(28),
        notice_days_min: 30,
        requires_approval: true,
        has_balance: false,
        granted_half_days: 0,
        color: "#5e35b1",
    },
    LeaveType {
        id: "recup",
        code: "RECUP",
        display_name: "Récupération",
        counting: WorkingDays,
        days_max: Some(1),
        notice_days_min: 7,
        requires_approval: true,
        has_balance: true,
        granted_half_days: 0,
        color: "#00838f",
    },
    LeaveType {
        id: "rtt",
        code: "RTT",
        display_name: "Réduction du temps de travail",
        counting: WorkingDays,
        days_max: Some(1),
        notice_days_min: 7,
        requires_approval: true,
        has_balance: true,
        granted_half_days: 0,
        color: "#ef6c00",
    },
    LeaveType {
        id: "special",
        code: "SPECIAL",
        display_name: "Événement familial",
        counting: WorkingDays,
        days_max: Some(5),
        notice_days_min: 0,
        requires_approval: true,
        has_balance: false,
        granted_half_days: 0,
        color: "#00695c",
    },
];

/// Paid annual leave, which pays for training too where it is charged.
pub const ANNUAL: &str = "cp";

/// Training (rule L13).
pub const TRAINING: &str = "form";

/// The type of that id.
pub fn find(id: &str) -> Option<&'static LeaveType> {
    SHIPPED.iter().find(|leave_type| leave_type.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_types_are_in_order_and_can_be_found() {
        assert!(SHIPPED.is_sorted_by_key(|leave_type| leave_type.id));
        for leave_type in &SHIPPED {
            assert_eq!(find(leave_type.id), Some(leave_type));
        }
        assert_eq!(find("nap"), None);
    }
}
