//! A synthetic department with the shape of a real one: 16 MAR of which 6 half-timers, 9 IADE, 3 secretaries,
//! 68 surgeons in 20 specialties, 2 sites, 7 sectors, 34 rooms. The same seed makes the same files.
//!
//! Nobody here exists: families are named after trees and rivers, and addresses end in `.example`.

pub use places::{MAIN, SECOND};

mod people;
mod places;
mod trame;

use proto::staff::v1::{ImportFile, import_file::Kind};
use rand::{SeedableRng, rngs::StdRng};

use chassis::BoxError;

/// The files a hospital would send us.
pub struct Department {
    /// For `ImportDepartment`.
    pub files: Vec<ImportFile>,
    /// The surgeon trame, for `ImportTemplate`.
    pub trame: Vec<u8>,
    /// School holidays of the zone, for `ImportSchoolHolidays`.
    pub school_holidays: Vec<u8>,
}

/// What was mistyped in the files that were sent first: file, line, column, and what it said.
const MISTAKES: [(&str, usize, &str, &str); 3] = [
    ("rooms.csv", 4, "is_hidden", "peut-être"),
    ("contracts.csv", 12, "percentage", "150"),
    ("surgeons.csv", 9, "sites", "annexe"),
];

impl Department {
    /// The department of this seed.
    ///
    /// # Errors
    /// When a line cannot be written, which no seed does.
    pub fn synthetic(seed: u64) -> Result<Self, BoxError> {
        let mut rng = StdRng::seed_from_u64(seed);
        let surgeons = people::surgeons(&mut rng);
        let files = vec![
            file(Kind::Sites, "sites.csv", places::sites()?),
            file(Kind::Sectors, "sectors.csv", places::sectors()?),
            file(Kind::Rooms, "rooms.csv", places::rooms()?),
            file(Kind::Specialties, "specialties.csv", people::specialties()?),
            file(Kind::StaffMembers, "staff_members.csv", people::staff_members(&mut rng)?),
            file(Kind::Contracts, "contracts.csv", people::contracts()?),
            file(Kind::Surgeons, "surgeons.csv", people::surgeon_lines(&surgeons)?),
        ];
        let trame = trame::lines(&surgeons, &mut rng)?;
        Ok(Self { files, trame, school_holidays: places::school_holidays()? })
    }

    /// The same files with what was mistyped when they were sent first.
    ///
    /// # Errors
    /// When a file cannot be read, which ours always can.
    pub fn as_first_sent(&self) -> Result<Vec<ImportFile>, BoxError> {
        self.files.iter().map(mistyped).collect()
    }

    /// Writes the files into a folder, for people who want to look at them or change them.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &std::path::Path) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        for file in &self.files {
            std::fs::write(folder.join(&file.file_name), &file.content)?;
        }
        std::fs::write(folder.join("trame.csv"), &self.trame)?;
        std::fs::write(folder.join("school_holidays.csv"), &self.school_holidays)
    }
}

fn file(kind: Kind, name: &str, content: Vec<u8>) -> ImportFile {
    ImportFile { kind: kind.into(), file_name: name.to_owned(), content }
}

fn mistyped(file: &ImportFile) -> Result<ImportFile, BoxError> {
    let mut reader = csv::Reader::from_reader(file.content.as_slice());
    let header = reader.headers()?.clone();
    let mut writer = csv::Writer::from_writer(vec![]);
    writer.write_record(&header)?;
    for (line, record) in (2..).zip(reader.records()) {
        let record = record?;
        let cells = header.iter().zip(&record).map(|(column, cell)| {
            let place = (file.file_name.as_str(), line, column);
            MISTAKES
                .iter()
                .find(|(name, line, column, _)| (*name, *line, *column) == place)
                .map_or(cell, |m| m.3)
        });
        writer.write_record(cells)?;
    }
    Ok(ImportFile { content: writer.into_inner()?, ..file.clone() })
}

/// Lines of text cells under a header.
fn table<const N: usize>(
    header: [&str; N],
    lines: impl IntoIterator<Item = [String; N]>,
) -> Result<Vec<u8>, BoxError> {
    let mut writer = csv::Writer::from_writer(vec![]);
    writer.write_record(header)?;
    for line in lines {
        writer.write_record(line)?;
    }
    Ok(writer.into_inner()?)
}
