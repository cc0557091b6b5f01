//! The rows. The hospital leads every key; times are microseconds, civil dates ISO text, enums their words.

pub mod leave {
    //! Leaves.
    use sea_orm::entity::prelude::*;

    /// A leave.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "leave")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub id: String,
        #[sea_orm(column_type = "Text")]
        pub staff_member: String,
        #[sea_orm(column_type = "Text")]
        pub profession: String,
        #[sea_orm(column_type = "Text")]
        pub leave_type: String,
        #[sea_orm(column_type = "Text")]
        pub first_date: String,
        #[sea_orm(column_type = "Text")]
        pub first_part: String,
        #[sea_orm(column_type = "Text")]
        pub last_date: String,
        #[sea_orm(column_type = "Text")]
        pub last_part: String,
        #[sea_orm(column_type = "Text")]
        pub charges: String,
        pub has_balance: bool,
        #[sea_orm(column_type = "Text")]
        pub state: String,
        #[sea_orm(column_type = "Text")]
        pub comment: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub decision: Option<String>,
        pub version: i64,
        pub create_time: i64,
        pub update_time: i64,
        #[sea_orm(column_type = "Text", nullable)]
        pub charged_type: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub employed_since: Option<String>,
        pub escalate_time: Option<i64>,
        #[sea_orm(column_type = "Text", nullable)]
        pub series: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod balance {
    //! Balances: only their version; the figures are sums.
    use sea_orm::entity::prelude::*;

    /// A balance.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "balance")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub staff_member: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub leave_type: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i32,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod entry {
    //! The ledger.
    use sea_orm::entity::prelude::*;

    /// A line of the ledger.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "balance_entry")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub id: String,
        #[sea_orm(column_type = "Text")]
        pub staff_member: String,
        #[sea_orm(column_type = "Text")]
        pub leave_type: String,
        pub year: i32,
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        pub half_days: i32,
        #[sea_orm(column_type = "Text", nullable)]
        pub leave: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub reason: String,
        #[sea_orm(column_type = "Text")]
        pub actor: String,
        pub create_time: i64,
        #[sea_orm(column_type = "Text", nullable)]
        pub expire_date: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub origin: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod policy {
    //! Policies that differ from the defaults.
    use sea_orm::entity::prelude::*;

    /// A hospital's policy.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "leave_policy")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(column_type = "Text")]
        pub policy: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod holiday {
    //! Public and school holidays.
    use sea_orm::entity::prelude::*;

    /// A holiday.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "holiday")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub id: String,
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub display_name: String,
        #[sea_orm(column_type = "Text")]
        pub first_date: String,
        #[sea_orm(column_type = "Text")]
        pub last_date: String,
        #[sea_orm(column_type = "Text")]
        pub zone: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod duty {
    //! Published duties, as planning told.
    use sea_orm::entity::prelude::*;

    /// A duty.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "duty")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub staff_member: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub shift: String,
        #[sea_orm(column_type = "Text")]
        pub date: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub part: Option<String>,
        pub is_on_call: bool,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod duty_revision {
    //! Which revision of a plan told last about a person and a shift, also when it told that there is no duty.
    use sea_orm::entity::prelude::*;

    /// What was told last.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "duty_revision")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub staff_member: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub shift: String,
        pub revision: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod unavailability {
    //! Days on which people cannot take duties.
    use sea_orm::entity::prelude::*;

    /// An unavailability.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "unavailability")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub id: String,
        #[sea_orm(column_type = "Text")]
        pub staff_member: String,
        #[sea_orm(column_type = "Text")]
        pub state: String,
        #[sea_orm(column_type = "Text")]
        pub first_date: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub until_date: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub document: String,
        pub version: i64,
        pub update_time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod guard {
    //! Turns: one row a person or profession, locked by whoever decides about it.
    use sea_orm::entity::prelude::*;

    /// A turn.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "guard")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub name: String,
        pub turn: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
