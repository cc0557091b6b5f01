//! What must be staffed: duties every day, consultations, closings, floating places and the theatre on working days.

use roster::problem::{Day, DayIx, Half, LineIx, LineKind, Slot, SlotKind};

use crate::{
    dice::Dice,
    parameters::Parameters,
    places::{Places, TeamPlaces},
    theatre::Template,
};

/// All slots, day by day and team by team.
pub fn slots(parameters: &Parameters, places: &Places, days: &[Day], dice: &mut Dice) -> Vec<Slot> {
    let templates: Vec<_> = places.teams.iter().map(|team| Template::of(team, dice)).collect();
    let mut kinds = Vec::new();
    for (at, day) in days.iter().enumerate() {
        for (team, template) in places.teams.iter().zip(&templates) {
            let of_day = kinds_of(parameters, places, team, template, day, dice);
            kinds.extend(of_day.into_iter().map(|kind| (DayIx(at as u16), kind)));
        }
    }
    let slot = |(at, (day, kind)): (usize, (DayIx, SlotKind))| Slot {
        id: format!("slot-{at:06}"),
        day,
        kind,
        weight: kind.default_weight(),
    };
    kinds.into_iter().enumerate().map(slot).collect()
}

fn kinds_of(
    parameters: &Parameters,
    places: &Places,
    team: &TeamPlaces,
    template: &Template,
    day: &Day,
    dice: &mut Dice,
) -> Vec<SlotKind> {
    let shape = &parameters.team;
    let line = |at: usize| match places.topology.lines[at].kind {
        LineKind::Garde => SlotKind::Garde { line: LineIx(at as u16) },
        LineKind::Astreinte => SlotKind::Astreinte { line: LineIx(at as u16) },
    };
    let mut kinds: Vec<_> = team.lines.clone().map(line).collect();
    if !day.is_working_day() {
        return kinds;
    }
    let site = team.main;
    if shape.nurses > 0 {
        kinds.push(SlotKind::Closing { site });
    }
    for half in Half::ALL {
        let consultations = usize::from(shape.consultations);
        kinds.extend(std::iter::repeat_n(SlotKind::Consultation { half, site }, consultations));
        kinds.extend(std::iter::repeat_n(SlotKind::Volant { half, site }, usize::from(shape.volants)));
    }
    for session in template.on(day) {
        kinds.push(session.slot(parameters.pediatric_percent, dice));
    }
    kinds
}
