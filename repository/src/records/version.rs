//! Versions of extensions, as they stand.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row as _};

use super::words::words;
use super::{Records, RecordsError};

words! {
    /// Who may be given a version without naming it exactly.
    Visibility {
        /// Nobody: it is for tests of its publisher, and the only kind that can be deleted.
        Internal = "internal",
        /// Everybody in its regions.
        Public = "public",
    }
}

words! {
    /// How far a version is.
    VersionState {
        /// Its package was checked, and is copied to the regions.
        Replicating = "Replicating",
        /// Its package was read back in every region.
        Available = "Available",
    }
}

/// In which regions a version is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Regions {
    /// Nothing was said of regions yet, as at the first registration of an internal version.
    Absent,
    /// In these.
    Only(Vec<String>),
    /// In all.
    All,
}

impl Regions {
    /// From the text of a definition's `Regions`: `None` where it has none, empty for all.
    pub fn from_text(text: Option<&str>) -> Self {
        let names = |text: &str| -> Vec<String> {
            let names = text.split(';').map(str::trim).filter(|name| !name.is_empty());
            names.map(str::to_owned).collect()
        };
        match text.map(names) {
            None => Self::Absent,
            Some(names) if names.is_empty() => Self::All,
            Some(names) => Self::Only(names),
        }
    }

    /// The text of a definition's `Regions`; `None` where it has none.
    pub fn to_text(&self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::Only(names) => Some(names.join(";")),
            Self::All => Some(String::new()),
        }
    }
}

/// A version of an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number in the records.
    pub id: String,
    /// `ProviderNameSpace`.
    pub namespace: String,
    /// `Type`.
    pub extension_type: String,
    /// The version as its publisher wrote it.
    pub version: String,
    /// What it is known by: [`version_key`].
    pub key: String,
    /// Whose it is.
    pub subscription: String,
    /// Its definition file, in canonical form.
    pub definition: String,
    /// SHA-256 of its package, in lower-case hexadecimal.
    pub package_sha256: String,
    /// Bytes of its package.
    pub package_size: u64,
    /// Who may be given it without naming it exactly.
    pub visibility: Visibility,
    /// Where it is offered.
    pub regions: Regions,
    /// How far it is.
    pub state: VersionState,
    /// When it was accepted, in milliseconds since 1970.
    pub published_ms: i64,
    /// When anything of it changed last, in milliseconds since 1970.
    pub changed_ms: i64,
    /// What its package asks the sandbox for, as JSON, where it asks for anything.
    pub asks: Option<String>,
}

/// A version to be recorded once its package was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    /// Its definition file, in canonical form.
    pub definition: String,
    /// SHA-256 of its package, in lower-case hexadecimal.
    pub package_sha256: String,
    /// Bytes of its package.
    pub package_size: u64,
    /// Who may be given it without naming it exactly.
    pub visibility: Visibility,
    /// Where it is offered.
    pub regions: Regions,
    /// What its package asks the sandbox for, as JSON.
    pub asks: Option<String>,
}

/// What a version is known by: four numbers of ten digits, so that `1.2` and `1.2.0.0` are one version, and the order of
/// texts is that of versions.
pub fn version_key(version: &hostler_contract::Version) -> String {
    version.parts().map(|part| format!("{part:010}")).join(".")
}

/// The columns that [`from_row`] reads.
pub(super) const COLUMNS: &str = "id, namespace, type, version, version_key, subscription, definition, package_sha256, \
                                  package_size, visibility, regions, state, published_ms, changed_ms, asks";

pub(super) fn from_row(row: &AnyRow) -> Result<Version, RecordsError> {
    let visibility: String = row.try_get("visibility")?;
    let state: String = row.try_get("state")?;
    Ok(Version {
        id: row.try_get("id")?,
        namespace: row.try_get("namespace")?,
        extension_type: row.try_get("type")?,
        version: row.try_get("version")?,
        key: row.try_get("version_key")?,
        subscription: row.try_get("subscription")?,
        definition: row.try_get("definition")?,
        package_sha256: row.try_get("package_sha256")?,
        package_size: row.try_get::<i64, _>("package_size")?.unsigned_abs(),
        visibility: Visibility::parse(&visibility).ok_or(RecordsError::Value {
            column: "versions.visibility",
            value: visibility,
        })?,
        regions: Regions::from_text(row.try_get::<Option<String>, _>("regions")?.as_deref()),
        state: VersionState::parse(&state).ok_or(RecordsError::Value {
            column: "versions.state",
            value: state,
        })?,
        published_ms: row.try_get("published_ms")?,
        changed_ms: row.try_get("changed_ms")?,
        asks: row.try_get("asks")?,
    })
}

/// A `SELECT` of versions that ends in `rest`.
fn select(rest: &str) -> sqlx::AssertSqlSafe<String> {
    // Put together from constants only; what comes from outside is always bound.
    sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM versions {rest}"))
}

pub(super) async fn of_extension(
    connection: &mut AnyConnection,
    namespace: &str,
    extension_type: &str,
) -> Result<Vec<Version>, RecordsError> {
    let rows = sqlx::query(select("WHERE namespace = $1 AND type = $2 ORDER BY version_key"))
        .bind(namespace)
        .bind(extension_type)
        .fetch_all(connection)
        .await?;
    rows.iter().map(from_row).collect()
}

impl Records {
    /// The version with the number `id`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn version(&self, id: &str) -> Result<Option<Version>, RecordsError> {
        let row = sqlx::query(select("WHERE id = $1"))
            .bind(id)
            .fetch_optional(&mut *self.read().await?)
            .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// One version of an extension, by what it is known by ([`version_key`]).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn version_of(
        &self,
        namespace: &str,
        extension_type: &str,
        key: &str,
    ) -> Result<Option<Version>, RecordsError> {
        let row = sqlx::query(select("WHERE namespace = $1 AND type = $2 AND version_key = $3"))
            .bind(namespace)
            .bind(extension_type)
            .bind(key)
            .fetch_optional(&mut *self.read().await?)
            .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// All versions of an extension, the lowest first, in any state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn versions_of(&self, namespace: &str, extension_type: &str) -> Result<Vec<Version>, RecordsError> {
        of_extension(&mut *self.read().await?, namespace, extension_type).await
    }

    /// `count` versions of a subscription at most that come after `after`, as [`Self::versions_after`] has it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn versions_of_subscription_after(
        &self,
        subscription: &str,
        after: (&str, &str, &str),
        count: u32,
    ) -> Result<Vec<Version>, RecordsError> {
        let rest = "WHERE subscription = $1 AND (namespace, type, version_key) > ($2, $3, $4) \
                    ORDER BY namespace, type, version_key LIMIT $5";
        let rows = sqlx::query(select(rest))
            .bind(subscription)
            .bind(after.0)
            .bind(after.1)
            .bind(after.2)
            .bind(i64::from(count))
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// `count` versions at most that come after `after` (namespace, type, key), by namespace, type and number, in any
    /// state; from the first where `after` is three empty texts.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn versions_after(&self, after: (&str, &str, &str), count: u32) -> Result<Vec<Version>, RecordsError> {
        let rest = "WHERE (namespace, type, version_key) > ($1, $2, $3) ORDER BY namespace, type, version_key LIMIT $4";
        let rows = sqlx::query(select(rest))
            .bind(after.0)
            .bind(after.1)
            .bind(after.2)
            .bind(i64::from(count))
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// The greatest version of each extension that is public and available, by namespace and type.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn latest_public_versions(&self) -> Result<Vec<Version>, RecordsError> {
        let rest = "WHERE visibility = 'public' AND state = 'Available' AND version_key = (SELECT MAX(other.version_key) \
                    FROM versions AS other WHERE other.namespace = versions.namespace AND other.type = versions.type \
                    AND other.visibility = 'public' AND other.state = 'Available') ORDER BY namespace, type";
        let rows = sqlx::query(select(rest)).fetch_all(&mut *self.read().await?).await?;
        rows.iter().map(from_row).collect()
    }

    /// All extensions that have versions: namespace and type, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn extensions(&self) -> Result<Vec<(String, String)>, RecordsError> {
        let rows = sqlx::query("SELECT DISTINCT namespace, type FROM versions ORDER BY namespace, type")
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("namespace")?, row.try_get("type")?)))
            .collect()
    }

    /// Versions by state, and how many there are of each.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn version_counts(&self) -> Result<Vec<(String, i64)>, RecordsError> {
        let rows = sqlx::query("SELECT state, COUNT(*) AS many FROM versions GROUP BY state ORDER BY state")
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("state")?, row.try_get("many")?)))
            .collect()
    }
}
