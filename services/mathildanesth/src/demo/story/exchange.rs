//! The published month is lived in: two doctors exchange their gardes, and one falls ill.

use chassis::Clock;
use proto::{
    planning::v1::{
        AcceptSwapRequest, Assignment, CreateSwapRequest, DeclareUnplannedAbsenceRequest,
        FillReplacementRequest, ListSwapCandidatesRequest, ReplacementSuggestion, SuggestReplacementsRequest,
        Swap, SwapCandidate, UnplannedAbsence, WithdrawUnplannedAbsenceRequest, shift::Kind,
    },
    r#type::v1::Date,
};
use tonic::Status;

use super::{Story, request_id};
use crate::demo::visitor::Visitor;

impl Story {
    /// The first garde for which somebody gives another one.
    pub(super) async fn exchange(&mut self) -> Result<(), Status> {
        for garde in self.gardes_ahead() {
            let proposer = self.holder(&garde)?.clone();
            let request = ListSwapCandidatesRequest { parent: garde.name.clone(), ..Default::default() };
            let page = proposer
                .patiently(|| async { proposer.swaps().list_swap_candidates(request.clone()).await })
                .await?;
            if let Some(candidate) = page.candidates.first() {
                self.swap(&proposer, &garde, candidate).await?;
                return self.look_again().await;
            }
        }
        self.tell("  personne n'a de garde à échanger");
        Ok(())
    }

    async fn swap(
        &mut self,
        proposer: &Visitor,
        garde: &Assignment,
        candidate: &SwapCandidate,
    ) -> Result<(), Status> {
        let create = CreateSwapRequest {
            parent: self.hospital.clone(),
            swap: Some(Swap {
                offered_assignment: garde.name.clone(),
                wanted_assignment: candidate.assignment.clone(),
                ..Default::default()
            }),
            request_id: request_id(),
            ..Default::default()
        };
        let swap =
            proposer.patiently(|| async { proposer.swaps().create_swap(create.clone()).await }).await?;
        let acceptor = self.visitor_named(&candidate.staff_member)?.clone();
        let accept = AcceptSwapRequest { name: swap.name, request_id: request_id(), ..Default::default() };
        let swap =
            acceptor.patiently(|| async { acceptor.swaps().accept_swap(accept.clone()).await }).await?;
        let parties = [&garde.staff_member, &candidate.staff_member];
        self.outcome.amendments.push(parties.into_iter().cloned().collect());
        let (one, other) = (self.label_of(&garde.staff_member), self.label_of(&candidate.staff_member));
        let wanted = candidate.duty.as_ref().and_then(|duty| duty.date);
        self.tell(&format!(
            "  {one} échange sa garde du {} contre celle de {other} du {} : révision {}",
            short(garde.date),
            short(wanted),
            swap.revision.rsplit('/').next().unwrap_or_default()
        ));
        Ok(())
    }

    /// The first doctor on garde who falls ill and whose posts of that day can all be taken over.
    pub(super) async fn replace(&mut self) -> Result<(), Status> {
        for garde in self.gardes_ahead() {
            let absent = self.holder(&garde)?.clone();
            let declare = DeclareUnplannedAbsenceRequest {
                parent: garde.staff_member.clone(),
                unplanned_absence: Some(UnplannedAbsence {
                    first_date: garde.date,
                    last_date: garde.date,
                    ..Default::default()
                }),
                request_id: request_id(),
            };
            let absence = absent
                .patiently(|| async {
                    absent.replacements().declare_unplanned_absence(declare.clone()).await
                })
                .await?;
            let label = self.label_of(&garde.staff_member);
            self.tell(&format!(
                "  {label} ne peut venir le {} : {} poste(s) à remplacer",
                short(garde.date),
                absence.replacements.len()
            ));
            if self.take_over(&garde.staff_member, &absence).await? {
                return self.look_again().await;
            }
            let withdraw =
                WithdrawUnplannedAbsenceRequest { name: absence.name.clone(), request_id: request_id() };
            absent
                .patiently(|| async {
                    absent.replacements().withdraw_unplanned_absence(withdraw.clone()).await
                })
                .await?;
            self.tell(&format!("  personne ne peut tout reprendre ; {label} pourra venir"));
        }
        Ok(())
    }

    /// Gives each post of an absence to the first who is suggested; false, and nothing given, when one has nobody.
    async fn take_over(&mut self, absent: &str, absence: &UnplannedAbsence) -> Result<bool, Status> {
        let mut found = vec![];
        for name in &absence.replacements {
            match self.suggestion(name).await? {
                Some(suggestion) => found.push((name.clone(), suggestion)),
                None => return Ok(false),
            }
        }
        for (name, suggestion) in found {
            let fill = FillReplacementRequest {
                name,
                staff_member: suggestion.staff_member.clone(),
                moves: suggestion.moves.iter().skip(1).cloned().collect(),
                request_id: request_id(),
                ..Default::default()
            };
            let administrator = self.administrator.clone();
            let filled = administrator
                .patiently(|| async { administrator.replacements().fill_replacement(fill.clone()).await })
                .await?;
            let takers = suggestion.moves.iter().map(|own| own.staff_member.clone());
            self.outcome.amendments.push(takers.chain([absent.to_owned()]).collect());
            let label = self.label_of(&suggestion.staff_member);
            self.tell(&format!(
                "  {label} reprend le poste, {} changement(s) : révision {}",
                suggestion.moves.len(),
                filled.revision.rsplit('/').next().unwrap_or_default()
            ));
        }
        Ok(true)
    }

    async fn suggestion(&self, name: &str) -> Result<Option<ReplacementSuggestion>, Status> {
        let administrator = &self.administrator;
        let ask = SuggestReplacementsRequest { name: name.to_owned(), suggestions_max: 1 };
        let answer = administrator
            .patiently(|| async { administrator.replacements().suggest_replacements(ask.clone()).await })
            .await?;
        Ok(answer.suggestions.into_iter().next())
    }

    /// The gardes that have not begun, in order.
    fn gardes_ahead(&self) -> Vec<Assignment> {
        let today = calendar::working_time::Zone::paris().day_at(Clock::system().now());
        let today = (today.year(), today.month(), today.day());
        let is_ahead = |date: Date| (date.year, date.month, date.day) > today;
        let mut gardes: Vec<Assignment> = (self.outcome.assignments.iter())
            .filter(|own| own.kind() == Kind::Garde && own.date.is_some_and(is_ahead))
            .cloned()
            .collect();
        gardes.sort_by_key(|own| own.date.map(|date| (date.year, date.month, date.day)));
        gardes
    }

    fn holder(&self, assignment: &Assignment) -> Result<&Visitor, Status> {
        self.visitor_named(&assignment.staff_member)
    }

    fn visitor_named(&self, name: &str) -> Result<&Visitor, Status> {
        let person = self.outcome.people.values().find(|person| person.name == name);
        self.visitor(&person.ok_or_else(|| Status::internal("this person was not imported"))?.email)
    }

    fn label_of(&self, name: &str) -> String {
        let person = self.outcome.people.values().find(|person| person.name == name);
        person.map_or_else(|| "?".to_owned(), |person| person.display_name.clone())
    }
}

fn short(date: Option<Date>) -> String {
    date.map_or_else(String::new, |date| format!("{:02}/{:02}", date.day, date.month))
}
