//! Who works there.

use chassis::BoxError;
use rand::{rngs::StdRng, seq::SliceRandom};

use super::{
    places::{MAIN, SECOND},
    table,
};

/// How a MAR works: full time, or one of the four patterns of half-timers.
const ANESTHETIST_PATTERNS: [&str; 16] = [
    "FULL_TIME",
    "FULL_TIME",
    "FULL_TIME",
    "FULL_TIME",
    "FULL_TIME",
    "FULL_TIME",
    "FULL_TIME",
    "FULL_TIME",
    "FULL_TIME",
    "FULL_TIME",
    "THU_FRI",
    "THU_FRI",
    "MON_TUE",
    "MON_TUE",
    "ODD_MONTHS",
    "EVEN_MONTHS",
];
const NURSE_COUNT: usize = 9;
const SECRETARY_COUNT: usize = 3;
/// Contracts began with the year before the demo's, so that a whole year of leave can be shown.
const FIRST_DATE: &str = "2025-01-01";

const GIVEN: [&str; 30] = [
    "Alix",
    "Ambre",
    "Anaël",
    "Camille",
    "Charlie",
    "Claude",
    "Dominique",
    "Eden",
    "Élie",
    "Gaël",
    "Jocelyn",
    "Léo",
    "Loïs",
    "Lou",
    "Maël",
    "Marley",
    "Maxence",
    "Morgan",
    "Noa",
    "Noé",
    "Ondine",
    "Pascale",
    "Robin",
    "Sacha",
    "Sam",
    "Solène",
    "Swan",
    "Thaïs",
    "Yaël",
    "Zoé",
];
const FAMILY: [&str; 100] = [
    "Acacia",
    "Ajonc",
    "Alisier",
    "Aubépine",
    "Aulne",
    "Azalée",
    "Bambou",
    "Baobab",
    "Bleuet",
    "Bouleau",
    "Bruyère",
    "Buis",
    "Camélia",
    "Capucine",
    "Cèdre",
    "Cerisier",
    "Charme",
    "Châtaignier",
    "Chêne",
    "Citronnier",
    "Clématite",
    "Cognassier",
    "Cornouiller",
    "Cyprès",
    "Dahlia",
    "Églantier",
    "Épicéa",
    "Érable",
    "Eucalyptus",
    "Figuier",
    "Fougère",
    "Frêne",
    "Fusain",
    "Garance",
    "Genêt",
    "Genévrier",
    "Gentiane",
    "Ginkgo",
    "Glycine",
    "Groseillier",
    "Hêtre",
    "Hibiscus",
    "Houx",
    "Iris",
    "Jasmin",
    "Jonquille",
    "Laurier",
    "Lavande",
    "Lierre",
    "Lilas",
    "Loire",
    "Magnolia",
    "Marne",
    "Mélèze",
    "Merisier",
    "Meuse",
    "Mimosa",
    "Moselle",
    "Mûrier",
    "Muguet",
    "Myrte",
    "Narcisse",
    "Néflier",
    "Noisetier",
    "Noyer",
    "Oise",
    "Olivier",
    "Oranger",
    "Orme",
    "Osier",
    "Palmier",
    "Pêcher",
    "Pensée",
    "Peuplier",
    "Pin",
    "Pivoine",
    "Platane",
    "Poirier",
    "Pommier",
    "Primevère",
    "Prunier",
    "Rhône",
    "Robinier",
    "Romarin",
    "Roseau",
    "Sapin",
    "Sarthe",
    "Saule",
    "Séquoia",
    "Somme",
    "Sorbier",
    "Sureau",
    "Thuya",
    "Thym",
    "Tilleul",
    "Tremble",
    "Troène",
    "Tulipe",
    "Vienne",
    "Yonne",
];

/// Specialties with their surgeons' count. Spellings differ as they do in the files of a real team.
const SPECIALTIES: [(&str, usize, bool); 20] = [
    ("Ophtalmologie", 18, false),
    ("Endoscopie digestive", 10, false),
    ("Gynécologie", 6, false),
    ("Obstétrique", 1, false),
    ("Orthopédie", 5, false),
    ("Urologie", 5, false),
    ("Chirurgie digestive", 4, false),
    ("ORL", 3, false),
    ("Chirurgie vasculaire", 2, false),
    ("Chirurgie plastique", 2, false),
    ("Stomatologie", 1, false),
    ("Chirurgie du rachis", 1, false),
    ("Endoscopie bronchique", 1, false),
    ("FIV", 1, false),
    ("Ophtalmologie pédiatrique", 3, true),
    ("ORL pédiatrique", 1, true),
    ("Urologie pédiatrique", 1, true),
    ("Orthopédie pédiatrique", 1, true),
    ("Chirurgie pédiatrique", 1, true),
    ("Stomatologie pédiatrique", 1, true),
];
/// Other spellings of some of them: an import merges these.
const DUPLICATES: [&str; 5] =
    ["OPHTALMOLOGIE", "Gynecologie", "Orthopédies", "endoscopies digestives", "Chirurgies pediatriques"];

/// A surgeon of the files.
pub struct Surgeon {
    pub given: String,
    pub family: String,
    pub specialty: &'static str,
}

impl Surgeon {
    /// How the surgeons' own spreadsheet calls them.
    pub fn external_name(&self) -> String {
        format!("{} {}.", self.family.to_uppercase(), self.given.chars().next().unwrap_or('X'))
    }
}

pub fn specialties() -> Result<Vec<u8>, BoxError> {
    let kept = SPECIALTIES.iter().map(|(name, _, pediatric)| [(*name).to_owned(), pediatric.to_string()]);
    let others = DUPLICATES.iter().map(|name| [(*name).to_owned(), name.contains("pediatrique").to_string()]);
    table(["display_name", "is_pediatric"], kept.chain(others))
}

pub fn surgeons(rng: &mut StdRng) -> Vec<Surgeon> {
    let mut families: Vec<&str> = FAMILY.to_vec();
    families.shuffle(rng);
    let mut givens = GIVEN.to_vec();
    givens.shuffle(rng);
    let specialties = SPECIALTIES.iter().flat_map(|(name, count, _)| std::iter::repeat_n(*name, *count));
    specialties
        .zip(families)
        .zip(givens.into_iter().cycle())
        .map(|((specialty, family), given)| Surgeon {
            given: given.to_owned(),
            family: family.to_owned(),
            specialty,
        })
        .collect()
}

pub fn surgeon_lines(surgeons: &[Surgeon]) -> Result<Vec<u8>, BoxError> {
    let lines = surgeons.iter().enumerate().map(|(i, surgeon)| {
        // Every seventh line uses another spelling, as files typed by several people do.
        let spelling =
            if i % 7 == 3 { surgeon.specialty.to_uppercase() } else { surgeon.specialty.to_owned() };
        [
            surgeon.given.clone(),
            surgeon.family.clone(),
            surgeon.external_name(),
            spelling,
            format!("{MAIN}|{SECOND}"),
        ]
    });
    table(["given_name", "family_name", "external_name", "specialties", "sites"], lines)
}

/// The address that a member of staff signs in with: their place in the files, for it outlives the seed.
pub fn email(group: &str, index: usize) -> String {
    format!("{group}{:02}@tilleuls.example", index + 1)
}

pub fn staff_members(rng: &mut StdRng) -> Result<Vec<u8>, BoxError> {
    let mut families = FAMILY.to_vec();
    families.shuffle(rng);
    let mut names = families.into_iter().zip(GIVEN.iter().cycle());
    let groups = [
        ("mar", "MAR", "ANESTHETIST", ANESTHETIST_PATTERNS.len()),
        ("iade", "IADE", "NURSE_ANESTHETIST", NURSE_COUNT),
        ("secretariat", "SECRETARY", "SECRETARY", SECRETARY_COUNT),
    ];
    let mut lines = vec![];
    for (group, profession, role, count) in groups {
        for index in 0..count {
            let Some((family, given)) = names.next() else { break };
            let roles = match (group, index) {
                ("mar", 0) => format!("{role}|ANESTHETIST_ADMINISTRATOR"),
                ("iade", 0) => format!("{role}|NURSE_ADMINISTRATOR"),
                _ => role.to_owned(),
            };
            // Two thirds work on both sites.
            let sites = if index % 3 == 2 { MAIN.to_owned() } else { format!("{MAIN}|{SECOND}") };
            let label = format!("{}. {family}", given.chars().next().unwrap_or('X'));
            lines.push([
                (*given).to_owned(),
                family.to_owned(),
                label,
                email(group, index),
                profession.to_owned(),
                roles,
                sites,
                FIRST_DATE.to_owned(),
            ]);
        }
    }
    table(
        ["given_name", "family_name", "display_name", "email", "profession", "roles", "sites", "first_date"],
        lines,
    )
}

pub fn contracts() -> Result<Vec<u8>, BoxError> {
    let anesthetists = ANESTHETIST_PATTERNS.iter().enumerate().map(|(index, pattern)| {
        let (percentage, name, weekdays, months) = match *pattern {
            "THU_FRI" => ("50", "SPECIFIC_DAYS", "4|5", ""),
            "MON_TUE" => ("50", "SPECIFIC_DAYS", "1|2", ""),
            "ODD_MONTHS" => ("50", "ALTERNATING_MONTHS", "", "ODD"),
            "EVEN_MONTHS" => ("50", "ALTERNATING_MONTHS", "", "EVEN"),
            full => ("100", full, "", ""),
        };
        contract(email("mar", index), percentage, name, weekdays, months, "", "LIBERAL")
    });
    // Nurses work four days out of five, each with another day off.
    let nurses = (0..NURSE_COUNT).map(|index| {
        let off = (index % 5 + 1).to_string();
        contract(email("iade", index), "100", "FULL_TIME_FIXED_OFF_DAY", "", "", &off, "FR-PRIVATE-EMPLOYEE")
    });
    let secretaries = (0..SECRETARY_COUNT).map(|index| {
        contract(email("secretariat", index), "100", "FULL_TIME", "", "", "", "FR-PRIVATE-EMPLOYEE")
    });
    table(
        [
            "email",
            "first_date",
            "percentage",
            "work_pattern",
            "weekdays",
            "months",
            "off_weekday",
            "legal_pack",
        ],
        anesthetists.chain(nurses).chain(secretaries),
    )
}

fn contract(
    email: String,
    percentage: &str,
    pattern: &str,
    weekdays: &str,
    months: &str,
    off_weekday: &str,
    legal_pack: &str,
) -> [String; 8] {
    let cells =
        [FIRST_DATE, percentage, pattern, weekdays, months, off_weekday, legal_pack].map(str::to_owned);
    let [first, percentage, pattern, weekdays, months, off, pack] = cells;
    [email, first, percentage, pattern, weekdays, months, off, pack]
}
