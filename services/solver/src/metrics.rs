//! What the solver counts.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// Searches ended, by who asked (`task`, `call`) and how they ended.
pub const SEARCHES_TOTAL: &str = "mathildanesth_solver_searches_total";
/// Questions about one roster answered, by what was asked.
pub const QUESTIONS_TOTAL: &str = "mathildanesth_solver_questions_total";
/// How long searches took.
pub const SEARCH_SECONDS: &str = "mathildanesth_solver_search_seconds";
/// Steps searched.
pub const STEPS_TOTAL: &str = "mathildanesth_solver_steps_total";
/// Threads that search.
pub const THREADS_BUSY: &str = "mathildanesth_solver_threads_busy";
/// Checkpoints saved with planning.
pub const CHECKPOINTS_TOTAL: &str = "mathildanesth_solver_checkpoints_total";

/// Describes all of them to the recorder.
pub fn describe() {
    describe_counter!(SEARCHES_TOTAL, "Searches ended, by who asked and how they ended");
    describe_counter!(QUESTIONS_TOTAL, "Questions about one roster answered, by what was asked");
    describe_histogram!(SEARCH_SECONDS, Unit::Seconds, "How long searches took");
    describe_counter!(STEPS_TOTAL, "Steps searched");
    describe_gauge!(THREADS_BUSY, "Threads that search");
    describe_counter!(CHECKPOINTS_TOTAL, "Checkpoints saved with planning");
}
