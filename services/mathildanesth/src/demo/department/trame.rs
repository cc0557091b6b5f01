//! Which surgeon operates where, week after week.

use chassis::BoxError;
use rand::{rngs::StdRng, seq::SliceRandom};

use super::{
    people::Surgeon,
    places::{MAIN, SECOND},
    table,
};

/// What a room is for: site, number, the specialties that take turns there, and when it is open: one letter a
/// half-day from Monday morning to Friday afternoon, `x` every week, `e` even weeks, `o` odd weeks, `.` closed.
struct Use {
    site: &'static str,
    room: &'static str,
    specialties: &'static [&'static str],
    open: &'static str,
}

const ORTHOPEDICS: &[&str] = &["Orthopédie", "Chirurgie du rachis", "Orthopédie pédiatrique"];
const VASCULAR: &[&str] = &["Chirurgie vasculaire", "Chirurgie plastique"];
const GYNECOLOGY: &[&str] = &["Gynécologie", "FIV", "Obstétrique"];
const UROLOGY: &[&str] = &["Urologie", "Urologie pédiatrique"];
const DIGESTIVE: &[&str] = &["Chirurgie digestive", "Chirurgie pédiatrique"];
const HEAD: &[&str] = &["ORL", "ORL pédiatrique", "Stomatologie", "Stomatologie pédiatrique"];
const EYES: &[&str] = &["Ophtalmologie", "Ophtalmologie pédiatrique"];
const SCOPES: &[&str] = &["Endoscopie digestive", "Endoscopie bronchique"];

const USES: [Use; 19] = [
    Use { site: MAIN, room: "1", specialties: ORTHOPEDICS, open: "xxxxx.xxx." },
    Use { site: MAIN, room: "2", specialties: ORTHOPEDICS, open: "xxx.....x." },
    Use { site: MAIN, room: "3", specialties: VASCULAR, open: "..xxx.xx.." },
    Use { site: MAIN, room: "5", specialties: GYNECOLOGY, open: "xxxxx.xxx." },
    Use { site: MAIN, room: "6", specialties: GYNECOLOGY, open: "x.x...x.eo" },
    Use { site: MAIN, room: "7", specialties: UROLOGY, open: "xxxxx.xxx." },
    Use { site: MAIN, room: "9", specialties: DIGESTIVE, open: "xxxxxxxxxx" },
    Use { site: MAIN, room: "10", specialties: DIGESTIVE, open: "xx..o...xx" },
    Use { site: MAIN, room: "11", specialties: HEAD, open: "..xx.e.xx." },
    Use { site: MAIN, room: "14", specialties: EYES, open: "xxxxx.xxx." },
    Use { site: MAIN, room: "15", specialties: EYES, open: "xxxxx.xxx." },
    Use { site: MAIN, room: "16", specialties: EYES, open: "x.xx..x.e." },
    Use { site: MAIN, room: "18", specialties: SCOPES, open: "xxxxx.xxx." },
    Use { site: MAIN, room: "19", specialties: SCOPES, open: "xxxxx.xxx." },
    Use { site: SECOND, room: "1", specialties: ORTHOPEDICS, open: "xxxx..xxx." },
    Use { site: SECOND, room: "2", specialties: UROLOGY, open: "xxxx..xxx." },
    Use { site: SECOND, room: "3", specialties: GYNECOLOGY, open: "o.e...o..." },
    Use { site: SECOND, room: "9", specialties: HEAD, open: "x...x.x..." },
    Use { site: SECOND, room: "10", specialties: EYES, open: "..x...x.x." },
];

pub fn lines(surgeons: &[Surgeon], rng: &mut StdRng) -> Result<Vec<u8>, BoxError> {
    let mut order: Vec<&Surgeon> = surgeons.iter().collect();
    order.shuffle(rng);
    let mut lines = vec![];
    for half_day in 0..10 {
        for parity in ["EVEN", "ODD"] {
            // Nobody operates in two rooms at once.
            let mut busy: Vec<&str> = vec![];
            for usage in &USES {
                if !is_open(usage, half_day, parity) {
                    continue;
                }
                let suits = |surgeon: &&Surgeon| {
                    usage.specialties.contains(&surgeon.specialty) && !busy.contains(&surgeon.family.as_str())
                };
                let Some(position) = order.iter().position(suits) else { continue };
                // Whoever operates goes to the end of the queue, so that all have their turn.
                let surgeon = order.remove(position);
                order.push(surgeon);
                busy.push(&surgeon.family);
                lines.push(line(half_day, parity, usage, surgeon));
            }
        }
    }
    table(["weekday", "week_parity", "day_part", "site", "room", "surgeon", "specialty", "date"], lines)
}

fn is_open(usage: &Use, half_day: usize, parity: &str) -> bool {
    match usage.open.as_bytes()[half_day] {
        b'x' => true,
        b'e' => parity == "EVEN",
        b'o' => parity == "ODD",
        _ => false,
    }
}

fn line(half_day: usize, parity: &str, usage: &Use, surgeon: &Surgeon) -> [String; 8] {
    let part = if half_day.is_multiple_of(2) { "MORNING" } else { "AFTERNOON" };
    let weekday = (half_day / 2 + 1).to_string();
    let name = surgeon.external_name();
    [&weekday, parity, part, usage.site, usage.room, &name, surgeon.specialty, ""].map(str::to_owned)
}
