//! What there is to say about a package before it runs: everything that would make it fail then included.

use hostler_contract::Finding;
use hostler_contract::manifest::MANIFEST_FILE;
use hostler_package::Package;

use crate::grants::Grants;
use crate::sandbox::scan_component;

/// Everything found in `package`, after `findings`, that holds wherever it runs: commands that are missing or cannot be run,
/// what it asks for and no policy can grant, and components that would not be compiled or linked.
pub(super) fn lint(package: &Package, findings: Vec<Finding>) -> Vec<Finding> {
    let asked = Grants::check(package.manifest(), MANIFEST_FILE);
    lint_with(package, findings, asked)
}

/// The same, with what there is to say about what it asks for.
pub(super) fn lint_with(package: &Package, mut findings: Vec<Finding>, asked: Vec<Finding>) -> Vec<Finding> {
    findings.extend(package.manifest().check_complete());
    findings.extend(asked);
    for component in package.components() {
        if let Err(refused) = scan_component(package, component) {
            findings.extend(refused.findings().iter().cloned());
        }
    }
    findings
}
