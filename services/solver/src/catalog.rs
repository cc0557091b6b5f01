//! The catalog of rules, page by page.

use chassis::{Problem, Violation};
use proto::error::v1::Reason;
use proto::solver::v1 as pb;
use roster::rules::{Rule, catalogue};

const PAGE_SIZE_DEFAULT: usize = 50;
const PAGE_SIZE_MAX: usize = 1_000;

/// A page of the catalog, the most important level first. Its token is the code of the last rule told.
///
/// # Errors
/// When the token is not one of ours.
pub fn page(request: &pb::ListRulesRequest) -> Result<pb::ListRulesResponse, Problem> {
    let mut rules: Vec<&Rule> = catalogue().iter().collect();
    rules.sort_by_key(|rule| rule.level);
    let first = match request.page_token.as_str() {
        "" => 0,
        token => {
            let last = rules.iter().position(|rule| rule.code == token);
            1 + last.ok_or_else(|| {
                let violation =
                    Violation::new("page_token", "expected the next_page_token of the page before");
                Problem::invalid_as(Reason::PageTokenInvalid, vec![violation])
            })?
        }
    };
    let size = match usize::try_from(request.page_size) {
        Ok(0) => PAGE_SIZE_DEFAULT,
        Ok(size) => size.min(PAGE_SIZE_MAX),
        Err(_) => {
            let violation = Violation::new("page_size", "expected 0 or more");
            return Err(Problem::invalid(vec![violation]));
        }
    };
    let page = &rules[first..rules.len().min(first + size)];
    let is_last = first + page.len() == rules.len();
    let next_page_token =
        page.last().filter(|_| !is_last).map(|rule| rule.code.to_owned()).unwrap_or_default();
    Ok(pb::ListRulesResponse { rules: page.iter().map(|rule| told(rule)).collect(), next_page_token })
}

fn told(rule: &Rule) -> pb::Rule {
    pb::Rule {
        id: rule.code.to_owned(),
        level: rule.level as u32,
        weight: rule.default_weight,
        description: rule.title_en.to_owned(),
        source: rule.source.to_owned(),
    }
}
