//! What there is to say about a package before it runs: everything that would make it fail then included.

use hostler_contract::Finding;
use hostler_contract::manifest::MANIFEST_FILE;
use hostler_package::Package;

use crate::grants::Grants;
use crate::sandbox::scan_component;

/// Everything found in `package`, after `findings`: commands that are missing or cannot be run, what it asks for and does
/// not get, and components that would not be compiled or linked.
pub(super) fn lint(package: &Package, mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.extend(package.manifest().check_complete());
    match Grants::decide(package.manifest(), MANIFEST_FILE) {
        Ok(decided) => findings.extend(decided.warnings),
        Err(refused) => findings.extend(refused.findings().iter().cloned()),
    }
    for component in package.components() {
        if let Err(refused) = scan_component(package, component) {
            findings.extend(refused.findings().iter().cloned());
        }
    }
    findings
}
