//! Where in a message something is, written out only when it must be told.

use std::fmt;

use crate::Violation;

/// A field's path from the root of a message.
#[derive(Clone, Copy)]
pub struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    name: &'static str,
    position: Option<usize>,
}

impl Path<'static> {
    /// A field of the message itself.
    pub const fn root(name: &'static str) -> Self {
        Self { parent: None, name, position: None }
    }

    /// An item of a list of the message itself.
    pub fn root_item(name: &'static str, position: usize) -> Self {
        Self { parent: None, name, position: Some(position) }
    }
}

impl<'p> Path<'p> {
    /// A field in here.
    pub fn field(&'p self, name: &'static str) -> Path<'p> {
        Path { parent: Some(self), name, position: None }
    }

    /// An item of a list in here.
    pub fn item(&'p self, name: &'static str, position: usize) -> Path<'p> {
        Path { parent: Some(self), name, position: Some(position) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{parent}.")?;
        }
        match self.position {
            Some(position) => write!(f, "{}[{position}]", self.name),
            None => f.write_str(self.name),
        }
    }
}

/// Reads values of the contract and collects what is wrong with them.
#[derive(Default)]
pub struct Reader {
    /// What was wrong so far.
    pub violations: Vec<Violation>,
}

impl Reader {
    /// Something is wrong here.
    pub fn refuse(&mut self, at: &Path<'_>, description: impl Into<String>) {
        self.violations.push(Violation { field: at.to_string(), description: description.into() });
    }

    /// A value that must be there.
    pub fn some<T>(&mut self, at: &Path<'_>, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.refuse(at, "is required");
        }
        value
    }

    /// An index, in its own type.
    pub fn index<I: Default>(&mut self, at: &Path<'_>, value: u32, of: fn(usize) -> Option<I>) -> I {
        of(value as usize).unwrap_or_else(|| {
            self.refuse(at, format!("{value} is beyond any index"));
            I::default()
        })
    }

    /// A list of indices.
    pub fn indices<I: Default>(
        &mut self,
        at: &Path<'_>,
        name: &'static str,
        values: &[u32],
        of: fn(usize) -> Option<I>,
    ) -> Vec<I> {
        let indices = values.iter().enumerate();
        indices.map(|(position, value)| self.index(&at.item(name, position), *value, of)).collect()
    }

    /// A figure, in the smaller type the judge reads.
    pub fn figure<T: TryFrom<u32> + Default>(&mut self, at: &Path<'_>, value: u32) -> T {
        T::try_from(value).unwrap_or_else(|_| {
            self.refuse(at, format!("{value} is too large"));
            T::default()
        })
    }

    /// A value named by a code or a number the contract knows.
    pub fn known<T>(&mut self, at: &Path<'_>, value: Option<T>, expected: &str) -> Option<T> {
        if value.is_none() {
            self.refuse(at, format!("expected {expected}"));
        }
        value
    }
}
