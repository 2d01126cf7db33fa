//! `Regions`: in which regions a version is shown once it is public.

/// Most regions of a list.
pub const MAX_REGIONS: usize = 256;
/// Longest name of a region, in characters.
const MAX_CHARACTERS: usize = 64;

/// Where a version is public. An element that is absent is neither: `Option<Regions>` has the three states of the
/// element (REGISTRATION 8: first and internal, a slice, everywhere).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Regions {
    /// The element is there and empty.
    All,
    /// Names such as `South Central US`, in the order of the document, each once.
    Listed(Vec<String>),
}

impl Regions {
    /// Reads the text of the element: names with `;` between them, blanks around them, empty ones left out.
    ///
    /// # Errors
    /// What is wrong with it: a name with other characters than ASCII letters, digits, blanks, `-` and brackets, a long
    /// one, and too many.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut names: Vec<String> = Vec::new();
        for name in text.split(';').map(str::trim).filter(|name| !name.is_empty()) {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '(' | ')');
            if name.chars().count() > MAX_CHARACTERS || !name.chars().all(fits) {
                return Err(format!(
                    "`{}` is not the name of a region",
                    crate::escape_bounded(name, 80)
                ));
            }
            if !names.iter().any(|other| other == name) {
                names.push(name.to_owned());
            }
            if names.len() > MAX_REGIONS {
                return Err(format!("it names more than {MAX_REGIONS} regions"));
            }
        }
        Ok(if names.is_empty() {
            Self::All
        } else {
            Self::Listed(names)
        })
    }

    /// The text of the element.
    pub fn to_text(&self) -> String {
        match self {
            Self::All => String::new(),
            Self::Listed(names) => names.join(";"),
        }
    }

    /// Whether the region `name` is meant; blanks and case do not count, so that `southcentralus` is `South Central US`.
    pub fn contains(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Listed(names) => names.iter().any(|listed| same_region(listed, name)),
        }
    }
}

/// Whether two names mean the same region: `South Central US` and `southcentralus` do.
pub fn same_region(one: &str, other: &str) -> bool {
    let letters = |name: &str| -> String {
        let letters = name.chars().filter(|c| !c.is_whitespace());
        letters.map(|c| c.to_ascii_lowercase()).collect()
    };
    letters(one) == letters(other)
}

#[cfg(test)]
mod tests {
    use super::{Regions, same_region};

    #[test]
    fn regions_have_their_states() {
        let listed = |names: &[&str]| Regions::Listed(names.iter().map(|name| (*name).to_owned()).collect());
        for (text, regions) in [
            ("", Regions::All),
            (" ; ", Regions::All),
            ("West US", listed(&["West US"])),
            (" West US;East US ; West US;", listed(&["West US", "East US"])),
        ] {
            assert_eq!(Regions::parse(text), Ok(regions), "{text}");
        }
        for text in ["a/b", "a_b", "a\nb", "..", "\u{e9}", &"a".repeat(65)] {
            assert!(Regions::parse(text).is_err(), "{text}");
        }
        assert!(same_region("South Central US", "southcentralus"));
        assert!(!same_region("West US", "West US 2"));
    }
}
