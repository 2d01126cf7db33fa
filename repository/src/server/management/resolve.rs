//! Which version a machine is given.

use axum::body::Body;
use axum::http::Response;

use super::super::answer::Failure;
use super::{Call, not_found};

impl Call<'_> {
    pub(super) async fn resolve(&self, namespace: &str, extension_type: &str) -> Result<Response<Body>, Failure> {
        Err(not_found(&format!("extension {namespace}.{extension_type}")))
    }
}
