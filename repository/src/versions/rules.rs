//! What no public evidence settles: one switch each.

use hostler_contract::registration::ErrorCode;

/// What a new version is that says nothing of `IsInternalExtension`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsentVisibility {
    /// Public, as if `false` had been written.
    Public,
    /// Internal.
    Internal,
}

/// What a change without `Regions` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbsentRegions {
    /// The regions stay as they are.
    Keep,
    /// The version is for all regions.
    All,
}

/// What becomes of a change that takes regions away from a public version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shrinking {
    /// It is refused: promotion is cumulative, and a region that is missing was most likely forgotten.
    Refused,
    /// It is carried out.
    Allowed,
}

/// The decisions of 9 and 16 that are this project's own. Each can be taken otherwise here without touching anything
/// else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// A new version without `IsInternalExtension`: public.
    pub absent_visibility: AbsentVisibility,
    /// A change without `Regions`: they stay.
    pub absent_regions: AbsentRegions,
    /// A change that shrinks a public version's regions: refused.
    pub shrinking: Shrinking,
    /// The answer to registering an extension that is there: `ConflictError`.
    pub extension_exists: ErrorCode,
    /// The answer to an update of an extension that is not: `ResourceNotFound`.
    pub extension_unknown: ErrorCode,
    /// The answer to another package for a version that is there: `ConflictError`.
    pub package_differs: ErrorCode,
    /// The answer to a change of what is fixed: `BadRequest`.
    pub field_fixed: ErrorCode,
    /// The answer to the removal of a public version: `BadRequest`.
    pub version_public: ErrorCode,
    /// The answer when the quota is used up: `BadRequest`.
    pub quota_exceeded: ErrorCode,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            absent_visibility: AbsentVisibility::Public,
            absent_regions: AbsentRegions::Keep,
            shrinking: Shrinking::Refused,
            extension_exists: ErrorCode::ConflictError,
            extension_unknown: ErrorCode::ResourceNotFound,
            package_differs: ErrorCode::ConflictError,
            field_fixed: ErrorCode::BadRequest,
            version_public: ErrorCode::BadRequest,
            quota_exceeded: ErrorCode::BadRequest,
        }
    }
}
