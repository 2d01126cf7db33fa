//! The lists that consumers see.

use axum::body::{Body, Bytes};
use axum::http::Response;
use hostler_contract::registration::{ResourceExtension, ResourceExtensions};
use hostler_contract::{ExtensionImage, Source};

use super::super::answer::{self, Failure};
use super::operations::timestamp;
use super::{Call, not_found};
use crate::records::{RecordsError, Version, VersionState, Visibility};

impl Call<'_> {
    pub(super) async fn consumer_list(&self) -> Result<Response<Body>, Failure> {
        let records = &self.server.context.records;
        self.list("consumers", async {
            let versions = records.latest_public_versions().await?;
            let rows = versions
                .iter()
                .map(|version| Ok(ResourceExtension::of_extension(&image(version)?)));
            let extensions = rows.collect::<Result<_, RecordsError>>()?;
            Ok(ResourceExtensions { extensions }.to_xml())
        })
        .await
    }

    pub(super) async fn extension_list(
        &self,
        namespace: &str,
        extension_type: &str,
    ) -> Result<Response<Body>, Failure> {
        let records = &self.server.context.records;
        let name = format!("extension {namespace} {extension_type}");
        self.list(&name, async {
            let versions = records.versions_of(namespace, extension_type).await?;
            let shown: Vec<&Version> = versions.iter().filter(|version| is_shown(version)).collect();
            // An extension that only its publisher knows is none for everybody else.
            if shown.is_empty() {
                return Err(not_found(&format!("extension {namespace}.{extension_type}")));
            }
            let rows = shown
                .into_iter()
                .map(|version| Ok(ResourceExtension::of_version(&image(version)?)));
            let extensions = rows.collect::<Result<_, RecordsError>>()?;
            Ok(ResourceExtensions { extensions }.to_xml())
        })
        .await
    }

    /// The list `name`: the one that was put together before, if nothing changed since, else anew.
    async fn list(
        &self,
        name: &str,
        put_together: impl Future<Output = Result<String, Failure>>,
    ) -> Result<Response<Body>, Failure> {
        // First, so that a list made from later records is at worst forgotten too early.
        let generation = self.server.context.records.generation().await?;
        let lists = &self.server.lists;
        if let Some(list) = lists.get(generation, name) {
            return Ok(answer::document(list));
        }
        let list = Bytes::from(put_together.await?);
        lists.keep(generation, name, list.clone());
        Ok(answer::document(list))
    }
}

/// Whether consumers see a version in lists.
fn is_shown(version: &Version) -> bool {
    version.visibility == Visibility::Public && version.state == VersionState::Available
}

/// A version's definition, with what the server adds to it.
pub(super) fn image(version: &Version) -> Result<ExtensionImage, RecordsError> {
    let source = Source::new("the records", version.definition.as_bytes());
    let checked = ExtensionImage::parse(source).map_err(|refused| RecordsError::Value {
        column: "versions.definition",
        value: refused.to_string(),
    })?;
    let mut image = checked.value;
    image
        .published_date
        .get_or_insert_with(|| timestamp(version.published_ms));
    image.replication_completed = Some(version.state == VersionState::Available);
    Ok(image)
}
