//! How names, versions and numbers stand in documents of our own: as the text that people see, a sequence number as a
//! number.
//!
//! Reading goes through the parser of the type, so a value that was stored is checked like one that came from outside.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::{Code, ExtensionName, HandlerIdentity, HandlerName, SequenceNumber, SettingsName, Version, escape_bounded};

/// Text and how it is read: `$parse` gives the value, or what is wrong with the text and what would be right.
macro_rules! as_text {
    ($type:ty, $text:expr, $parse:expr) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let text: fn(&Self) -> String = $text;
                serializer.serialize_str(&text(self))
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let parse: fn(&str) -> Result<Self, String> = $parse;
                parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }
    };
}

/// Text as `Display` gives it and `parse` reads it.
macro_rules! as_shown {
    ($($type:ty),*) => {
        $(as_text!($type, Self::to_string, |text| Self::parse(text).map_err(|e| format!("{e}; {}", e.hint())));)*
    };
}

as_shown!(Version, HandlerName, HandlerIdentity, ExtensionName);
// The name of the settings file, which has one spelling.
as_text!(SettingsName, Self::settings_file, |text| Self::parse(text)
    .map_err(|e| format!("{e}; {}", e.hint())));
as_text!(Code, Self::to_string, |text| Self::from_name(text).ok_or_else(
    || format!(
        "`{}` is not a code; the documentation lists all of them",
        escape_bounded(text, 80)
    )
));

impl Serialize for SequenceNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.get())
    }
}

impl<'de> Deserialize<'de> for SequenceNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u32::deserialize(deserializer)?;
        Self::new(number).ok_or_else(|| D::Error::custom(format!("{number} is above {}", Self::MAX)))
    }
}
