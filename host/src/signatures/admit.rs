//! Whether a package is taken for what its signature is worth.

use hostler_contract::manifest::SigningInfo;
use hostler_contract::{Finding, HandlerIdentity, Place, Refused, codes};
use hostler_package::PackageDigest;

use super::Signed;
use crate::grants::{Claimant, Policy, RequireSignature};

/// What was verified, as far as the manifest's `signingInfo` says that it was signed as `identity`: who may sign one handler
/// has not signed another (contract 8.7).
pub fn bind(signed: Signed, info: Option<&SigningInfo>, identity: &HandlerIdentity) -> Signed {
    if signed.signer().is_none() {
        return signed;
    }
    let why = |why: String| Signed::Bad { why };
    let Some(info) = info else {
        return why("the manifest has no `signingInfo`, so it does not say which handler was signed".to_owned());
    };
    let version = identity.version.to_string();
    let wanted = [
        ("publisher", &info.publisher, identity.name.publisher()),
        ("type", &info.type_name, identity.name.type_name()),
        ("version", &info.version, version.as_str()),
    ];
    for (name, said, real) in wanted {
        if !said.as_deref().is_some_and(|said| said.eq_ignore_ascii_case(real)) {
            return why(format!(
                "the manifest's `signingInfo` has another {name} than {identity}"
            ));
        }
    }
    signed
}

/// Says whether the package `file` of `identity` with that `digest` is taken under `policy`, with what is odd about that.
///
/// # Errors
///
/// `pkg.signature`: a signature that does not verify, unless the rule accepts that; none where the rule requires one and does
/// not name the digest.
pub fn admit(
    policy: &Policy,
    identity: &HandlerIdentity,
    file: &str,
    digest: PackageDigest,
    from_network: bool,
    signed: &Signed,
) -> Result<Vec<Finding>, Refused> {
    let rule = policy.rule_for(Claimant::of(identity, signed));
    let in_words = rule.map_or_else(String::new, |rule| format!("rule `{}`", rule.name));
    let refuse = |what: String, hint: &str| {
        Err(Refused::new(Finding::refusal(
            codes::PKG_SIGNATURE,
            file,
            Place::Whole,
            what,
            hint,
        )))
    };
    let warn = |what: String, hint: &str| {
        Ok(vec![Finding::warning(
            codes::PKG_SIGNATURE,
            file,
            Place::Whole,
            what,
            hint,
        )])
    };
    if let Signed::Bad { why } = signed {
        if rule.is_some_and(|rule| rule.accept_bad_signature) {
            let what = format!("its signature does not verify, and {in_words} accepts that: {why}");
            return warn(
                what,
                "have it signed anew, and take `accept-bad-signature` out of the rule",
            );
        }
        let what = format!("its signature does not verify: {why}");
        let hint =
            "have it signed by a signer that the policy names; `accept-bad-signature` of a rule takes it as it is";
        return refuse(what, hint);
    }
    let is_required = rule.is_some_and(|rule| match rule.require_signature {
        RequireSignature::Never => false,
        RequireSignature::Network => from_network,
        RequireSignature::Always => true,
    });
    let is_pinned = rule.is_some_and(|rule| rule.unsigned_digests.contains(&digest));
    match signed {
        Signed::Verified { .. } => Ok(vec![]),
        _ if is_required && !is_pinned => {
            let what = match signed {
                Signed::Unchecked => format!("{in_words} requires a signature, and the policy names no signer"),
                _ => format!("{in_words} requires a signature, and it has none"),
            };
            let hint = "have it signed with `hostler sign`, or name its SHA-256 in `unsigned-digests` of the rule";
            refuse(what, hint)
        }
        Signed::Unchecked => warn(
            "it has a signature that was not verified, since the policy names no signer".to_owned(),
            "name who may sign with `[[signer]]` in the policy",
        ),
        _ => Ok(vec![]),
    }
}
