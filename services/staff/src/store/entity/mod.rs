//! The rows. Times are microseconds since 1970, hashes and keys are hexadecimal.

pub mod account {
    //! How a person proves to be that person.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub staff_member: String,
        /// PHC string of argon2id.
        #[sea_orm(column_type = "Text")]
        pub password_hash: String,
        /// Set while the password is temporary.
        pub temporary_until: Option<i64>,
        pub update_time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod attempt {
    //! Wrong passwords in a row, by the hash of the address: addresses nobody has are remembered alike.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "attempt")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub login: String,
        pub failure_count: i32,
        pub locked_until: Option<i64>,
        pub time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod hospital {
    //! The tenants.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "hospital")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub id: String,
        #[sea_orm(column_type = "Text")]
        pub display_name: String,
        #[sea_orm(column_type = "Text")]
        pub time_zone: String,
        pub create_time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod import {
    //! Files on their way in.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "import")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub id: String,
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        #[sea_orm(column_type = "Text")]
        pub file_name: String,
        pub byte_count: i64,
        pub received_count: i64,
        #[sea_orm(column_type = "Text")]
        pub state: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub look: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub settings: Option<String>,
        /// How often it was started.
        pub run: i32,
        /// How often the run was tried since it got on.
        pub attempt: i32,
        #[sea_orm(column_type = "Text")]
        pub progress: String,
        /// A run goes on behind this line.
        pub written_line: i64,
        #[sea_orm(column_type = "Text", nullable)]
        pub failure: Option<String>,
        pub cancel_requested: bool,
        pub version: i64,
        pub create_time: i64,
        pub update_time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod import_chunk {
    //! Parts of files, by where they begin.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "import_chunk")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub import: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub offset: i64,
        #[sea_orm(column_type = "Blob")]
        pub content: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod import_finding {
    //! What was found in lines.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "import_finding")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub import: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        #[sea_orm(column_type = "Text")]
        pub severity: String,
        pub line: i64,
        #[sea_orm(column_type = "Text")]
        pub field: String,
        #[sea_orm(column_type = "Text")]
        pub value: String,
        #[sea_orm(column_type = "Text")]
        pub expected: String,
        /// Id of whom a duplicate may be.
        #[sea_orm(column_type = "Text")]
        pub known: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod milestone {
    //! What was told once because a date came near.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "milestone")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub key: String,
        pub time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod resource {
    //! Every resource of a department: its keys as columns, the value itself as JSON.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "resource")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub id: String,
        #[sea_orm(column_type = "Text")]
        pub natural_key: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub second_key: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub value: String,
        pub version: i64,
        pub create_time: i64,
        pub update_time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod session {
    //! Sign-ins and their chains of refresh tokens.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub hospital: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub id: String,
        #[sea_orm(column_type = "Text")]
        pub staff_member: String,
        #[sea_orm(column_type = "Text")]
        pub user_agent: String,
        /// Hash of the request that made it, if it had an id.
        #[sea_orm(column_type = "Text", nullable)]
        pub create_request: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub seed: String,
        pub generation: i64,
        #[sea_orm(column_type = "Text")]
        pub current_hash: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub rotate_request: Option<String>,
        pub version: i64,
        pub create_time: i64,
        pub rotate_time: i64,
        pub expire_time: i64,
        /// Set once it was ended before its time.
        pub end_time: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod signing_key {
    //! Keys that sign access tokens.
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "signing_key")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub id: String,
        #[sea_orm(column_type = "Text")]
        pub secret: String,
        #[sea_orm(column_type = "Text")]
        pub public_key: String,
        pub create_time: i64,
        pub sign_until: i64,
        pub expire_time: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
