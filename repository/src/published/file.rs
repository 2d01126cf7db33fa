//! Giving a host what it asks for.

use super::is_published_name;
use crate::stores::{Object, Regions, StoreError};

/// What a host asked for.
pub struct Served {
    /// Size, tag and bytes.
    pub object: Object,
    /// Its media type.
    pub content_type: &'static str,
}

/// What hosts of the region `region`, in its short form, fetch as `name`; nothing where there is no such thing, and for names
/// that nothing has.
///
/// # Errors
/// What the store says.
pub async fn find(regions: &Regions, region: &str, name: &str) -> Result<Option<Served>, StoreError> {
    let found = regions.iter().find(|known| known.name.short() == region);
    let (Some(region), true) = (found, is_published_name(name)) else {
        return Ok(None);
    };
    let content_type = match name.rsplit('.').next() {
        Some("xml") => "application/xml",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    };
    let object = region.published.read(name).await?;
    Ok(object.map(|object| Served { object, content_type }))
}
