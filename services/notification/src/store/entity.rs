//! The rows. The hospital leads every key.

pub mod notification {
    //! Notifications.
    use sea_orm::entity::prelude::*;

    /// A notification.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notification")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub id: String,
        #[sea_orm(column_type = "Text")]
        pub staff_member: String,
        pub sequence: i64,
        #[sea_orm(column_type = "Text")]
        pub event_id: String,
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub priority: String,
        #[sea_orm(column_type = "Text")]
        pub message: String,
        #[sea_orm(column_type = "Text")]
        pub subject: String,
        pub create_time: i64,
        pub is_read: bool,
        pub read_time: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod mailbox {
    //! The number of each person's last notification.
    use sea_orm::entity::prelude::*;

    /// A mailbox.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "mailbox")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub staff_member: String,
        pub sequence: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod person {
    //! Who decides about leave, as staff told.
    use sea_orm::entity::prelude::*;

    /// A person.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "person")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub staff_member: String,
        #[sea_orm(column_type = "Text")]
        pub remit: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod preferences {
    //! How people want to be told, where they chose.
    use sea_orm::entity::prelude::*;

    /// A person's preferences, as a document.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "preferences")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub staff_member: String,
        #[sea_orm(column_type = "Text")]
        pub preferences: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod delivery {
    //! What leaves the application. No address and no text.
    use sea_orm::entity::prelude::*;

    /// A delivery.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outgoing")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub id: String,
        #[sea_orm(column_type = "Text")]
        pub staff_member: String,
        #[sea_orm(column_type = "Text")]
        pub notification: String,
        #[sea_orm(column_type = "Text")]
        pub event_id: String,
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub channel: String,
        /// Those of one letter have the same.
        #[sea_orm(column_type = "Text")]
        pub letter: String,
        #[sea_orm(column_type = "Text")]
        pub state: String,
        pub attempts: i32,
        #[sea_orm(column_type = "Text")]
        pub answer: String,
        pub create_time: i64,
        pub last_attempt_time: Option<i64>,
        pub next_attempt_time: i64,
        /// Who has it in hand; empty for nobody.
        #[sea_orm(column_type = "Text")]
        pub claim: String,
        /// Until when, by the clock of the database.
        pub claim_expire_time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod notice {
    //! What everybody of a hospital is told ahead.
    use sea_orm::entity::prelude::*;

    /// A notice, as a document, with what is asked for beside it.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notice")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub id: String,
        #[sea_orm(column_type = "Text")]
        pub category: String,
        #[sea_orm(column_type = "Text")]
        pub severity: String,
        #[sea_orm(column_type = "Text")]
        pub notice: String,
        pub start_time: i64,
        pub end_time: i64,
        pub is_cancelled: bool,
        /// What people were told of this version last; empty for nothing.
        #[sea_orm(column_type = "Text")]
        pub told: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod watched_leave {
    //! Leave of which people are reminded.
    use sea_orm::entity::prelude::*;

    /// What leave's events told last of one.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "watched_leave")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub leave: String,
        #[sea_orm(column_type = "Text")]
        pub staff_member: String,
        #[sea_orm(column_type = "Text")]
        pub profession: String,
        pub first_day: i32,
        pub last_day: i32,
        #[sea_orm(column_type = "Text")]
        pub stage: String,
        pub event_time: i64,
        pub next_time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod webhook {
    //! Endpoints of other systems.
    use sea_orm::entity::prelude::*;

    /// An endpoint, as a document, with what is asked for beside it.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub id: String,
        #[sea_orm(column_type = "Text")]
        pub webhook: String,
        pub is_enabled: bool,
        /// Since when nothing was taken over; none if the last one was.
        pub failing_since: Option<i64>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod webhook_delivery {
    //! What is sent to endpoints of other systems.
    use sea_orm::entity::prelude::*;

    /// A delivery to an endpoint.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "webhook_delivery")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub id: String,
        #[sea_orm(column_type = "Text")]
        pub webhook: String,
        #[sea_orm(column_type = "Text")]
        pub event_id: String,
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub subject: String,
        #[sea_orm(column_type = "Text")]
        pub state: String,
        pub attempts: i32,
        #[sea_orm(column_type = "Text")]
        pub answer: String,
        pub create_time: i64,
        pub last_attempt_time: Option<i64>,
        pub next_attempt_time: i64,
        /// Who has it in hand; empty for nobody.
        #[sea_orm(column_type = "Text")]
        pub claim: String,
        /// Until when, by the clock of the database.
        pub claim_expire_time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod traffic {
    //! How much each hospital called, by hour and process of the gateway.
    use sea_orm::entity::prelude::*;

    /// What one process counted of one hospital in one hour.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "traffic")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        /// Hours since 1970.
        #[sea_orm(primary_key, auto_increment = false)]
        pub hour: i64,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub reporter: String,
        pub calls: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod seen_hour {
    //! Hours in which some process of the gateway was there from the beginning to the end: of no hospital in particular.
    use sea_orm::entity::prelude::*;

    /// An hour.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "seen_hour")]
    pub struct Model {
        /// Hours since 1970.
        #[sea_orm(primary_key, auto_increment = false)]
        pub hour: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
