//! Reading a filter.

use chassis::{Problem, Violation};
use proto::error::v1::Reason;

use super::{Comparison, Filter, Node, Op};

/// The longest filter.
const LENGTH_MAX: usize = 2_000;

/// The deepest nesting of parentheses and NOTs.
const DEPTH_MAX: usize = 20;

/// Reads a filter; an empty text lets everything through.
///
/// # Errors
/// `INVALID_ARGUMENT / FILTER_INVALID` naming the place and what was expected there.
pub fn parse(text: &str, fields: &[&str]) -> Result<Filter, Problem> {
    let refuse =
        |text: String| Problem::invalid_as(Reason::FilterInvalid, vec![Violation::new("filter", text)]);
    if text.len() > LENGTH_MAX {
        return Err(refuse(format!("longer than {LENGTH_MAX} bytes")));
    }
    let tokens = tokens(text).map_err(refuse)?;
    if tokens.is_empty() {
        return Ok(Filter(None));
    }
    let mut parser = Parser { tokens: &tokens, position: 0, fields, depth: 0 };
    let node = parser.or().map_err(refuse)?;
    match parser.peek() {
        None => Ok(Filter(Some(node))),
        Some(token) => {
            Err(refuse(format!("expected AND, OR or the end, got `{}` at {}", token.text, token.at)))
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    text: String,
    kind: Kind,
    /// The character it begins at, from 1.
    at: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Quoted,
    Operator(Op),
    Open,
    Close,
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut index = 0;
    while let Some(&character) = characters.get(index) {
        let at = index + 1;
        let following = characters.get(index + 1) == Some(&'=');
        let (kind, length) = match character {
            _ if character.is_whitespace() => {
                index += 1;
                continue;
            }
            '(' => (Kind::Open, 1),
            ')' => (Kind::Close, 1),
            ':' => (Kind::Operator(Op::Has), 1),
            '=' => (Kind::Operator(Op::Equal), 1),
            '!' if following => (Kind::Operator(Op::NotEqual), 2),
            '<' if following => (Kind::Operator(Op::LessOrEqual), 2),
            '>' if following => (Kind::Operator(Op::GreaterOrEqual), 2),
            '<' => (Kind::Operator(Op::Less), 1),
            '>' => (Kind::Operator(Op::Greater), 1),
            '"' | '\'' => {
                let (text, length) =
                    quoted(&characters[index..]).ok_or(format!("the quote at {at} is not closed"))?;
                tokens.push(Token { text, kind: Kind::Quoted, at });
                index += length;
                continue;
            }
            _ if is_word(character) => {
                (Kind::Word, characters[index..].iter().take_while(|c| is_word(**c)).count())
            }
            _ => return Err(format!("unexpected `{character}` at {at}")),
        };
        tokens.push(Token { text: characters[index..index + length].iter().collect(), kind, at });
        index += length;
    }
    Ok(tokens)
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '/' | '*' | '@' | '+')
}

/// The text between quotes, and how many characters it takes with them; `\` keeps the next one as it is.
fn quoted(characters: &[char]) -> Option<(String, usize)> {
    let (quote, rest) = characters.split_first()?;
    let mut text = String::new();
    let mut is_escaped = false;
    for (index, character) in rest.iter().enumerate() {
        match character {
            _ if is_escaped => {
                text.push(*character);
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            character if character == quote => return Some((text, index + 2)),
            character => text.push(*character),
        }
    }
    None
}

struct Parser<'a> {
    tokens: &'a [Token],
    position: usize,
    fields: &'a [&'a str],
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.position)
    }

    fn is_next(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.kind == Kind::Word && token.text == word)
    }

    fn step_over(&mut self, word: &str) -> bool {
        let is_next = self.is_next(word);
        self.position += usize::from(is_next);
        is_next
    }

    fn or(&mut self) -> Result<Node, String> {
        let mut nodes = vec![self.and()?];
        while self.step_over("OR") {
            nodes.push(self.and()?);
        }
        Ok(single(nodes, Node::Or))
    }

    fn and(&mut self) -> Result<Node, String> {
        let mut nodes = vec![self.not()?];
        while self.step_over("AND") {
            nodes.push(self.not()?);
        }
        Ok(single(nodes, Node::And))
    }

    fn not(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("nested deeper than {DEPTH_MAX}"));
        }
        let node = if self.step_over("NOT") {
            Node::Not(Box::new(self.not()?))
        } else if self.peek().is_some_and(|token| token.kind == Kind::Open) {
            self.position += 1;
            let node = self.or()?;
            match self.peek() {
                Some(token) if token.kind == Kind::Close => self.position += 1,
                other => return Err(expected("`)`", other)),
            }
            node
        } else {
            Node::Is(self.comparison()?)
        };
        self.depth -= 1;
        Ok(node)
    }

    fn comparison(&mut self) -> Result<Comparison, String> {
        let field = match self.peek() {
            Some(token) if token.kind == Kind::Word && self.fields.contains(&token.text.as_str()) => {
                token.text.clone()
            }
            other => return Err(expected(&format!("a field (any of {})", self.fields.join(", ")), other)),
        };
        self.position += 1;
        let op = match self.peek().map(|token| token.kind) {
            Some(Kind::Operator(op)) => op,
            _ => return Err(expected("a comparison", self.peek())),
        };
        self.position += 1;
        let value = match self.peek() {
            Some(token) if matches!(token.kind, Kind::Word | Kind::Quoted) => token.text.clone(),
            other => return Err(expected("a value", other)),
        };
        self.position += 1;
        Ok(Comparison { field, op, value })
    }
}

fn single(mut nodes: Vec<Node>, several: impl FnOnce(Vec<Node>) -> Node) -> Node {
    match nodes.pop() {
        Some(only) if nodes.is_empty() => only,
        last => {
            nodes.extend(last);
            several(nodes)
        }
    }
}

fn expected(what: &str, got: Option<&Token>) -> String {
    match got {
        Some(token) => format!("expected {what}, got `{}` at {}", token.text, token.at),
        None => format!("expected {what}, got the end"),
    }
}
