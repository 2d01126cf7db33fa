//! The little of Markdown that checking links needs: what is a link, and what a heading can be linked as.

/// A link in a Markdown file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// Line, from 1.
    pub(crate) line: usize,
    /// Where it points, as written.
    pub(crate) target: String,
}

/// Lines of `text` that are not in a fenced code block, numbered from 1, without what stands in backticks.
fn prose(text: &str) -> impl Iterator<Item = (usize, String)> {
    let mut fence: Option<&str> = None;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let start = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => {}
            (None, None) => return Some((index + 1, without_code(line))),
        }
        None
    })
}

/// `line` without its inline code.
fn without_code(line: &str) -> String {
    // Even pieces are outside of backticks; an unpaired backtick opens nothing.
    let pieces: Vec<&str> = line.split('`').collect();
    let paired = pieces.len() - (pieces.len() + 1) % 2;
    let outside = pieces.iter().take(paired).step_by(2);
    outside.chain(pieces.iter().skip(paired)).copied().collect()
}

/// Every inline link, image and reference definition of `text`.
pub(crate) fn links(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    for (line, prose) in prose(text) {
        let mut rest = prose.as_str();
        while let Some((_, after)) = rest.split_once("](") {
            let Some((target, after)) = after.split_once(')') else {
                break;
            };
            links.push(Link {
                line,
                target: without_title(target),
            });
            rest = after;
        }
        if let Some((_, target)) = prose.split_once("]: ").filter(|_| prose.starts_with('[')) {
            links.push(Link {
                line,
                target: without_title(target),
            });
        }
    }
    links
}

fn without_title(target: &str) -> String {
    let target = target.trim();
    target
        .split_once(char::is_whitespace)
        .map_or(target, |(target, _)| target)
        .trim_matches(['<', '>'])
        .to_owned()
}

/// The anchors of `text`'s headings, as code forges make them: lower case, blanks as dashes, no other punctuation, and
/// a number on those that come again.
pub(crate) fn anchors(text: &str) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    // Code in a heading is part of its anchor, so the lines are those with it.
    let lines: Vec<&str> = text.lines().collect();
    for (number, _) in prose(text) {
        let Some(heading) = lines.get(number - 1).and_then(|line| heading(line)) else {
            continue;
        };
        let slug = slug(heading);
        let again = (1..).map(|n| format!("{slug}-{n}"));
        let anchor = std::iter::once(slug.clone())
            .chain(again)
            .find(|name| !anchors.contains(name));
        anchors.extend(anchor);
    }
    anchors
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    ((1..=6).contains(&level))
        .then(|| text.strip_prefix(' '))?
        .map(str::trim)
}

fn slug(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{anchors, links};

    #[test]
    fn links_are_found_where_they_are_links() {
        let text = "\
See [one](docs/a.md), ![two](b.png \"title\") and `[no](c.md)`.
```
[no](d.md)
```
An unpaired ` and [three](e.md#f)
[ref]: <g.md>
";
        let found: Vec<(usize, String)> = links(text).into_iter().map(|link| (link.line, link.target)).collect();
        let expected = [(1, "docs/a.md"), (1, "b.png"), (5, "e.md#f"), (6, "g.md")];
        assert_eq!(found, expected.map(|(line, target)| (line, target.to_owned())));
    }

    #[test]
    fn headings_have_anchors() {
        let text = "# Exit codes\n## `hostler run`: what it does\n## Exit codes\n```\n# not one\n```\n#neither\n";
        assert_eq!(
            anchors(text),
            ["exit-codes", "hostler-run-what-it-does", "exit-codes-1"]
        );
    }
}
