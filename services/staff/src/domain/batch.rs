//! Some lines of a large file, applied to what they concern of a department: so that memory grows with neither.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{
    StaffMember, identifier,
    import::{self, CellFlaw, Count, Department, FileKind, Outcome, Table},
    resource::Resource,
    spreadsheet::Line,
    surgeon::{plain, surgeon_key},
};

/// What is done with a line that is somebody known by name under another address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Duplicates {
    /// It is not written, and reported.
    #[default]
    Refuse,
    /// Somebody else of that name: written as such.
    Keep,
    /// The same person: what is known is changed, the address too.
    Merge,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Severity {
    /// The line cannot be written.
    Error,
    /// The line is written but for the cell.
    Warning,
    /// The line may be somebody who is known.
    Duplicate,
}

/// What was found in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// Where, what was found and what was expected.
    pub flaw: CellFlaw,
    /// Id of the resource that it may be; empty but for duplicates.
    pub known: String,
}

/// How a file is read.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What its lines are.
    pub kind: FileKind,
    /// Its name, for messages.
    pub file: String,
    /// The field of each column, if any.
    pub fields: Vec<Option<&'static str>>,
    /// What is done with lines that are somebody known.
    pub duplicates: Duplicates,
    /// Whether who started it may grant roles.
    pub may_grant: bool,
}

/// What was seen before in the file, as hashes, and who is known by name.
#[derive(Debug, Default)]
pub struct Memory {
    seen: HashSet<u64>,
    /// Second keys of what earlier lines made.
    seconds: HashSet<u64>,
    /// People by name without case and accents: the line that named them, or the id.
    names: HashMap<u64, Known>,
}

#[derive(Debug, Clone)]
enum Known {
    Line(u64),
    Id(String),
}

/// What came of some lines.
#[derive(Debug)]
pub struct Applied {
    /// The department as it would be, of what they concern.
    pub outcome: Outcome,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Lines that are not written.
    pub skipped: i32,
}

// === impl Plan ===

impl Plan {
    /// The cells of some lines by field; those that a spreadsheet would run are noted, and their lines left out.
    pub fn table(&self, lines: &[Line], flaws: &mut Vec<CellFlaw>) -> Table {
        let mut table = Table { name: self.file.clone(), lines: Vec::with_capacity(lines.len()) };
        for line in lines {
            let before = flaws.len();
            for column in &line.formulas {
                if let Some(field) = self.fields.get(*column).copied().flatten() {
                    let value = &line.cells[*column];
                    flaws.push(CellFlaw::at(&self.file, line.number, field, value, "a value, not a formula"));
                }
            }
            if line.cells.iter().skip(self.fields.len()).any(|cell| !cell.is_empty()) {
                let (found, expected) = (format!("{} cells", line.cells.len()), self.fields.len());
                let expected = format!("{expected} cells");
                flaws.push(CellFlaw::at(&self.file, line.number, "", &found, expected));
            }
            if flaws.len() > before {
                continue;
            }
            let cell = |place: usize| line.cells.get(place).cloned().unwrap_or_default();
            let fields = self.fields.iter().enumerate();
            let cells = fields.filter_map(|(place, field)| Some(((*field)?, cell(place)))).collect();
            table.lines.push((line.number, cells));
        }
        table
    }

    /// The keys by which the lines' resources may be known: the natural ones and the second ones.
    pub fn keys(&self, table: &Table) -> (Vec<String>, Vec<String>) {
        let (mut natural, mut second) = (vec![], vec![]);
        for (_, cells) in &table.lines {
            natural.push(key(self.kind, cells));
            second.extend(second_key(self.kind, cells));
        }
        (natural, second)
    }

    /// Applies lines to what they concern. Who is merged must be in `department`, by [`Memory::known`].
    pub fn apply(
        &self,
        mut table: Table,
        mut flaws: Vec<CellFlaw>,
        mut department: Department,
        memory: &mut Memory,
        new_id: &mut dyn FnMut() -> String,
    ) -> Applied {
        let mut findings = vec![];
        let known: HashSet<String> =
            department.staff_members.values().map(|person| person.natural_key("")).collect();
        let mut lines = std::mem::take(&mut table.lines);
        lines.retain(|(number, cells)| {
            let key = key(self.kind, cells);
            if !key.is_empty() && !memory.seen.insert(hash(&key)) {
                let (column, value) = self.column(cells);
                flaws.push(CellFlaw::at(&self.file, *number, column, value, import::DOUBLE));
                return false;
            }
            // Among lines judged together the reader of lines finds it.
            if second_key(self.kind, cells).is_some_and(|key| memory.seconds.contains(&hash(&key))) {
                let (column, expected) = match self.kind {
                    FileKind::StaffMembers => ("rpps", import::RPPS_TAKEN),
                    _ => ("external_name", import::EXTERNAL_NAME_TAKEN),
                };
                let value = cells.get(column).map_or("", String::as_str);
                flaws.push(CellFlaw::at(&self.file, *number, column, value, expected));
                return false;
            }
            self.kind != FileKind::StaffMembers
                || self.duplicates == Duplicates::Keep
                || known.contains(&key)
                || self.is_new(*number, cells, &mut department, memory, &mut flaws, &mut findings)
        });
        table.lines = lines;
        let before: BTreeMap<String, StaffMember> =
            if self.may_grant { BTreeMap::new() } else { department.staff_members.clone() };
        let mut outcome = Outcome::of(department);
        import::apply(self.kind, &table, &mut outcome, &mut flaws, new_id);
        if !self.may_grant {
            self.take_back_grants(&table, &before, &mut outcome, &mut flaws);
        }
        memory.take_note(self.kind, &table, &outcome.department);
        let mut bad: Vec<u64> = flaws.iter().map(|flaw| flaw.line).collect();
        bad.extend(findings.iter().filter(|_| self.duplicates == Duplicates::Refuse).map(line_of));
        bad.sort_unstable();
        bad.dedup();
        let error = |flaw| Finding { severity: Severity::Error, flaw, known: String::new() };
        findings.extend(flaws.into_iter().map(error));
        let warning = |flaw| Finding { severity: Severity::Warning, flaw, known: String::new() };
        findings.extend(std::mem::take(&mut outcome.warnings).into_iter().map(warning));
        findings.sort_by_key(line_of);
        Applied { outcome, findings, skipped: i32::try_from(bad.len()).unwrap_or(i32::MAX) }
    }

    /// The cell that names what a line is about.
    fn column<'a>(&self, cells: &'a BTreeMap<&'static str, String>) -> (&'static str, &'a str) {
        let column = match self.kind {
            FileKind::StaffMembers => "email",
            FileKind::Surgeons => "family_name",
            _ => "number",
        };
        (column, cells.get(column).map_or("", String::as_str))
    }

    /// Whether a person of an unknown address is nobody who is known by name, or is merged.
    fn is_new(
        &self,
        number: u64,
        cells: &BTreeMap<&'static str, String>,
        department: &mut Department,
        memory: &mut Memory,
        flaws: &mut Vec<CellFlaw>,
        findings: &mut Vec<Finding>,
    ) -> bool {
        let text = |field: &str| cells.get(field).map_or("", String::as_str);
        let name = hash(&name_key(text("family_name"), text("given_name")));
        let known = memory.names.get(&name).cloned();
        let (expected, id) = match known {
            None => {
                memory.names.insert(name, Known::Line(number));
                return true;
            }
            Some(Known::Line(line)) => (format!("somebody else than line {line}"), String::new()),
            Some(Known::Id(id)) => {
                if self.duplicates == Duplicates::Merge
                    && let Some(person) = department.staff_members.get_mut(&id)
                {
                    if person.is_administrator() && !self.may_grant {
                        let expected = "an address that who imports may change";
                        flaws.push(CellFlaw::at(&self.file, number, "email", text("email"), expected));
                        return false;
                    }
                    text("email").clone_into(&mut person.email);
                    memory.names.insert(name, Known::Line(number));
                    return true;
                }
                ("somebody who is not known under another address".to_owned(), id)
            }
        };
        let flaw = CellFlaw::at(&self.file, number, "family_name", text("family_name"), expected);
        findings.push(Finding { severity: Severity::Duplicate, flaw, known: id });
        if self.duplicates == Duplicates::Merge {
            // Two lines of one file are not merged: which of them is right is not ours to say.
            flaws.push(CellFlaw::at(&self.file, number, "email", text("email"), import::DOUBLE));
        }
        false
    }

    /// Roles are granted by few: a line that would is undone and noted.
    fn take_back_grants(
        &self,
        table: &Table,
        before: &BTreeMap<String, StaffMember>,
        outcome: &mut Outcome,
        flaws: &mut Vec<CellFlaw>,
    ) {
        let by_email: HashMap<String, u64> =
            table.lines.iter().map(|(number, cells)| (key(self.kind, cells), *number)).collect();
        let mut granted = vec![];
        for (id, person) in &outcome.department.staff_members {
            let is_granted = match before.get(id) {
                Some(old) => old.roles != person.roles,
                None => person.has_granted_roles(),
            };
            if is_granted {
                granted.push((id.clone(), person.natural_key("")));
            }
        }
        for (id, key) in granted {
            let count = outcome.counts.entry(self.kind).or_default();
            match before.get(&id) {
                Some(old) => {
                    outcome.department.staff_members.insert(id, old.clone());
                    count.updated -= 1;
                }
                None => {
                    outcome.department.staff_members.remove(&id);
                    count.created -= 1;
                }
            }
            let line = by_email.get(&key).copied().unwrap_or_default();
            let expected = "the roles that the profession brings, or to be imported by who grants roles";
            flaws.push(CellFlaw::at(&self.file, line, "roles", "", expected));
        }
    }
}

// === impl Memory ===

impl Memory {
    /// Somebody who is known.
    pub fn remember(&mut self, id: &str, person: &StaffMember) {
        let name = name_key(&person.family_name, &person.given_name);
        self.names.insert(hash(&name), Known::Id(id.to_owned()));
    }

    /// Ids of those who are known under the names of these lines.
    pub fn known(&self, table: &Table) -> Vec<String> {
        let text = |cells: &BTreeMap<&'static str, String>, field: &str| {
            cells.get(field).cloned().unwrap_or_default()
        };
        let known = |cells| {
            let name = name_key(&text(cells, "family_name"), &text(cells, "given_name"));
            match self.names.get(&hash(&name)) {
                Some(Known::Id(id)) => Some(id.clone()),
                _ => None,
            }
        };
        table.lines.iter().filter_map(|(_, cells)| known(cells)).collect()
    }

    /// Takes note of the second keys of what lines made.
    fn take_note(&mut self, kind: FileKind, table: &Table, department: &Department) {
        let lines: HashSet<String> = table.lines.iter().map(|(_, cells)| key(kind, cells)).collect();
        match kind {
            FileKind::StaffMembers => self.seconds.extend(seconds(&lines, &department.staff_members)),
            FileKind::Surgeons => self.seconds.extend(seconds(&lines, &department.surgeons)),
            _ => {}
        }
    }

    /// Takes note of lines that were written before, as if they had just been read. What they made is in the database.
    pub fn pass(&mut self, plan: &Plan, table: &Table) {
        for (number, cells) in &table.lines {
            let text = |field: &str| cells.get(field).map_or("", String::as_str);
            self.seen.insert(hash(&key(plan.kind, cells)));
            let name = hash(&name_key(text("family_name"), text("given_name")));
            if plan.kind == FileKind::StaffMembers {
                self.names.insert(name, Known::Line(*number));
            }
        }
    }
}

/// Adds the counts of some lines to those before.
pub fn add(total: &mut Count, some: Count) {
    total.created += some.created;
    total.updated += some.updated;
    total.unchanged += some.unchanged;
    total.merged += some.merged;
}

fn line_of(finding: &Finding) -> u64 {
    finding.flaw.line
}

fn key(kind: FileKind, cells: &BTreeMap<&'static str, String>) -> String {
    let text = |field: &str| cells.get(field).map_or("", String::as_str);
    match kind {
        FileKind::StaffMembers => text("email").to_lowercase(),
        FileKind::Surgeons => surgeon_key(text("family_name"), text("given_name")),
        _ => format!("{}/{}/{}", text("site"), text("sector"), text("id")),
    }
}

/// The other key of a line's resource, if the line has it.
fn second_key(kind: FileKind, cells: &BTreeMap<&'static str, String>) -> Option<String> {
    let text = |field: &str| cells.get(field).map_or("", String::as_str);
    let key = match kind {
        FileKind::StaffMembers => identifier::plain(text("rpps")),
        FileKind::Surgeons => text("external_name").trim().to_lowercase(),
        _ => return None,
    };
    Some(key).filter(|key| !key.is_empty())
}

/// The second keys of what lines made, by the lines' keys.
fn seconds<'a, T: Resource>(
    lines: &'a HashSet<String>,
    made: &'a BTreeMap<String, T>,
) -> impl Iterator<Item = u64> + 'a {
    let made = made.iter().filter(|(id, value)| lines.contains(&value.natural_key(id)));
    made.filter_map(|(_, value)| Some(hash(&value.second_key()?)))
}

fn name_key(family_name: &str, given_name: &str) -> String {
    format!("{}|{}", plain(family_name), plain(given_name))
}

/// 64 bits of a key: among 200,000 lines two are one by chance once in a billion files.
fn hash(text: &str) -> u64 {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(text.as_bytes());
    digest[..8].iter().fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(duplicates: Duplicates, may_grant: bool) -> Plan {
        let fields = ["email", "family_name", "given_name", "profession", "roles"];
        Plan {
            kind: FileKind::StaffMembers,
            file: "staff.csv".into(),
            fields: fields.map(Some).to_vec(),
            duplicates,
            may_grant,
        }
    }

    fn line(number: u64, cells: [&str; 5]) -> Line {
        Line { number, cells: cells.map(str::to_owned).to_vec(), formulas: vec![] }
    }

    fn known() -> (Department, Memory) {
        let anne = StaffMember {
            email: "anne@h.fr".into(),
            given_name: "Hélène".into(),
            family_name: "Roux".into(),
            profession: "MAR".into(),
            ..StaffMember::default()
        }
        .completed();
        let mut memory = Memory::default();
        memory.remember("a", &anne);
        (Department { staff_members: BTreeMap::from([("a".into(), anne)]), ..Department::default() }, memory)
    }

    fn applied(plan: &Plan, lines: &[Line]) -> Applied {
        let (department, mut memory) = known();
        let mut flaws = vec![];
        let table = plan.table(lines, &mut flaws);
        let mut next = 0;
        let mut new_id = || {
            next += 1;
            format!("n{next}")
        };
        plan.apply(table, flaws, department, &mut memory, &mut new_id)
    }

    fn found(applied: &Applied) -> Vec<(Severity, u64, String)> {
        let each = |finding: &Finding| (finding.severity, finding.flaw.line, finding.flaw.column.clone());
        applied.findings.iter().map(each).collect()
    }

    #[test]
    fn somebody_known_by_name_without_case_and_accents_is_proposed_for_merging() {
        let lines = [line(2, ["helene.roux@h.fr", "ROUX", "Helene", "MAR", ""])];
        let refused = applied(&plan(Duplicates::Refuse, true), &lines);
        assert_eq!(found(&refused), [(Severity::Duplicate, 2, "family_name".into())]);
        assert_eq!((refused.findings[0].known.as_str(), refused.skipped), ("a", 1));
        let kept = applied(&plan(Duplicates::Keep, true), &lines);
        assert_eq!((kept.outcome.department.staff_members.len(), kept.skipped), (2, 0));
        let merged = applied(&plan(Duplicates::Merge, true), &lines);
        let people = &merged.outcome.department.staff_members;
        assert_eq!((people.len(), people["a"].email.as_str()), (1, "helene.roux@h.fr"));
        assert_eq!(merged.outcome.counts[&FileKind::StaffMembers].updated, 1);
    }

    #[test]
    fn a_line_that_was_there_before_and_one_that_would_be_run_are_not_written() {
        let mut formula = line(4, ["c@h.fr", "=cmd", "C", "MAR", ""]);
        formula.formulas.push(1);
        let lines = [
            line(2, ["b@h.fr", "Blanc", "B", "MAR", ""]),
            line(3, ["B@h.fr", "Autre", "B", "MAR", ""]),
            formula,
        ];
        let outcome = applied(&plan(Duplicates::Refuse, true), &lines);
        assert_eq!(
            found(&outcome),
            [(Severity::Error, 3, "email".into()), (Severity::Error, 4, "family_name".into())]
        );
        assert_eq!((outcome.skipped, outcome.outcome.department.staff_members.len()), (2, 2));
    }

    #[test]
    fn a_number_that_lines_judged_before_have_is_nobody_elses() {
        let fields = ["email", "family_name", "given_name", "profession", "rpps"];
        let plan = Plan { fields: fields.map(Some).to_vec(), ..plan(Duplicates::Refuse, true) };
        let (department, mut memory) = known();
        let mut judged = |lines: &[Line]| {
            let mut flaws = vec![];
            let table = plan.table(lines, &mut flaws);
            let id = lines[0].number;
            found(&plan.apply(table, flaws, department.clone(), &mut memory, &mut || format!("n{id}")))
        };
        // The one who cannot be written keeps the number from nobody.
        let wrong = line(2, ["nobody", "Noir", "A", "MAR", "10000000009"]);
        assert_eq!(judged(&[wrong]), [(Severity::Error, 2, "email".into())]);
        assert_eq!(judged(&[line(3, ["b@h.fr", "Blanc", "B", "MAR", "1000 0000 009"])]), []);
        let twice = line(4, ["c@h.fr", "Vert", "C", "MAR", "10000000009"]);
        assert_eq!(judged(&[twice]), [(Severity::Error, 4, "rpps".into())]);
        // No number at all, so that everybody may have it.
        for number in 5..7 {
            let email = format!("p{number}@h.fr");
            let odd = line(number, [&email, &email, "P", "MAR", "10000000007"]);
            assert_eq!(judged(&[odd]), [(Severity::Warning, number, "rpps".into())]);
        }
    }

    #[test]
    fn who_may_not_grant_roles_imports_none() {
        let lines = [
            line(2, ["b@h.fr", "Blanc", "B", "MAR", "SUPER_ADMINISTRATOR"]),
            line(3, ["anne@h.fr", "Roux", "Hélène", "MAR", "SUPER_ADMINISTRATOR"]),
            line(4, ["d@h.fr", "Noir", "D", "IADE", ""]),
        ];
        let outcome = applied(&plan(Duplicates::Refuse, false), &lines);
        assert_eq!(
            found(&outcome),
            [(Severity::Error, 2, "roles".into()), (Severity::Error, 3, "roles".into())]
        );
        let people = &outcome.outcome.department.staff_members;
        assert!(people.len() == 2 && people.values().all(|person| !person.is_administrator()));
        assert_eq!(applied(&plan(Duplicates::Refuse, true), &lines).skipped, 0);
    }
}
