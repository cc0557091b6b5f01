//! Filters of lists: a subset of AIP-160.
//!
//! `state = PENDING AND (first_date >= "2026-12-01" OR NOT leave_type = CP)`. Comparisons `= != < <= > >=` and
//! `:` (has: contains, ignoring case). `AND` binds tighter than `OR`, as in most languages; AIP-160 has it the
//! other way round, so write parentheses where both occur. Fields come from a list each method allows.

mod parse;

use sea_orm::{
    ColumnTrait, ColumnType, Condition, IntoSimpleExpr,
    sea_query::{BinOper, Expr, ExprTrait, Func, LikeExpr, SimpleExpr},
};

pub use parse::parse;

/// A filter: nothing, or a tree of comparisons.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter(Option<Node>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Is(Comparison),
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// An allowed field.
    pub field: String,
    /// How.
    pub op: Op,
    /// With what, as written, without quotes.
    pub value: String,
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `:`
    Has,
}

// === impl Filter ===

impl Filter {
    /// Whether the filter lets everything through.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The comparisons, in the order they were written.
    pub fn comparisons(&self) -> Vec<&Comparison> {
        let mut found = Vec::new();
        if let Some(node) = &self.0 {
            node.collect(&mut found);
        }
        found
    }

    /// Changes the value of each comparison, given its field: names to ids, words to codes.
    pub fn map_values(&mut self, change: impl Fn(&str, &str) -> String) {
        if let Some(node) = &mut self.0 {
            node.map_values(&change);
        }
    }

    /// The filter as a condition; `column` maps the allowed fields. A value that cannot be of the column's type
    /// (`"soon"` for a number) equals nothing.
    pub fn condition<C: ColumnTrait>(&self, column: impl Fn(&str) -> C) -> Condition {
        match &self.0 {
            None => Condition::all(),
            Some(node) => node.condition(&column),
        }
    }

    /// Judges a row in memory; `compare` says whether one comparison holds.
    pub fn matches(&self, compare: impl Fn(&Comparison) -> bool) -> bool {
        self.0.as_ref().is_none_or(|node| node.matches(&compare))
    }
}

// === impl Node ===

impl Node {
    fn collect<'a>(&'a self, found: &mut Vec<&'a Comparison>) {
        match self {
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().for_each(|node| node.collect(found)),
            Self::Not(node) => node.collect(found),
            Self::Is(comparison) => found.push(comparison),
        }
    }

    fn map_values(&mut self, change: &impl Fn(&str, &str) -> String) {
        match self {
            Self::And(nodes) | Self::Or(nodes) => nodes.iter_mut().for_each(|node| node.map_values(change)),
            Self::Not(node) => node.map_values(change),
            Self::Is(comparison) => comparison.value = change(&comparison.field, &comparison.value),
        }
    }

    fn matches(&self, compare: &impl Fn(&Comparison) -> bool) -> bool {
        match self {
            Self::And(nodes) => nodes.iter().all(|node| node.matches(compare)),
            Self::Or(nodes) => nodes.iter().any(|node| node.matches(compare)),
            Self::Not(node) => !node.matches(compare),
            Self::Is(comparison) => compare(comparison),
        }
    }

    fn condition<C: ColumnTrait>(&self, column: &impl Fn(&str) -> C) -> Condition {
        match self {
            Self::And(nodes) => {
                nodes.iter().fold(Condition::all(), |all, node| all.add(node.condition(column)))
            }
            Self::Or(nodes) => {
                nodes.iter().fold(Condition::any(), |any, node| any.add(node.condition(column)))
            }
            Self::Not(node) => node.condition(column).not(),
            Self::Is(comparison) => Condition::all().add(comparison.expression(column(&comparison.field))),
        }
    }
}

// === impl Comparison ===

impl Comparison {
    fn expression<C: ColumnTrait>(&self, column: C) -> SimpleExpr {
        if self.op == Op::Has {
            let text = column.into_simple_expr().cast_as("text");
            return Expr::expr(Func::lower(text)).like(contains(&self.value));
        }
        let value = match column.def().get_column_type() {
            ColumnType::Boolean => self.value.parse::<bool>().ok().map(Expr::value),
            ColumnType::TinyInteger
            | ColumnType::SmallInteger
            | ColumnType::Integer
            | ColumnType::BigInteger => self.value.parse::<i64>().ok().map(Expr::value),
            ColumnType::Float | ColumnType::Double => self.value.parse::<f64>().ok().map(Expr::value),
            _ => Some(Expr::value(self.value.clone())),
        };
        match value {
            Some(value) => column.into_simple_expr().binary(self.op.sql(), value),
            None => Expr::value(self.op == Op::NotEqual),
        }
    }
}

fn contains(value: &str) -> LikeExpr {
    let mut pattern = "%".to_owned();
    for character in value.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('\\')
}

// === impl Op ===

impl Op {
    fn sql(self) -> BinOper {
        match self {
            Self::Equal => BinOper::Equal,
            Self::NotEqual => BinOper::NotEqual,
            Self::Less => BinOper::SmallerThan,
            Self::LessOrEqual => BinOper::SmallerThanOrEqual,
            Self::Greater => BinOper::GreaterThan,
            Self::GreaterOrEqual => BinOper::GreaterThanOrEqual,
            Self::Has => BinOper::Like,
        }
    }
}

#[cfg(test)]
mod tests;
