//! Which version a machine is given: `GET /{subscription}/services/resolve/{namespace}/{type}`.
//!
//! `requested` is needed; `installed` is what the machine has, `autoUpgrade` whether a newer minor version is welcome,
//! `region` where it is. The answer is a document of our own, in the shape of the others.

use axum::body::Body;
use axum::http::Response;
use hostler_contract::Version as VersionNumber;
use hostler_contract::registration::ErrorCode;

use super::super::answer::{self, Failure};
use super::lists::image;
use super::query::parameter;
use super::{Call, not_found};
use crate::records::{Regions, Version, VersionState, Visibility};
use crate::stores::RegionName;
use crate::versions::{Candidate, Wish, resolve};

impl Call<'_> {
    pub(super) async fn resolve(&self, namespace: &str, extension_type: &str) -> Result<Response<Body>, Failure> {
        let wish = Wish {
            requested: self.version("requested")?.ok_or_else(|| {
                let what = "the parameter requested is missing; write the version asked for, such as 1.2";
                Failure::new(ErrorCode::MissingOrInvalidRequiredQueryParameter, what)
            })?,
            installed: self.version("installed")?,
            auto_upgrade: self.flag("autoUpgrade")?,
            uninstall: self.flag("uninstall")?,
        };
        let region = parameter(self.query.as_deref(), "region")
            .map(|name| name.parse::<RegionName>())
            .transpose()
            .map_err(|error| invalid(&error.to_string()))?;
        let records = &self.server.context.records;
        let versions = records.versions_of(namespace, extension_type).await?;
        let candidates = versions
            .iter()
            .filter(|version| version.state == VersionState::Available)
            .map(|version| candidate(version, region.as_ref()))
            .collect::<Result<Vec<_>, Failure>>()?;
        let missing = || not_found(&format!("version of {namespace}.{extension_type} that answers this"));
        let chosen = resolve(&candidates, &wish).ok_or_else(missing)?;
        let record = versions
            .iter()
            .find(|version| version.version == chosen.version.as_str());
        let record = record.ok_or_else(missing)?;
        Ok(answer::document(format!(
            "<ResolvedExtension xmlns=\"http://schemas.microsoft.com/windowsazure\"><ProviderNameSpace>{}\
             </ProviderNameSpace><Type>{}</Type><Version>{}</Version><IsInternalExtension>{}</IsInternalExtension>\
             <PackageSha256>{}</PackageSha256><PackageSize>{}</PackageSize></ResolvedExtension>",
            record.namespace,
            record.extension_type,
            record.version,
            chosen.internal,
            record.package_sha256,
            record.package_size
        )))
    }

    fn version(&self, name: &str) -> Result<Option<VersionNumber>, Failure> {
        let Some(text) = parameter(self.query.as_deref(), name).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let parsed = VersionNumber::parse(&text);
        parsed.map(Some).map_err(|error| invalid(&format!("{name}: {error}")))
    }

    fn flag(&self, name: &str) -> Result<bool, Failure> {
        match parameter(self.query.as_deref(), name).as_deref() {
            None | Some("") => Ok(false),
            Some(word) if word.eq_ignore_ascii_case("true") => Ok(true),
            Some(word) if word.eq_ignore_ascii_case("false") => Ok(false),
            Some(_) => Err(invalid(&format!("{name} is neither true nor false"))),
        }
    }
}

/// A version as the rules look at it. One that is public elsewhere is found only by who asks for exactly it.
fn candidate(version: &Version, region: Option<&RegionName>) -> Result<Candidate, Failure> {
    let image = image(version)?;
    let is_here = match (&version.regions, region) {
        (Regions::Only(names), Some(region)) => names
            .iter()
            .any(|name| name.parse::<RegionName>().is_ok_and(|name| name == *region)),
        _ => true,
    };
    Ok(Candidate {
        version: image.version,
        internal: version.visibility == Visibility::Internal || !is_here,
        disallow_major_version_upgrade: image.disallow_major_version_upgrade.unwrap_or(false),
    })
}

fn invalid(what: &str) -> Failure {
    Failure::new(
        ErrorCode::MissingOrInvalidRequiredQueryParameter,
        hostler_contract::escape_bounded(what, 400),
    )
}
