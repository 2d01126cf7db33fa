//! A run as it is shown and written: on a terminal, as JSON, as a page, against an earlier one.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::collections::BTreeMap;
use std::time::Duration;

use hostler_measure::{
    Contender, Document, KEYS, Machine, Part, Reading, Rounds, Run, Samples, Series, Statistic, Verdict, changes_table,
    markdown, page, picture, table, targets,
};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::json;

/// A contender that takes `base` microseconds, and a little more each round, as `seed` has it.
fn contender(name: &str, base: u64, seed: u64) -> Contender<'_> {
    let mut number = seed;
    Contender::new(name, move || {
        number = number
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        Ok(Duration::from_nanos(
            base * 1_000 + base * 10 * (number >> 33) % (base * 50),
        ))
    })
}

fn machine() -> Machine {
    Machine {
        processor: "A Processor 9".to_owned(),
        cores: 2,
        memory_mib: 24_000,
        kernel: "6.18".to_owned(),
        distribution: "Some System 12".to_owned(),
        virtual_machine: Some(true),
        load_before: Some(0.5),
        programs: BTreeMap::from([("rustc".to_owned(), "rustc 1.95.0".to_owned())]),
        ..Machine::default()
    }
}

/// A run in which hostler took `ours` microseconds.
fn run(ours: u64) -> Run {
    let contenders = vec![
        contender("ready worker", ours, 1),
        contender("native program", 1_800, 2),
        contender("native <program> & once more", 1_800, 3),
    ];
    let series = Rounds::new(40).run(contenders).unwrap();
    let [worker, native, again] = &series[..] else {
        unreachable!()
    };
    let noisy: Samples = (0..20).map(|round| 10.0 + f64::from(round * 13 % 17) * 3.0).collect();
    let late = Series::of("after the deadline", &noisy);
    let enable = Part {
        name: "enable",
        title: "One command",
        about: "The same source, natively & as a component.".to_owned(),
        repeat: "cargo xtask bench --part enable".to_owned(),
        readings: vec![
            Reading::compared("enable.worker_warm_vs_native_spawn", worker.clone(), native.clone()),
            Reading::compared("honesty.same_twice", native.clone(), again.clone()),
            Reading::shape("enable.p99_vs_p50", worker.clone(), Statistic::P99, Statistic::Median),
            Reading::not_run("enable.worker_warm_vs_python", "there is no python3 here"),
        ],
        series,
    };
    let stop = Part {
        name: "stop",
        title: "Stopping",
        about: "How late.".to_owned(),
        repeat: "cargo xtask bench --part stop".to_owned(),
        series: vec![
            late.clone(),
            Series::single("memory of it", "kB", 2_048.0),
            Series::of("nothing", &Samples::default()),
        ],
        readings: vec![
            Reading::statistic("stop.overshoot_ms_p99", late.clone(), Statistic::P99, 1e-3),
            Reading::compared(
                "files.read_vs_native",
                Series::of("nothing", &Samples::default()),
                late.clone(),
            ),
            Reading::compared_by(
                Statistic::Median,
                "files.write_vs_native",
                Series::in_unit("ours", "us", &noisy.values().iter().map(|time| time * 1.5).collect()),
                Series::of("other", &(0..20).map(|_| 20.0).collect::<Samples>()),
            ),
        ],
    };
    Run {
        title: "What a command costs".to_owned(),
        version: "0.1.0".to_owned(),
        machine: machine(),
        options: BTreeMap::from([("rounds".to_owned(), json!(40))]),
        isolation: json!({ "mode": "worker", "layers": [{ "name": "seccomp", "state": "on" }] }),
        parts: vec![enable, stop],
        left_out: BTreeMap::from([(
            "files.quota_cost".to_owned(),
            "the part `files` was not asked for".to_owned(),
        )]),
    }
}

#[test]
fn a_terminal_shows_all_of_it_in_120_columns() {
    let text = table(&Document::from(&run(900)));
    insta::assert_snapshot!(text, @"
    What a command costs, hostler 0.1.0
      processor    A Processor 9, 2 of them, a virtual machine
      memory       24000 MiB
      system       Some System 12, kernel 6.18
      load         0.50 before, unknown after
      rustc        rustc 1.95.0

    One command (enable)
                                                                  count          min       median          p90          p99
      ready worker                                                   40       900 µs       918 µs       936 µs       936 µs
      native program                                                 40      1.80 ms      1.85 ms      1.87 ms      1.87 ms
      native <program> & once more                                   40      1.80 ms      1.85 ms      1.87 ms      1.87 ms
                                                     figure              within   of min   target  held
      enable.worker_warm_vs_native_spawn              0.495       0.490 – 0.505    0.500    ≤ 0.5  yes
      honesty.same_twice                               1.00        0.981 – 1.02     1.00        -  -
        no difference that can be told
      enable.p99_vs_p50                                1.02         1.01 – 1.03        -      ≤ 5  yes
      enable.worker_warm_vs_python                 not run: there is no python3 here

    Stopping (stop)
                                                                  count          min       median          p90          p99
      after the deadline                                             20      10.0 µs      37.0 µs      55.0 µs      58.0 µs
      memory of it                                                    1                  2,048 kB
                                                     figure              within   of min   target  held
      stop.overshoot_ms_p99                          0.0580     0.0490 – 0.0580        -      ≤ 5  yes
      files.read_vs_native                         not run: nothing was measured
      files.write_vs_native                            2.77         1.65 – 3.45    0.750    ≤ 1.9  cannot be told
        noisy: the figure is a guess

    not run
      files.quota_cost                             the part `files` was not asked for
    ");
    for line in text.lines() {
        assert!(line.chars().count() <= 120, "{line}");
    }
}

#[test]
fn names_that_a_terminal_would_obey_and_long_ones_are_shown_tamed() {
    let mut run = run(900);
    run.parts[0].series[0].what = format!("\u{1b}[31m{}", "long ".repeat(60));
    let text = table(&Document::from(&run));
    assert!(!text.contains('\u{1b}') && text.contains(" [31mlong"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
}

#[test]
fn what_is_written_is_read_again() {
    let document = Document::from(&run(900));
    let text = document.to_json();
    assert_eq!(Document::read(text.as_bytes()).unwrap(), document);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let ratio = value["ratios"]["enable.worker_warm_vs_native_spawn"].as_f64().unwrap();
    assert!((0.45..0.55).contains(&ratio), "{ratio}");
    let not_run: Vec<_> = value["not_run"].as_object().unwrap().keys().collect();
    assert_eq!(
        not_run,
        [
            "enable.worker_warm_vs_python",
            "files.quota_cost",
            "files.read_vs_native"
        ]
    );
    assert_eq!(value["ratios"].as_object().unwrap().len(), 5);
}

#[test]
fn a_page_is_one_well_formed_file_that_fetches_nothing() {
    let (now, then) = (Document::from(&run(900)), Document::from(&run(1_300)));
    let page = page(&now, Some(&now.changes_since(&then))).unwrap();
    let mut charts = 0;
    let mut reader = Reader::from_str(&page);
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(tag) => {
                let name = tag.name();
                let name: &str = name.as_ref();
                assert!(!["script", "link", "iframe", "img", "object"].contains(&name), "{name}");
                charts += usize::from(name == "svg");
            }
            _ => {}
        }
    }
    // Of the figures, of the first part, and of the second one's two units.
    assert_eq!(charts, 4);
    assert!(!page.contains("http") && !page.contains("url(") && !page.contains("@import"));
    assert!(
        page.contains("native &lt;program&gt; &amp; once more")
            || page.contains("native &#60;program&#62; &#38; once more")
    );
    for needle in [
        "Of 4 targets",
        "cargo xtask bench --part stop",
        "A Processor 9",
        "not run",
        "better",
        "worker, seccomp on",
    ] {
        assert!(page.contains(needle), "{needle}");
    }
}

#[test]
fn the_picture_stands_alone() {
    let svg = picture(&Document::from(&run(900))).unwrap().unwrap();
    assert!(
        svg.starts_with("<svg") && svg.contains("prefers-color-scheme") && svg.contains("xmlns"),
        "{svg}"
    );
    let mut reader = Reader::from_str(&svg);
    while !matches!(reader.read_event().unwrap(), Event::Eof) {}
    let nothing = Run {
        parts: vec![],
        ..run(900)
    };
    assert_eq!(picture(&Document::from(&nothing)).unwrap(), None);
}

#[test]
fn an_earlier_run_is_compared_by_what_can_be_told() {
    let [fast, same, slow] = [run(900), run(905), run(1_300)].map(|run| Document::from(&run));
    let verdict = |now: &Document, then: &Document, what: &str| {
        let changes = now.changes_since(then);
        let mut all = changes.readings.iter().chain(&changes.series);
        all.find(|change| change.what == what).unwrap().verdict
    };
    let (key, median) = ("enable.worker_warm_vs_native_spawn", "enable: ready worker");
    for what in [key, median] {
        assert_eq!(verdict(&slow, &fast, what), Verdict::Worse, "{what}");
        assert_eq!(verdict(&fast, &slow, what), Verdict::Better, "{what}");
        assert_eq!(verdict(&fast, &same, what), Verdict::CannotBeTold, "{what}");
    }
    assert_eq!(verdict(&slow, &fast, "enable: native program"), Verdict::CannotBeTold);
    // Measured once: nothing can be told of it.
    assert_eq!(verdict(&slow, &fast, "stop: memory of it"), Verdict::CannotBeTold);

    let mut elsewhere = fast.clone();
    elsewhere.machine.cores = 64;
    elsewhere.parts[0].readings.remove(0);
    elsewhere.parts[1].series.remove(0);
    let changes = elsewhere.changes_since(&fast);
    assert_eq!(changes.machine, ["processors: 2 before, 64 now"]);
    assert_eq!(changes.gone, [key, "stop: after the deadline"]);
    let text = changes_table(&changes);
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
}

#[test]
fn what_is_no_earlier_run_is_refused() {
    let ours = Document::from(&run(900));
    let mut later = serde_json::to_value(&ours).unwrap();
    later["format"] = json!(9);
    let mut broken = serde_json::to_value(&ours).unwrap();
    broken["parts"] = json!("none");
    let errors: Vec<String> = [
        "hello".to_owned(),
        "{}".to_owned(),
        json!({ "kind": "hostler-bench" }).to_string(),
        later.to_string(),
        broken.to_string(),
    ]
    .iter()
    .map(|text| Document::read(text.as_bytes()).unwrap_err().to_string())
    .collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
    it is no result of a benchmark: expected value at line 1 column 1
    it is no result of a benchmark: its `kind` is not `hostler-bench`
    it is no result of a benchmark: it has no `format`
    it has form 9 of such documents, and this hostler reads form 1
    it is no result of a benchmark: invalid type: string "none", expected a sequence
    "#);
}

#[test]
fn figures_are_a_table_for_the_documentation() {
    let text = markdown(&Document::from(&run(900)));
    insta::assert_snapshot!(text, @"
    hostler 0.1.0

    | | |
    |---|---|
    | processor | A Processor 9, 2 of them, a virtual machine |
    | memory | 24000 MiB |
    | system | Some System 12, kernel 6.18 |
    | load | 0.50 before, unknown after |
    | rustc | rustc 1.95.0 |

    | key | hostler, median (min, p99) | other, median (min, p99) | figure | within | of min | target | held |
    |---|---|---|---|---|---|---|---|
    | `enable.worker_warm_vs_native_spawn` | 918 µs (900 µs, 936 µs) | 1.85 ms (1.80 ms, 1.87 ms) | 0.495 | 0.490 – 0.505 | 0.500 | ≤ 0.5 | yes |
    | `enable.worker_warm_vs_python` |  |  | not run: there is no python3 here |  |  | ≤ 0.03 |  |
    | `enable.p99_vs_p50` | 918 µs (900 µs, 936 µs) |  | 1.02 | 1.01 – 1.03 |  | ≤ 5 | yes |
    | `files.write_vs_native` | 55.5 µs (15.0 µs, 87.0 µs) | 20.0 µs (20.0 µs, 20.0 µs) | 2.77 (noisy) | 1.65 – 3.45 | 0.750 | ≤ 1.9 | cannot be told |
    | `files.read_vs_native` | 37.0 µs (10.0 µs, 58.0 µs) |  | not run: nothing was measured |  |  | ≤ 1.5 |  |
    | `stop.overshoot_ms_p99` | 37.0 µs (10.0 µs, 58.0 µs) |  | 0.0580 | 0.0490 – 0.0580 |  | ≤ 5 | yes |
    | `honesty.same_twice` | 1.85 ms (1.80 ms, 1.87 ms) | 1.85 ms (1.80 ms, 1.87 ms) | 1.00, no difference that can be told | 0.981 – 1.02 | 1.00 |  |  |
    ");
}

#[test]
fn every_key_is_documented_with_its_target() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/benchmarks.md");
    let text = std::fs::read_to_string(path).unwrap();
    let rows: String = KEYS
        .iter()
        .map(|key| {
            let target = targets()
                .get(key.name)
                .map(|target| format!("{target} "))
                .unwrap_or_default();
            format!("| `{}` | {} | {target}|\n", key.name, key.compares)
        })
        .collect();
    assert!(
        text.contains(&rows),
        "docs/benchmarks.md should have these rows, in this order:\n{rows}"
    );
}
