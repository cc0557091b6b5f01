//! Planning's metrics. Labels come from closed sets.

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use crate::store::operations::Operation;

const GENERATIONS: &str = "mathildanesth_planning_generations_total";
const ENDED: &str = "mathildanesth_planning_generations_ended_total";
const SECONDS: &str = "mathildanesth_planning_generation_seconds";
const BACKLOG: &str = "mathildanesth_planning_generation_tasks";
const MENDED: &str = "mathildanesth_planning_generations_mended_total";
const PUBLICATIONS: &str = "mathildanesth_planning_publications_total";
const CERTIFICATES_REFUSED: &str = "mathildanesth_planning_certificates_refused_total";
const BOARDS_ASKED: &str = "mathildanesth_planning_boards_asked_total";
const BOARDS_READ: &str = "mathildanesth_planning_boards_read_total";
const SWAPS: &str = "mathildanesth_planning_swaps_ended_total";
const REPLACEMENTS: &str = "mathildanesth_planning_replacements_ended_total";

/// Says what each means; once a process.
pub fn describe() {
    describe_counter!(GENERATIONS, "Generations asked for.");
    describe_counter!(ENDED, "Generations that ended, by outcome.");
    describe_histogram!(SECONDS, "From the request of a generation to its end.");
    describe_gauge!(
        BACKLOG,
        "Tasks that wait or run, of all hospitals; every instance reports the same number."
    );
    describe_counter!(MENDED, "Generations found in a state that would have lasted for ever, by kind.");
    describe_counter!(PUBLICATIONS, "Plans published.");
    describe_counter!(CERTIFICATES_REFUSED, "Publications refused for what the judge let pass.");
    describe_counter!(SWAPS, "Swaps that ended, by their last state.");
    describe_counter!(REPLACEMENTS, "Posts to replace that were settled, by their last state.");
    describe_counter!(BOARDS_ASKED, "Plans asked for with all they are judged by.");
    describe_counter!(
        BOARDS_READ,
        "Plans read with all they are judged by: once for those who ask together."
    );
}

pub fn generation_asked() {
    counter!(GENERATIONS).increment(1);
}

pub fn generation_ended(operation: &Operation, now: i64) {
    let outcome = match operation.error_reason.as_str() {
        "" => "proposed",
        "CANCELLED" => "cancelled",
        _ => "failed",
    };
    counter!(ENDED, "outcome" => outcome).increment(1);
    histogram!(SECONDS).record((now - operation.create_time).max(0) as f64 / 1e6);
}

pub fn backlog(count: u64) {
    gauge!(BACKLOG).set(count as f64);
}

pub fn generation_mended(kind: &'static str) {
    counter!(MENDED, "kind" => kind).increment(1);
}

pub fn plan_published() {
    counter!(PUBLICATIONS).increment(1);
}

pub fn certificate_refused() {
    counter!(CERTIFICATES_REFUSED).increment(1);
}

pub fn board_asked() {
    counter!(BOARDS_ASKED).increment(1);
}

pub fn board_read() {
    counter!(BOARDS_READ).increment(1);
}

pub fn swap_ended(state: &'static str) {
    counter!(SWAPS, "state" => state).increment(1);
}

pub fn replacement_ended(state: &'static str) {
    counter!(REPLACEMENTS, "state" => state).increment(1);
}
