//! Which column of a file is which field: what people call them, in French and English.

use super::super::{import::FileKind, spelling};

/// Spellings without case, accents and plural, by field.
const WORDS: &[(&str, &[&str])] = &[
    ("email", &["email", "e mail", "mail", "courriel", "adresse email", "adresse electronique", "login"]),
    ("given_name", &["given name", "first name", "prenom"]),
    ("family_name", &["family name", "last name", "nom", "nom de famille", "nom d usage"]),
    ("display_name", &["display name", "alia", "libelle", "nom affiche", "intitule"]),
    ("phone_number", &["phone number", "phone", "telephone", "tel", "portable", "mobile"]),
    ("profession", &["profession", "metier", "fonction", "corp"]),
    ("roles", &["role", "droit"]),
    ("sites", &["site", "site de travail", "etablissement"]),
    ("site", &["site", "etablissement"]),
    ("skills", &["skill", "competence", "qualification"]),
    (
        "first_date",
        &["first date", "start date", "date d entree", "entree", "arrivee", "date d arrivee", "debut"],
    ),
    ("last_date", &["last date", "end date", "date de sortie", "sortie", "depart", "date de depart", "fin"]),
    ("is_locum", &["is locum", "locum", "remplacant"]),
    ("rpps", &["rpp", "numero rpp", "n rpp", "no rpp"]),
    ("adeli", &["adeli", "numero adeli", "n adeli", "no adeli"]),
    ("external_name", &["external name", "nom externe", "nom trame", "nom tableur"]),
    ("specialties", &["specialty", "specialtie", "specialite"]),
    ("sector", &["sector", "secteur"]),
    ("id", &["id", "identifiant", "code"]),
    ("number", &["number", "numero", "n", "no", "numero de salle"]),
    ("kind", &["kind", "type"]),
    ("is_closed", &["is closed", "closed", "fermee"]),
    ("is_hidden", &["is hidden", "hidden", "masquee", "cachee"]),
    ("display_order", &["display order", "order", "ordre"]),
    ("neighbors", &["neighbor", "neighbour", "voisine", "salle voisine"]),
    ("rooms_per_supervisor_max", &["room per supervisor max", "salle par superviseur"]),
];

/// The field that a column most likely is, if it is any of that kind of file.
pub fn propose(kind: FileKind, header: &str) -> Option<&'static str> {
    let fields = super::super::import::columns(kind).0;
    if let Some(field) = fields.iter().find(|field| **field == header) {
        return Some(field);
    }
    let key = spelling::key(header);
    let known = WORDS.iter().find(|(field, words)| fields.contains(field) && words.contains(&key.as_str()));
    known.and_then(|(field, _)| fields.iter().find(|known| known == &field).copied())
}
