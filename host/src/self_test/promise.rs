//! The promises of `docs/threat-model.md`, by number.

use serde::Serialize;

macro_rules! promises {
    ($($variant:ident $number:literal $name:literal $says:literal;)*) => {
        /// A promise.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Promise {
            $(#[doc = $says] $variant,)*
        }

        impl Promise {
            /// Every one, in their order.
            pub const ALL: [Self; [$($number),*].len()] = [$(Self::$variant),*];

            /// Its number, `P1` to `P11`.
            pub fn number(self) -> &'static str {
                match self { $(Self::$variant => $number),* }
            }

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What is promised, in one sentence.
            pub fn says(self) -> &'static str {
                match self { $(Self::$variant => $says),* }
            }
        }
    };
}

promises! {
    Containment "P1" "Containment" "A handler reaches its own folders and nothing else of the machine.";
    Secrets "P2" "Secrets" "Keys, and the settings of other handlers, are out of a handler's reach.";
    Bounds "P3" "Bounds" "Every command ends, and stays within its limits.";
    Status "P4" "Status" "What did not succeed is never reported as a success.";
    AllOrNothing "P5" "All or nothing" "Nothing of a package that is refused becomes visible.";
    GoingOn "P6" "Going on" "Whenever hostler is stopped, the next one goes on from there.";
    NoForeignCode "P7" "No foreign native code" "Only code that this installation compiled is run.";
    NoRollback "P8" "No silent rollback" "Nothing older is taken unless the operator says so.";
    ClearRefusals "P9" "Clear refusals" "Every refusal has a code, and is bounded and escaped.";
    Output "P10" "Output" "What a handler writes cannot act on a terminal or forge a line of the host's.";
    Repository "P11" "Repository" "Versions never change, and only who owns a name publishes under it.";
}

impl Promise {
    /// Why nothing here tries it, where that is so.
    pub fn not_tried(self) -> Option<&'static str> {
        match self {
            Self::GoingOn => Some(
                "trying it means to kill hostler at each of its steps: the project's tests do, and no run on a machine in \
                 use should",
            ),
            Self::NoRollback => Some("it is not promised yet: an older goal state is carried out as it comes"),
            Self::Repository => Some("there is no repository yet"),
            _ => None,
        }
    }
}

impl Serialize for Promise {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.number())
    }
}
