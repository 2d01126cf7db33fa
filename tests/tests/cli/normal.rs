//! What differs from run to run and from machine to machine, replaced by a word in brackets.
//!
//! A snapshot shows a whole output, so that nothing can be said to a user unseen. Paths, digests, times and sizes that
//! a compiler decides are all that is taken out of it.

/// Members of `--json` whose numbers differ from run to run, or with the compiler.
const NUMBERS: [&str; 5] = ["bytes", "compileMs", "dropped", "durationMs", "used"];

/// Members of `--json` that name the machine.
const MACHINE: [&str; 3] = ["computerName", "osName", "osVersion"];

/// `text` with each path of `paths` replaced by its name, and all else that differs by what it is.
pub(crate) fn normal(text: &str, paths: &[(String, &str)]) -> String {
    let mut text = text.to_owned();
    for (path, name) in paths {
        text = text.replace(path, name);
    }
    text = text.replace(&format!("\"{}\"", env!("CARGO_PKG_VERSION")), "\"[VERSION]\"");
    without_layers(&text).split_inclusive('\n').map(line).collect()
}

/// `text` with what `--json` says of the layers in one word: a member over several lines.
fn without_layers(text: &str) -> String {
    const MEMBER: &str = "\"isolation\": {";
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, member)) = rest.split_once(MEMBER) {
        let indent: String = before.chars().rev().take_while(|c| *c == ' ').collect();
        let end = format!("\n{indent}}}");
        let after = member.split_once(end.as_str()).map_or("", |(_, after)| after);
        out += before;
        out += "\"isolation\": \"[LAYERS]\"";
        rest = after;
    }
    out + rest
}

/// One line with its line feed.
fn line(line: &str) -> String {
    let line = words(line);
    let line = member(&line);
    let line = used(&line);
    let line = between(&line, ".zip, ", ", unsigned", "[SIZE]");
    let line = between(&line, "after ", " ms", "[N]");
    let line = between(&line, " reached, ", " used", "[USED]");
    let line = between(&line, "compiled in ", " ms", "[N]");
    // What the kernel of this machine has.
    layer(&line)
}

/// A line about Landlock or the filter of system calls, whose state is the machine's; and what it comes to.
fn layer(line: &str) -> String {
    let layers = ["  landlock  ", "  seccomp   "];
    match layers.into_iter().find(|layer| line.starts_with(layer)) {
        Some(layer) => format!("{layer}[MACHINE]\n"),
        None if line.starts_with("isolation worker, ") => "isolation worker, [MACHINE]\n".to_owned(),
        None => line.to_owned(),
    }
}

/// Digests, points in time and random names.
fn words(line: &str) -> String {
    let part_of_a_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ':');
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(part_of_a_word) {
        let (before, from) = rest.split_at(start);
        let length = from.find(|c| !part_of_a_word(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(length);
        out += before;
        out += match word {
            _ if word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit()) => "[DIGEST]",
            _ if is_time(word) => "[TIME]",
            _ if word.starts_with("hostler-run-") => "hostler-run-[RANDOM]",
            _ => word,
        };
        rest = after;
    }
    out + rest
}

/// Whether `word` is like `2026-01-31T23:59:59Z`.
fn is_time(word: &str) -> bool {
    const SHAPE: &str = "dddd-dd-ddTdd:dd:ddZ";
    word.len() == SHAPE.len()
        && word.chars().zip(SHAPE.chars()).all(|(c, shape)| match shape {
            'd' => c.is_ascii_digit(),
            _ => c == shape,
        })
}

/// A number or a word of the machine in a line of `--json`: `"used": 12,`.
fn member(line: &str) -> String {
    let Some((before, value)) = line.split_once("\": ") else {
        return line.to_owned();
    };
    let key = before.trim_start().trim_start_matches('"');
    let end = value.trim_end().trim_end_matches(',').len();
    let (value, after) = value.split_at(end);
    let is_number = value.bytes().all(|b| b.is_ascii_digit());
    if NUMBERS.contains(&key) && is_number {
        format!("{before}\": [N]{after}")
    } else if MACHINE.contains(&key) {
        format!("{before}\": \"[MACHINE]\"{after}")
    } else {
        line.to_owned()
    }
}

/// `used cmd.deadline 2 ms of 15 min, ...`: what was used, but not of how much.
fn used(line: &str) -> String {
    let Some((before, uses)) = line.split_once(" used ") else {
        return line.to_owned();
    };
    let uses: Vec<String> = uses
        .split(", ")
        .map(|one| match (one.split_once(' '), one.split_once(" of ")) {
            (Some((name, _)), Some((_, of))) => format!("{name} [USED] of {of}"),
            _ => one.to_owned(),
        })
        .collect();
    format!("{before} used {}", uses.join(", "))
}

/// What stands between `start` and `end`, where it begins with a digit, replaced.
fn between(line: &str, start: &str, end: &str, by: &str) -> String {
    let found = line.find(start).map(|at| at + start.len());
    let Some((before, from)) = found.and_then(|at| line.split_at_checked(at)) else {
        return line.to_owned();
    };
    match from.find(end) {
        Some(length) if from.starts_with(|c: char| c.is_ascii_digit()) => {
            let after = from.get(length..).unwrap_or_default();
            format!("{before}{by}{after}")
        }
        _ => line.to_owned(),
    }
}

/// JSON in lines with each object that has no other in it on one line, so that a long document can be read.
pub(crate) fn compact(json: &str) -> String {
    let mut out = String::new();
    // The lines of the innermost object so far.
    let mut open: Vec<&str> = Vec::new();
    for line in json.lines() {
        if line.ends_with(['{', '[']) {
            flush(&mut out, &mut open);
            open.push(line);
        } else if line.trim_start().starts_with('}') && open.first().is_some_and(|first| first.ends_with('{')) {
            open.push(line);
            let members = open.get(1..).unwrap_or_default();
            let joined: Vec<_> = members.iter().map(|member| member.trim_start()).collect();
            out += &format!("{} {}\n", open.first().unwrap_or(&""), joined.join(" "));
            open.clear();
        } else {
            open.push(line);
        }
    }
    flush(&mut out, &mut open);
    out
}

fn flush(out: &mut String, open: &mut Vec<&str>) {
    for line in open.drain(..) {
        *out += &format!("{line}\n");
    }
}
