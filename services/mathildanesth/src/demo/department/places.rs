//! Where the department works, and when schools are closed.

use chassis::BoxError;

use super::table;

/// The site of the theatre block, the gardes and the consultations.
pub const MAIN: &str = "tilleuls";
/// The other site.
pub const SECOND: &str = "rivage";

/// A sector: site, id, label, category, rooms.
pub struct Sector {
    pub site: &'static str,
    pub id: &'static str,
    pub label: &'static str,
    pub category: &'static str,
    pub rooms: &'static [&'static str],
}

pub const SECTORS: [Sector; 7] = [
    Sector {
        site: MAIN,
        id: "hyperaseptique",
        label: "Hyperaseptique",
        category: "HYPERASEPTIC",
        rooms: &["1", "2", "3", "4"],
    },
    Sector {
        site: MAIN,
        id: "intermediaire",
        label: "Intermédiaire",
        category: "STANDARD",
        rooms: &["5", "6", "7", "8"],
    },
    Sector {
        site: MAIN,
        id: "septique",
        label: "Septique",
        category: "STANDARD",
        rooms: &["9", "10", "11", "12", "12bis"],
    },
    Sector {
        site: MAIN,
        id: "ophtalmologie",
        label: "Ophtalmologie",
        category: "OPHTHALMOLOGY",
        rooms: &["14", "15", "16", "17"],
    },
    Sector {
        site: MAIN,
        id: "endoscopie",
        label: "Endoscopie",
        category: "ENDOSCOPY",
        rooms: &["18", "19", "20", "21"],
    },
    Sector {
        site: SECOND,
        id: "hospitalisation",
        label: "Hospitalisation",
        category: "STANDARD",
        rooms: &["1", "2", "3", "4", "5", "6", "7", "8"],
    },
    Sector {
        site: SECOND,
        id: "ambulatoire",
        label: "Ambulatoire",
        category: "STANDARD",
        rooms: &["9", "10", "11", "12", "13"],
    },
];

/// Emergency caesareans: never on the standard plan.
const HIDDEN: (&str, &str) = (MAIN, "8");

pub fn sites() -> Result<Vec<u8>, BoxError> {
    table(
        ["id", "display_name", "time_zone"],
        [[MAIN, "Clinique des Tilleuls", "Europe/Paris"], [SECOND, "Clinique du Rivage", "Europe/Paris"]]
            .map(|line| line.map(str::to_owned)),
    )
}

pub fn sectors() -> Result<Vec<u8>, BoxError> {
    table(
        ["site", "id", "display_name", "category", "display_order", "requires_contiguous_rooms"],
        SECTORS.iter().enumerate().map(|(order, sector)| {
            let contiguous = if sector.id == "septique" { "true" } else { "false" };
            let order = (order + 1).to_string();
            [sector.site, sector.id, sector.label, sector.category, &order, contiguous].map(str::to_owned)
        }),
    )
}

pub fn rooms() -> Result<Vec<u8>, BoxError> {
    let rooms = SECTORS.iter().flat_map(|sector| {
        sector.rooms.iter().enumerate().map(move |(place, number)| {
            let hidden = (sector.site, *number) == HIDDEN;
            let before = place.checked_sub(1).map(|place| sector.rooms[place]);
            let after = sector.rooms.get(place + 1).copied();
            // Rooms of a sector stand in a row.
            let neighbors: Vec<&str> = before.into_iter().chain(after).collect();
            [
                sector.site,
                sector.id,
                &format!("salle-{number}"),
                number,
                &format!("Salle {number}"),
                if hidden { "true" } else { "false" },
                &neighbors.iter().map(|number| format!("salle-{number}")).collect::<Vec<_>>().join("|"),
            ]
            .map(str::to_owned)
        })
    });
    table(["site", "sector", "id", "number", "display_name", "is_hidden", "neighbors"], rooms)
}

/// Zone B, school year 2026–2027 and the summer before (Ministry of Education's calendar).
pub fn school_holidays() -> Result<Vec<u8>, BoxError> {
    table(
        ["name", "first_date", "last_date", "zone"],
        [
            ["Été 2026", "2026-07-04", "2026-08-31", "B"],
            ["Toussaint 2026", "2026-10-17", "2026-11-01", "B"],
            ["Noël 2026", "2026-12-19", "2027-01-03", "B"],
            ["Hiver 2027", "2027-02-20", "2027-03-07", "B"],
            ["Printemps 2027", "2027-04-17", "2027-05-02", "B"],
            ["Été 2027", "2027-07-03", "2027-08-31", "B"],
        ]
        .map(|line| line.map(str::to_owned)),
    )
}
