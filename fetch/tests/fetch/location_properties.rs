//! Whatever the text: no panic, and what is accepted is what it says.

use hostler_fetch::Location;
use proptest::prelude::*;

use crate::location;

/// Text with what locations are made of.
fn text() -> impl Strategy<Value = String> {
    let parts = "(https://|http://|HTTP:|file://|file:|localhost|ftp:|//|/|\\\\|\\?|#|@|:|&|=|;|%|%2F|%00|%0a|%ff|\\[::1\\]|\\.|\\.\\.|a|b:c|80|sig=x| |\u{e4}|\u{202e}|\n|\u{0})";
    prop_oneof![
        proptest::string::string_regex(&format!("{parts}{{0,16}}")).unwrap(),
        any::<String>(),
        any::<String>().prop_map(|rest| format!("https://host/{rest}")),
        any::<String>().prop_map(|rest| format!("/{rest}")),
    ]
}

fn base() -> impl Strategy<Value = Option<Location>> {
    const BASES: [&str; 3] = ["/d/e.json", "http://user:pw@host/d/e?sig=x", "https://host:8443"];
    prop_oneof![
        Just(None),
        proptest::sample::select(&BASES[..]).prop_map(|base| Some(location(base))),
    ]
}

proptest! {
    #[test]
    fn what_is_accepted_can_be_written_and_read_again(text in text(), base in base()) {
        if let Ok(location) = Location::parse(&text, base.as_ref()) {
            let exact = location.exact();
            prop_assert!(exact.len() <= 8192);
            prop_assert_eq!(Location::parse(&exact, None), Ok(location.clone()), "{}", exact);
            // By itself it may be named by the document that named it before.
            prop_assert_eq!(Location::parse(&exact, base.as_ref()), Ok(location), "{}", exact);
        }
    }

    #[test]
    fn what_is_shown_is_one_line(text in text(), base in base()) {
        let shown = match Location::parse(&text, base.as_ref()) {
            Ok(location) => {
                prop_assert!(!location.file_name().contains('/'));
                [location.display(), location.file_name()].concat()
            }
            Err(error) => error.to_string(),
        };
        prop_assert!(!shown.chars().any(char::is_control), "{}", shown);
    }

    #[test]
    fn neither_query_nor_user_is_shown(path in "[a-z/.%2?\u{e4}]{0,12}", user in "[a-z]{0,3}", query in "[a-z=&?/\\\\]{0,8}") {
        let secret = "S3CR3T";
        let base = location("https://host/a/b");
        for text in [
            format!("https://{user}:{secret}@host/{path}?{query}{secret}"),
            format!("http://{secret}@host?{query}{secret}#{path}"),
        ] {
            let located = Location::parse(&text, None).unwrap();
            prop_assert!(located.exact().contains(secret));
            let relative = Location::parse(&format!("c{path}?{query}{secret}"), Some(&base)).unwrap();
            for shown in [&located, &relative].map(|location| format!("{location:?} {}", location.file_name())) {
                prop_assert!(!shown.contains(secret), "{}", shown);
            }
        }
    }
}
