//! Typed resource names: `hospitals/north/staffMembers/x` in, parts out, and back.
//!
//! An id is `[a-z0-9-]{1,63}` and is not `-` alone: that is the wildcard, which some List methods accept in a parent
//! through `parse_wild`. The hospital is never a wildcard.

use std::fmt;

/// A text that does not have the form its place asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a name of the form `{pattern}`, ids of 1 to 63 characters out of a-z, 0-9 and -")]
pub struct NameError {
    /// The form that was expected.
    pub pattern: &'static str,
}

/// What stands for "any" in the parent of some List methods.
pub const WILDCARD: &str = "-";

/// Whether a text is an id that a name may carry.
pub fn is_id(text: &str) -> bool {
    text != WILDCARD
        && (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Takes the ids out of a name; `None` if a collection or an id is not what it should be.
fn ids<const N: usize>(text: &str, collections: [&str; N], tail: &str, is_wild: bool) -> Option<[String; N]> {
    let mut parts = text.strip_suffix(tail)?.split('/');
    let mut ids = [const { String::new() }; N];
    for (level, (collection, id)) in collections.iter().zip(&mut ids).enumerate() {
        if parts.next()? != *collection {
            return None;
        }
        let part = parts.next()?;
        if !(is_id(part) || is_wild && level > 0 && part == WILDCARD) {
            return None;
        }
        *id = part.to_owned();
    }
    parts.next().is_none().then_some(ids)
}

/// Declares the name of one kind of resource.
macro_rules! name {
    ($(#[$doc:meta])* $type:ident: $first:literal $hospital:ident $(, $collection:literal $field:ident)* $(; $tail:literal)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type {
            #[doc = concat!("Id of the ", stringify!($hospital), ".")]
            pub $hospital: String,
            $(
                #[doc = concat!("Id of the ", stringify!($field), ".")]
                pub $field: String,
            )*
        }

        impl $type {
            /// The form of these names.
            pub const PATTERN: &'static str = concat!(
                $first, "/{", stringify!($hospital), "}" $(, "/", $collection, "/{", stringify!($field), "}")* $(, $tail)?
            );

            /// Makes a name of ids. It is the caller's part that they are ids.
            pub fn new($hospital: impl Into<String> $(, $field: impl Into<String>)*) -> Self {
                Self { $hospital: $hospital.into() $(, $field: $field.into())* }
            }

            /// Reads a name in which every part is said.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                Self::read(text, false)
            }

            /// Reads a name in which every part but the hospital may be the wildcard `-`.
            pub fn parse_wild(text: &str) -> Result<Self, NameError> {
                Self::read(text, true)
            }

            fn read(text: &str, is_wild: bool) -> Result<Self, NameError> {
                let tail = concat!("" $(, $tail)?);
                match ids(text, [$first $(, $collection)*], tail, is_wild) {
                    Some([$hospital $(, $field)*]) => Ok(Self { $hospital $(, $field)* }),
                    None => Err(NameError { pattern: Self::PATTERN }),
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($first, "/{}"), self.$hospital)?;
                $(write!(f, concat!("/", $collection, "/{}"), self.$field)?;)*
                f.write_str(concat!("" $(, $tail)?))
            }
        }

        impl std::str::FromStr for $type {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::parse(text)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.to_string()
            }
        }
    };
}

// === the tenant ===

name!(/** A hospital, under which everything is. */ HospitalName: "hospitals" hospital);

// === staff ===

name!(/** A site. */ SiteName: "hospitals" hospital, "sites" site);
name!(/** A sector of a site. */ SectorName: "hospitals" hospital, "sites" site, "sectors" sector);
name!(/** A room of a sector. */ RoomName: "hospitals" hospital, "sites" site, "sectors" sector, "rooms" room);
name!(/** A staff member. */ StaffMemberName: "hospitals" hospital, "staffMembers" staff_member);
name!(/** A contract. */ ContractName: "hospitals" hospital, "staffMembers" staff_member, "contracts" contract);
name!(/** A surgeon. */ SurgeonName: "hospitals" hospital, "surgeons" surgeon);
name!(/** A specialty. */ SpecialtyName: "hospitals" hospital, "specialties" specialty);
name!(/** A skill. */ SkillName: "hospitals" hospital, "skills" skill);
name!(/** A version of a legal pack. */ LegalPackName: "hospitals" hospital, "legalPacks" legal_pack);
name!(/** A profession. */ ProfessionName: "hospitals" hospital, "professions" profession);
name!(/** What a hospital says about who may do what. */ AccessPolicyName: "hospitals" hospital; "/accessPolicy");
name!(/** A service account. */ ServiceAccountName: "hospitals" hospital, "serviceAccounts" service_account);
name!(/** An incompatibility. */ IncompatibilityName: "hospitals" hospital, "incompatibilities" incompatibility);
name!(/** A session. */ SessionName: "hospitals" hospital, "sessions" session);

name!(/** A file on its way in. */ ImportName: "hospitals" hospital, "imports" import);
name!(/** A run of an import. */ ImportOperationName: "hospitals" hospital, "imports" import, "operations" operation);

// === leave ===

name!(/** A leave. */ LeaveName: "hospitals" hospital, "staffMembers" staff_member, "leaves" leave);
name!(
    /** A leave that comes again. */
    LeaveSeriesName: "hospitals" hospital, "staffMembers" staff_member, "leaveSeries" leave_series
);
name!(
    /** Days on which somebody cannot take duties. */
    UnavailabilityName: "hospitals" hospital, "staffMembers" staff_member, "unavailabilities" unavailability
);
name!(/** A balance. */ BalanceName: "hospitals" hospital, "staffMembers" staff_member, "balances" balance);
name!(
    /** A line of a balance's ledger. */
    BalanceEntryName: "hospitals" hospital, "staffMembers" staff_member, "balances" balance, "entries" entry
);
name!(/** A leave type. */ LeaveTypeName: "hospitals" hospital, "leaveTypes" leave_type);
name!(/** The one leave policy of a hospital. */ LeavePolicyName: "hospitals" hospital; "/leavePolicy");
name!(/** A holiday. */ HolidayName: "hospitals" hospital, "holidays" holiday);

// === planning ===

name!(/** A plan. */ PlanName: "hospitals" hospital, "plans" plan);
name!(/** A shift of a plan. */ ShiftName: "hospitals" hospital, "plans" plan, "shifts" shift);
name!(/** An assignment of a plan. */ AssignmentName: "hospitals" hospital, "plans" plan, "assignments" assignment);
name!(/** A proposal for a plan. */ ProposalName: "hospitals" hospital, "plans" plan, "proposals" proposal);
name!(/** A published revision of a plan. */ RevisionName: "hospitals" hospital, "plans" plan, "revisions" revision);
name!(
    /** The certificate of a revision. */
    CertificateName: "hospitals" hospital, "plans" plan, "revisions" revision; "/certificate"
);
name!(/** Long work on a plan. */ OperationName: "hospitals" hospital, "plans" plan, "operations" operation);
name!(/** A solver's task. */ TaskName: "hospitals" hospital, "tasks" task);
name!(/** A template. */ TemplateName: "hospitals" hospital, "templates" template);
name!(/** A rule set. */ RuleSetName: "hospitals" hospital, "ruleSets" rule_set);
name!(
    /** A calendar feed of a person. */
    CalendarFeedName: "hospitals" hospital, "staffMembers" staff_member, "calendarFeeds" calendar_feed
);
name!(
    /** A counter of a person. */
    CounterName: "hospitals" hospital, "staffMembers" staff_member, "counters" counter
);

name!(/** An exchange of duties. */ SwapName: "hospitals" hospital, "swaps" swap);
name!(/** A post to replace. */ ReplacementName: "hospitals" hospital, "replacements" replacement);
name!(
    /** An absence that nobody planned. */
    UnplannedAbsenceName: "hospitals" hospital, "staffMembers" staff_member, "unplannedAbsences" unplanned_absence
);
name!(/** The one exchange policy of a hospital. */ ExchangePolicyName: "hospitals" hospital; "/exchangePolicy");

name!(
    /** A line of the ledger behind a counter. */
    LedgerLineName: "hospitals" hospital, "staffMembers" staff_member, "counters" counter, "lines" line
);
name!(
    /** What somebody did of a counter in a year against their share. */
    EquityAccountName: "hospitals" hospital, "staffMembers" staff_member, "equityAccounts" equity_account
);
name!(/** A wish of a person. */ WishName: "hospitals" hospital, "staffMembers" staff_member, "wishes" wish);

// === notification ===

name!(
    /** A notification of a person. */
    NotificationName: "hospitals" hospital, "staffMembers" staff_member, "notifications" notification
);
name!(
    /** How a person wants to be told. */
    NotificationPreferencesName: "hospitals" hospital, "staffMembers" staff_member; "/notificationPreferences"
);
name!(
    /** A notification on its way out of the application. */
    DeliveryName: "hospitals" hospital, "staffMembers" staff_member, "deliveries" delivery
);
name!(/** Something that everybody of a hospital is told. */ NoticeName: "hospitals" hospital, "notices" notice);
name!(/** An endpoint of another system. */ WebhookName: "hospitals" hospital, "webhooks" webhook);
name!(
    /** Something on its way to an endpoint. */
    WebhookDeliveryName: "hospitals" hospital, "webhooks" webhook, "deliveries" delivery
);
name!(/** What clients show above everything else. */ BannerName: "hospitals" hospital; "/banner");

// === the mesh itself: what belongs to no hospital ===

name!(/** A consumer of events. */ ConsumerName: "consumers" consumer);
name!(/** An event that a consumer could not apply. */ DeadLetterName: "consumers" consumer, "deadLetters" dead_letter);

#[cfg(test)]
mod tests;
