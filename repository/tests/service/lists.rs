//! A publisher's list that is longer than what is read at a time, and than what is kept.

use crate::client::Answer;
use crate::databases::over_each;
use crate::filled;

/// The body as its sender meant it.
fn whole(answer: &Answer) -> Vec<u8> {
    if answer.header("Transfer-Encoding").is_none() {
        return answer.body.clone();
    }
    let (mut left, mut whole) = (answer.body.as_slice(), Vec::new());
    loop {
        let end = left.windows(2).position(|two| two == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&left[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return whole;
        }
        let chunk = &left[end + 2..];
        whole.extend_from_slice(&chunk[..size]);
        left = &chunk[size + 2..];
    }
}

/// Type and version of each row. By what stands around them: parsing takes minutes for as many bytes as these.
fn rows(bytes: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(
        text.ends_with("</ExtensionImages>"),
        "{:?}",
        text.get(text.len() - 100..)
    );
    let between = |text: &str, start: &str, end: &str| {
        let (_, rest) = text.split_once(start).unwrap();
        rest.split_once(end).unwrap().0.to_owned()
    };
    let images = text.split("<ExtensionImage>").skip(1);
    images
        .map(|image| {
            (
                between(image, "<Type>", "</Type>"),
                between(image, "<Version>", "</Version>"),
            )
        })
        .collect()
}

#[test]
fn a_list_has_every_version_once_and_in_its_order_however_long_it_is() {
    let schema = "QUFB".repeat(12 << 10);
    let large = format!(
        "<IsInternalExtension>false</IsInternalExtension><PublicConfigurationSchema>{schema}</PublicConfigurationSchema>"
    );
    over_each(|database| {
        // Two full pages, some pages and a part of one, and more bytes than are put together.
        for (count, rest, is_streamed) in [
            (1000, "<IsInternalExtension>false</IsInternalExtension>", false),
            (1230, "<IsInternalExtension>false</IsInternalExtension>", false),
            (800, large.as_str(), true),
        ] {
            let repository = filled::repository(database, count, rest);
            let mut expected: Vec<(String, String)> = (0..count)
                .map(|number| (format!("Demo{}", number / 10), format!("1.{}.0", number % 10)))
                .collect();
            expected.sort();
            // The second time it is kept, if it is.
            for _ in 0..2 {
                let answer = repository.call("GET", "/services/publisherextensions", "");
                assert_eq!(answer.status, 200);
                let streamed = answer.header("Transfer-Encoding") == Some("chunked");
                assert_eq!(streamed, is_streamed, "{count}: {}", answer.head);
                assert_eq!(rows(&whole(&answer)), expected, "{count}");
            }
        }
    });
}
