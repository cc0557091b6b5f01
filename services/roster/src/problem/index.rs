//! Typed dense indices: an index of one table cannot be used in another.

/// Declares one index type over a small unsigned integer.
macro_rules! index {
    ($(#[$doc:meta])* $name:ident, $inner:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl $name {
            /// The position in its table.
            #[must_use]
            pub fn at(self) -> usize {
                self.0 as usize
            }

            /// The index of a position; `None` when the table is larger than the type can address.
            #[must_use]
            pub fn of(position: usize) -> Option<Self> {
                <$inner>::try_from(position).ok().map(Self)
            }
        }
    };
}

index!(/// A day of the horizon; 0 is its first day.
    DayIx, u16);
index!(/// A person of the problem.
    PersonIx, u16);
index!(/// A slot: one thing that must be staffed.
    SlotIx, u32);
index!(/// A site.
    SiteIx, u16);
index!(/// A sector: rooms under the same limits.
    SectorIx, u16);
index!(/// An operating room.
    RoomIx, u16);
index!(/// A surgeon.
    SurgeonIx, u16);
index!(/// A specialty.
    SpecialtyIx, u16);
index!(/// A skill.
    SkillIx, u16);
index!(/// A line of gardes or astreintes.
    LineIx, u16);
index!(/// A type of shift.
    ShiftIx, u16);
