//! Sums are the sums of the lines, whatever wrote them, on both databases.

use chassis::{Clock, Ctx};
use durable::{Db, store_suite};

use super::*;
use crate::store::migration::Migrator;

const H: &str = "chu";

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn line(number: i32) -> Line {
    let source = [Source::Publication, Source::Adjustment, Source::Import][(number % 3) as usize];
    let is_counted = source == Source::Publication;
    let of = |text: &str| if is_counted { text.to_owned() } else { String::new() };
    Line {
        id: format!("l{number:03}"),
        staff_member: ["ann", "bob"][(number % 2) as usize].into(),
        counter: ["gardes", "gardes-special", "astreintes"][(number % 5 % 3) as usize].into(),
        day: day("2026-11-01").plus(number % 40),
        quantity: i64::from(number % 7 - 3) * 500,
        source,
        plan: of("p"),
        revision: i32::from(is_counted),
        shift: of(&format!("s{}", number % 10)),
        justification: if source == Source::Adjustment { "why".into() } else { String::new() },
        author: String::new(),
        create_time: 0,
    }
}

async fn write(db: &Db, hospital: &str, lines: Vec<Line>) -> Result<(), Problem> {
    let tx = db.begin(&Ctx::system("planning", &Clock::system())).await.unwrap();
    append(tx.conn(), hospital, lines).await?;
    tx.commit().await
}

store_suite! { Migrator;
    async fn sums_equal_the_lines_of_their_days(db) {
        let lines: Vec<Line> = (0..200).map(line).collect();
        write(&db, H, lines.clone()).await.unwrap();
        write(&db, "other", (200..230).map(line).collect()).await.unwrap();
        let days = DayRange::new(day("2026-11-10"), day("2026-11-30")).unwrap();
        let expected = |who: Option<&str>, counters: Option<&[&str]>| {
            let mut sums = Sums::new();
            let fits = |own: &&Line| {
                days.contains(own.day)
                    && who.is_none_or(|who| who == own.staff_member)
                    && counters.is_none_or(|counters| counters.contains(&own.counter.as_str()))
            };
            for own in lines.iter().filter(fits) {
                *sums.entry((own.staff_member.clone(), own.counter.clone())).or_default() += own.quantity;
            }
            sums
        };
        for (who, counters) in
            [(None, None), (Some("ann"), None), (None, Some(&["gardes-special", "astreintes"][..]))]
        {
            let found = sums(db.read(), H, who, counters, days).await.unwrap();
            assert_eq!(found, expected(who, counters));
            assert!(!found.is_empty());
        }
        let early = early(db.read(), H, &["bob"], day("2026-11-20")).await.unwrap();
        let due: i64 = lines.iter()
            .filter(|own| own.staff_member == "bob" && own.day < day("2026-11-20"))
            .map(|own| own.quantity)
            .sum();
        assert_eq!(early.iter().map(|own| own.quantity).sum::<i64>(), due);
        assert_eq!(first_day(db.read(), H).await.unwrap(), Some(day("2026-11-01")));
        assert_eq!(first_day(db.read(), "nowhere").await.unwrap(), None);
        let last = last_published_day(db.read(), H, days).await.unwrap();
        let counted = |own: &&Line| own.source == Source::Publication && days.contains(own.day);
        assert_eq!(last, lines.iter().filter(counted).map(|own| own.day).max());
    }

    async fn pages_see_each_line_once_by_day(db) {
        let lines: Vec<Line> = (0..50).map(line).collect();
        write(&db, H, lines.clone()).await.unwrap();
        let mut seen = Vec::new();
        let mut token = String::new();
        loop {
            let page = Page::of(7, &token, &[]).unwrap();
            let mut rows = list(db.read(), H, Some("ann"), None, &page, &Filter::default()).await.unwrap();
            token = page.next(&mut rows, sort_key);
            seen.extend(rows);
            if token.is_empty() {
                break;
            }
        }
        let mut expected: Vec<Line> = lines.into_iter().filter(|own| own.staff_member == "ann").collect();
        expected.sort_by_key(sort_key);
        assert_eq!(seen, expected);
    }

    async fn a_line_is_written_once_and_only_its_text_is_ever_forgotten(db) {
        write(&db, H, (0..30).map(line).collect()).await.unwrap();
        assert!(write(&db, H, vec![line(4)]).await.is_err(), "an imported line has the id of its natural key");
        let ids: Vec<String> = ["l004", "l100"].map(str::to_owned).to_vec();
        assert_eq!(known(db.read(), H, &ids).await.unwrap(), [("l004".to_owned(), line(4).quantity)].into());
        let days = DayRange::new(day("2026-11-01"), day("2026-12-31")).unwrap();
        let before = sums(db.read(), H, None, None, days).await.unwrap();
        let tx = db.begin(&Ctx::system("planning", &Clock::system())).await.unwrap();
        assert!(forget_texts(tx.conn(), H, "bob").await.unwrap() > 0);
        tx.commit().await.unwrap();
        assert_eq!(sums(db.read(), H, None, None, days).await.unwrap(), before);
        let texts = async |id: &str| find(db.read(), H, id).await.unwrap().unwrap().justification;
        assert_eq!((texts("l001").await, texts("l004").await), (String::new(), "why".to_owned()));
    }
}
