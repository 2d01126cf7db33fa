//! `resourceLimits`: what a manifest of the old kind says about resources (contract 1.2, last rows).
//!
//! They can only lower the limits of a host. A number that cannot be used is ignored with a warning, since the
//! agent does no more with it; `resourceLimits` that is no object stops the agent, and so does it here.

use crate::{
    codes,
    json::{JsonPath, Node, Object},
    notes::Notes,
};

/// Limits for the whole handler and for services that it starts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResourceLimits {
    /// `cpuQuotaPercentage`: percent of one CPU, above 0, may exceed 100.
    pub cpu_quota_percentage: Option<f64>,
    /// `memoryQuotaInMB`: MiB, above 0.
    pub memory_quota_mb: Option<f64>,
    /// `services`, those with a name.
    pub services: Vec<ServiceLimits>,
}

/// Limits for one system service.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceLimits {
    /// `name`: the service's unit.
    pub name: String,
    /// `cpuQuotaPercentage`: percent of one CPU, above 0, may exceed 100.
    pub cpu_quota_percentage: Option<f64>,
}

impl ResourceLimits {
    pub(super) fn read(node: Option<&Node>, at: &JsonPath, notes: &mut Notes<'_>) -> Option<Self> {
        let node = node.filter(|node| !node.is_null())?;
        let path = at.key("resourceLimits");
        let Some(object) = node.as_object() else {
            let what = format!("`resourceLimits` is {}", node.kind());
            notes.refuse(codes::MANIFEST_TYPE, &path, what, "write an object");
            return None;
        };
        Some(Self {
            cpu_quota_percentage: positive(object, "cpuQuotaPercentage", &path, notes),
            memory_quota_mb: positive(object, "memoryQuotaInMB", &path, notes),
            services: services(object.get("services"), &path, notes),
        })
    }
}

fn services(node: Option<&Node>, at: &JsonPath, notes: &mut Notes<'_>) -> Vec<ServiceLimits> {
    let Some(node) = node.filter(|node| !node.is_null()) else {
        return Vec::new();
    };
    let path = at.key("services");
    let Some(items) = node.as_array() else {
        let what = format!("`services` is {} and is ignored", node.kind());
        notes.warn(codes::MANIFEST_LIMITS, &path, what, "write an array of objects");
        return Vec::new();
    };
    let mut services = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let path = path.index(index);
        let object = item.as_object();
        match object.and_then(|o| o.get("name")).and_then(Node::as_str) {
            Some(name) => services.push(ServiceLimits {
                name: name.to_owned(),
                cpu_quota_percentage: object.and_then(|o| positive(o, "cpuQuotaPercentage", &path, notes)),
            }),
            None => {
                let what = "this service has no name and is ignored";
                notes.warn(
                    codes::MANIFEST_LIMITS,
                    &path,
                    what,
                    "write an object with the name of the unit",
                );
            }
        }
    }
    services
}

fn positive(object: &Object, key: &str, at: &JsonPath, notes: &mut Notes<'_>) -> Option<f64> {
    let node = object.get(key).filter(|node| !node.is_null())?;
    let number = node
        .as_number()
        .and_then(|n| n.as_str().parse::<f64>().ok())
        .filter(|n| n.is_finite() && *n > 0.0);
    if number.is_none() {
        let what = format!("`{key}` is {} and is ignored", node.quoted());
        notes.warn(codes::MANIFEST_LIMITS, &at.key(key), what, "write a number above 0");
    }
    number
}
