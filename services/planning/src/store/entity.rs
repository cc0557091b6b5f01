//! The rows of planning's tables. Texts that name nothing are empty, never null.

/// Declares the rows of one table; `key` columns lead and make the primary key.
macro_rules! table {
    ($module:ident, $table:literal, key { $($key:ident: $key_type:ty),* $(,)? } $($field:ident: $type:ty),* $(,)?) => {
        pub mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                $(#[sea_orm(primary_key, auto_increment = false)] pub $key: $key_type,)*
                $(pub $field: $type,)*
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

table!(plan, "plan", key { hospital: String, id: String }
    display_name: String,
    first_date: String,
    last_date: String,
    sites: String,
    state: String,
    version: i64,
    head: i64,
    frame: i64,
    revision: i32,
    published_head: i64,
    publish_time: i64,
    analysis_levels: String,
    analysis_hard_count: i32,
    analysis_hole_count: i32,
    analysis_head: i64,
    analysis_absences: String,
    analysis_outdated: bool,
    analysis_time: i64,
    shift_count: i32,
    create_time: i64,
    update_time: i64,
);

table!(shift, "shift", key { hospital: String, id: String }
    plan: String,
    slot_key: String,
    kind: String,
    date: String,
    part: String,
    site: String,
    sector: String,
    room: String,
    surgeon: String,
    specialty: String,
    is_pediatric: bool,
    ordinal: i32,
    template: String,
    sort_key: String,
);

table!(assignment, "assignment", key { hospital: String, id: String }
    plan: String,
    shift: String,
    post: String,
    staff_member: String,
    is_pinned: bool,
    origin: String,
    kind: String,
    date: String,
    part: String,
    site: String,
    sector: String,
    room: String,
    version: i64,
    create_time: i64,
    sort_key: String,
);

table!(published_duty, "published_duty", key { hospital: String, id: String }
    plan: String,
    revision: i32,
    shift: String,
    post: String,
    staff_member: String,
    kind: String,
    date: String,
    part: String,
    site: String,
    sector: String,
    room: String,
    room_number: String,
    is_pinned: bool,
    origin: String,
    publish_time: i64,
    create_time: i64,
    sort_key: String,
);

table!(template, "template", key { hospital: String, id: String }
    display_name: String,
    pattern: String,
    slot_count: i32,
    version: i64,
    create_time: i64,
);

table!(proposal, "proposal", key { hospital: String, id: String }
    plan: String,
    operation: String,
    levels: String,
    hole_count: i32,
    hard_count: i32,
    plan_frame: i64,
    absences: String,
    cancelled: bool,
    seed: i64,
    steps: i64,
    elapsed_ms: i64,
    entries: String,
    create_time: i64,
);

table!(revision, "revision", key { hospital: String, plan: String, number: i32 }
    levels: String,
    assignment_count: i32,
    hole_count: i32,
    publisher: String,
    rules_version: String,
    content: String,
    create_time: i64,
    certificate_hash: String,
);

table!(certificate, "certificate", key { hospital: String, plan: String, number: i32 }
    format: String,
    hash: String,
    verdict: String,
    fact_count: i32,
    content: Vec<u8>,
    facts: Vec<u8>,
    create_time: i64,
);

table!(ledger, "ledger", key { hospital: String, id: String }
    staff_member: String,
    counter: String,
    date: String,
    quantity: i64,
    plan: String,
    revision: i32,
    shift: String,
    create_time: i64,
    source: String,
    justification: String,
    author: String,
);

table!(wish, "wish", key { hospital: String, id: String }
    staff_member: String,
    kind: String,
    date: String,
    part: String,
    rank: String,
    state: String,
    comment: String,
    decision_comment: String,
    decider: String,
    decide_time: i64,
    place: String,
    sort_key: String,
    version: i64,
    create_time: i64,
);

table!(rule_set, "rule_set", key { hospital: String, id: String }
    content: String,
    version: i64,
    update_time: i64,
);

table!(calendar_feed, "calendar_feed", key { hospital: String, staff_member: String }
    token_hash: String,
    create_time: i64,
);

table!(operation, "operation", key { hospital: String, id: String }
    plan: String,
    running_key: String,
    phase: String,
    progress_percent: i32,
    best_levels: String,
    steps: i64,
    attempt: i32,
    requester: String,
    cancel_requested: bool,
    done: bool,
    error_reason: String,
    error_message: String,
    proposal: String,
    version: i64,
    create_time: i64,
    end_time: i64,
    bound: String,
    open_parts: i32,
);

table!(task, "task", key { hospital: String, id: String }
    operation: String,
    plan: String,
    state: String,
    attempt: i32,
    worker: String,
    lease_expire_time: i64,
    seed: i64,
    step_limit: i64,
    time_limit_ms: i64,
    problem: Vec<u8>,
    checkpoint: Vec<u8>,
    who: String,
    plan_frame: i64,
    absences: String,
    create_time: i64,
    parent: String,
    part: i32,
    round: i32,
    found: Vec<u8>,
    percent: i32,
    round_percent: i32,
    steps: i64,
    spent_steps: i64,
    spent_ms: i64,
    divide_time: i64,
);

table!(swap, "swap", key { hospital: String, id: String }
    plan: String,
    offered: String,
    wanted: String,
    offered_item: String,
    wanted_item: String,
    date: String,
    proposer: String,
    counterpart: String,
    profession: String,
    is_give_away: bool,
    state: String,
    open_key: String,
    findings: String,
    needs_approval: bool,
    revision: i32,
    expire_time: i64,
    version: i64,
    create_time: i64,
    update_time: i64,
);

table!(exchange_policy, "exchange_policy", key { hospital: String }
    content: String,
    version: i64,
    update_time: i64,
);

table!(unplanned_absence, "unplanned_absence", key { hospital: String, id: String }
    staff_member: String,
    first_date: String,
    first_part: String,
    last_date: String,
    last_part: String,
    is_withdrawn: bool,
    create_time: i64,
);

table!(replacement, "replacement", key { hospital: String, id: String }
    plan: String,
    item: String,
    date: String,
    kind: String,
    absent: String,
    origin: String,
    state: String,
    open_key: String,
    staff_member: String,
    revision: i32,
    due_time: i64,
    deadline_time: i64,
    version: i64,
    create_time: i64,
    end_time: i64,
);

table!(replacement_offer, "replacement_offer", key { hospital: String, replacement: String, staff_member: String }
    answer: String,
    token_hash: String,
    offer_time: i64,
    expire_time: i64,
    answer_time: i64,
);
