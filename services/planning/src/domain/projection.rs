//! Where the year ends: what is published and drafted so far, against each person's share by presence.

use super::equity::divided;

/// What one of a team has of one counter. Quantities in thousandths, presence in days of a full-timer in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Own {
    pub done: i64,
    pub drafted: i64,
    /// Presence until the last day that is planned.
    pub presence: i64,
    /// Presence in the whole year.
    pub year_presence: i64,
}

/// What it comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Projected {
    /// Of what the team did and would do so far.
    pub share: i64,
    /// The person's year at their own pace.
    pub projected: i64,
    /// The person's share of the team's year at the team's pace.
    pub year_share: i64,
    /// Further from the share than is tolerated.
    pub is_remarkable: bool,
}

/// One unit, below which nobody is far from anything.
const ONE: i64 = 1_000;

/// Projects a team's year; `tolerance` is in thousandths of a share.
pub fn project(team: &[Own], tolerance: i64) -> Vec<Projected> {
    let so_far: i64 = team.iter().map(|own| own.done + own.drafted).sum();
    let presence: Vec<i64> = team.iter().map(|own| own.presence).collect();
    let year_presence: Vec<i64> = team.iter().map(|own| own.year_presence).collect();
    let (all, all_year) = (presence.iter().sum::<i64>(), year_presence.iter().sum::<i64>());
    let year = scaled(so_far, all_year, all);
    let shares = divided(so_far, &presence);
    let year_shares = divided(year, &year_presence);
    let each = team.iter().zip(shares).zip(year_shares).map(|((own, share), year_share)| {
        let own_so_far = own.done + own.drafted;
        // Who was not there yet has no pace of their own: the team's.
        let projected = if own.presence == 0 {
            own_so_far + year_share
        } else {
            scaled(own_so_far, own.year_presence, own.presence)
        };
        let off = (own_so_far - share).abs();
        let is_remarkable = off >= ONE && off * 1_000 > share.abs() * tolerance;
        Projected { share, projected, year_share, is_remarkable }
    });
    each.collect()
}

/// A quantity gathered over `part`, as `whole` would have it.
fn scaled(quantity: i64, whole: i64, part: i64) -> i64 {
    if part == 0 {
        return quantity;
    }
    let scaled = (i128::from(quantity) * i128::from(whole)).div_euclid(i128::from(part));
    i64::try_from(scaled).unwrap_or(quantity)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn own(done: i64, drafted: i64, presence: i64, year_presence: i64) -> Own {
        Own { done, drafted, presence, year_presence }
    }

    #[test]
    fn half_a_year_goes_on_at_its_pace() {
        let team = [own(10_000, 2_000, 180_000, 360_000), own(3_000, 3_000, 90_000, 180_000)];
        let projected = project(&team, 200);
        assert_eq!(projected[0].share, 12_000);
        assert_eq!((projected[0].projected, projected[0].year_share), (24_000, 24_000));
        assert_eq!((projected[1].projected, projected[1].year_share), (12_000, 12_000));
        assert!(projected.iter().all(|own| !own.is_remarkable));
    }

    #[test]
    fn at_the_years_end_the_projection_is_what_was_done() {
        let team = [own(13_000, 0, 365_000, 365_000), own(11_000, 0, 365_000, 365_000)];
        let projected = project(&team, 200);
        assert_eq!([projected[0].projected, projected[1].projected], [13_000, 11_000]);
        assert_eq!([projected[0].year_share, projected[1].year_share], [12_000, 12_000]);
    }

    #[test]
    fn before_anything_is_planned_nothing_is_projected() {
        assert_eq!(project(&[], 200), vec![]);
        let team = [own(0, 0, 0, 365_000), own(0, 0, 0, 182_000)];
        assert_eq!(project(&team, 200), vec![Projected::default(); 2]);
    }

    #[test]
    fn who_comes_later_goes_at_the_teams_pace_and_who_left_stays_where_they_are() {
        let comes = own(0, 0, 0, 100_000);
        let left = own(4_000, 0, 100_000, 100_000);
        let stays = own(8_000, 0, 200_000, 365_000);
        let projected = project(&[comes, left, stays], 200);
        assert_eq!(projected[0].share, 0);
        assert_eq!(projected[0].projected, projected[0].year_share);
        assert!(projected[0].projected > 0);
        assert_eq!(projected[1].projected, 4_000);
    }

    #[test]
    fn far_from_the_share_is_remarkable_beyond_the_tolerance_and_one_unit() {
        let two = |one: i64, other: i64| {
            let team = [own(one, 0, 10_000, 10_000), own(other, 0, 10_000, 10_000)];
            project(&team, 200)[0].is_remarkable
        };
        assert!(!two(12_000, 8_000), "exactly 20 percent");
        assert!(two(12_500, 7_500));
        assert!(!two(1_500, 500), "half a unit");
    }

    proptest! {
        #[test]
        fn shares_add_up_to_what_was_done_and_drafted(
            team in prop::collection::vec((0_i64..50, -5_i64..20, 0_i64..365, 0_i64..365), 1..20)
        ) {
            let team: Vec<Own> = team.into_iter().map(|(done, drafted, presence, more)| {
                own(done * 1_000, drafted * 1_000, presence * 1_000, (presence + more) * 1_000)
            }).collect();
            let projected = project(&team, 200);
            let total: i64 = team.iter().map(|own| own.done + own.drafted).sum();
            let expected = if team.iter().all(|own| own.presence == 0) { 0 } else { total };
            prop_assert_eq!(projected.iter().map(|own| own.share).sum::<i64>(), expected);
        }
    }
}
