//! The rows of durable's own tables.

pub(crate) mod outbox {
    use sea_orm::entity::prelude::*;

    /// An event that waits for the relay, or was relayed.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text")]
        pub event_id: String,
        #[sea_orm(column_type = "Text")]
        pub topic: String,
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub hospital: String,
        #[sea_orm(column_type = "Text")]
        pub subject: String,
        pub time: i64,
        #[sea_orm(column_type = "Text")]
        pub traceparent: String,
        #[sea_orm(column_type = "Blob")]
        pub payload: Vec<u8>,
        pub relayed_time: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod inbox {
    use sea_orm::entity::prelude::*;

    /// An event that a consumer has applied.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "inbox")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub consumer: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub event_id: String,
        pub time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod delivery {
    use sea_orm::entity::prelude::*;

    /// How often a consumer has begun to apply an event that it has not applied yet.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "delivery")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub consumer: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub event_id: String,
        pub attempts: i32,
        /// When it last began, by the clock of the database.
        pub time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod dead_letter {
    use sea_orm::entity::prelude::*;

    /// An event that a consumer could not apply, kept for a person to look at.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "dead_letter")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub consumer: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub event_id: String,
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub hospital: String,
        #[sea_orm(column_type = "Blob")]
        pub envelope: Vec<u8>,
        #[sea_orm(column_type = "Text")]
        pub error: String,
        pub time: i64,
        /// How often it was tried; 0: not counted when it was put aside.
        pub attempts: i32,
        /// Since when somebody wants it to be tried again.
        pub redrive_time: Option<i64>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod request {
    use sea_orm::entity::prelude::*;

    /// The first response to a request id.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "request")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub scope: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub method: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub request_id: String,
        #[sea_orm(column_type = "Text")]
        pub fingerprint: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub response: Option<String>,
        pub time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod lease {
    use sea_orm::entity::prelude::*;

    /// Who runs a job, and until when.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "lease")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub holder: String,
        pub token: i64,
        pub expire_time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod setting {
    use sea_orm::entity::prelude::*;

    /// A small fact that must survive: which memory of the bus the relay has filled.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "setting")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub name: String,
        #[sea_orm(column_type = "Text")]
        pub value: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod window {
    use sea_orm::entity::prelude::*;

    /// A window in which this service only answers questions; one that ends when it begins closes nothing.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "read_only_window")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub notice: String,
        pub version: i64,
        pub start_time: i64,
        pub end_time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod access_policy {
    use sea_orm::entity::prelude::*;

    /// What a hospital says about who may do what.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "access_policy")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        pub version: i64,
        /// As JSON.
        #[sea_orm(column_type = "Text")]
        pub rules: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod audit_entry {
    use sea_orm::entity::prelude::*;

    /// One line of an audit log. Times are microseconds, hashes hexadecimal.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_entry")]
    pub struct Model {
        /// Id of the hospital.
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        /// The line's number, from 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i64,
        /// When.
        pub time: i64,
        /// Who.
        #[sea_orm(column_type = "Text")]
        pub actor: String,
        /// Id of the call.
        #[sea_orm(column_type = "Text")]
        pub call: String,
        /// What was done.
        #[sea_orm(column_type = "Text")]
        pub action: String,
        /// To what.
        #[sea_orm(column_type = "Text")]
        pub resource: String,
        /// The fields that changed, as JSON.
        #[sea_orm(column_type = "Text")]
        pub fields: String,
        /// Hash of the line before.
        #[sea_orm(column_type = "Text")]
        pub previous_hash: String,
        /// Hash of this line.
        #[sea_orm(column_type = "Text")]
        pub hash: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod audit_head {
    use sea_orm::entity::prelude::*;

    /// Where a hospital's audit log ends.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_head")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        pub sequence: i64,
        #[sea_orm(column_type = "Text")]
        pub hash: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
