use std::time::Duration;

use hostler_contract::{Place, codes};

use super::*;
use crate::sandbox::{LayerName, RequiredIsolation};
use crate::self_test::{Promise, RefusedSeen};

fn seen(what: What) -> Seen {
    Seen {
        what,
        changed: vec![],
        secrets: vec![],
        took: Duration::ZERO,
    }
}

fn refused() -> What {
    What::Refused(RefusedSeen {
        findings: vec![Finding::refusal(codes::PKG_CRC, "p.zip", Place::Whole, "what", "hint")],
        left: vec![],
    })
}

fn probe(name: &str) -> Probe {
    let found = crate::self_test::table().into_iter().find(|probe| probe.name == name);
    found.unwrap()
}

/// Every layer on but those in `off`.
fn layers(off: &[LayerName]) -> IsolationReport {
    let mut report = IsolationReport::in_process();
    report.level = RequiredIsolation::Full;
    for layer in &mut report.layers {
        if !off.contains(&layer.name) {
            layer.state = LayerState::On;
        }
    }
    report
}

fn is_broken(judged: &Judged) -> bool {
    matches!(judged, Judged::Broken(_))
}

/// Whatever an attack was for, what it changed of others or learnt of them breaks its promise.
#[test]
fn a_change_beside_or_a_secret_breaks_every_probe() {
    let all = layers(&[]);
    let package = probe("changed-package");
    let good = seen(refused());
    assert!(matches!(judge(&package, &good, &all), Judged::Held(_)));
    let changed = Seen {
        changed: vec!["outside/canary was changed".to_owned()],
        ..good.clone()
    };
    let told = Seen {
        secrets: vec!["in the report".to_owned()],
        ..good
    };
    for seen in [changed, told] {
        for probe in crate::self_test::table() {
            assert!(is_broken(&judge(&probe, &seen, &all)), "{}", probe.name);
        }
    }
}

#[test]
fn what_was_not_refused_or_did_not_run_is_broken() {
    let all = layers(&[]);
    assert!(is_broken(&judge(&probe("loop"), &seen(refused()), &all)));
    assert!(is_broken(&judge(&probe("kept-code"), &seen(refused()), &all)));
    let kept = |before: &str, after: &str| {
        let what = What::KeptCode {
            before: before.to_owned(),
            after: after.to_owned(),
        };
        judge(&probe("kept-code"), &seen(what), &all)
    };
    assert!(matches!(kept("kept", "compiled"), Judged::Held(_)));
    assert!(is_broken(&kept("kept", "kept")), "changed code was used");
    assert!(is_broken(&kept("compiled", "compiled")), "nothing was ever kept");
}

/// An attempt that was let is broken where its layer is said to be on; where that is off, nothing is promised.
#[test]
fn an_attempt_is_held_against_its_layer() {
    let read = probe("worker-read-key");
    let own = probe("worker-own-folder");
    let words = || "words".to_owned();
    let judged = |probe: &Probe, attempted: Option<Attempted>, off: &[LayerName]| {
        judge(probe, &seen(What::Native(attempted)), &layers(off))
    };
    let landlock = [LayerName::Landlock];
    assert!(matches!(
        judged(&read, Some(Attempted::Denied(words())), &[]),
        Judged::Held(_)
    ));
    assert!(is_broken(&judged(&read, Some(Attempted::Allowed(words())), &[])));
    assert!(is_broken(&judged(&read, Some(Attempted::Unclear(words())), &[])));
    assert!(matches!(
        judged(&read, Some(Attempted::Allowed(words())), &landlock),
        Judged::NotApplicable(_)
    ));
    assert!(matches!(judged(&read, None, &[]), Judged::NotApplicable(_)));
    assert!(matches!(
        judged(&own, Some(Attempted::Allowed(words())), &[]),
        Judged::Held(_)
    ));
    assert!(is_broken(&judged(&own, Some(Attempted::Denied(words())), &[])));
    assert_eq!(own.promise, Promise::Containment);
}
