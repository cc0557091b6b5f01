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
