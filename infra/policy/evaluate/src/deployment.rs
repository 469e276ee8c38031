//! The resources of a deployment, and which of them belong to which.

use anyhow::{Context, Result};
use serde_json::{json, Value};

pub struct Deployment(Vec<Value>);

impl Deployment {
    /// Takes an array of resources, or a snapshot.
    pub fn new(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(text)?;
        let list = value.get("predictedResources").unwrap_or(&value);
        Ok(Self(
            list.as_array().context("no array of resources")?.clone(),
        ))
    }

    pub fn resources(&self) -> &[Value] {
        &self.0
    }

    /// Returns the resources of a type that lie under a resource, by their ids. Connections of
    /// private endpoints are made by Azure: those of endpoints in the same deployment are approved.
    pub fn related(&self, resource: &Value, kind: &str) -> Vec<Value> {
        let id = text(resource, "/id").to_lowercase();
        let below = self
            .0
            .iter()
            .filter(|r| text(r, "/type").eq_ignore_ascii_case(kind))
            .filter(|r| text(r, "/id").to_lowercase().starts_with(&format!("{id}/")))
            .cloned();
        let connected = self
            .0
            .iter()
            .filter(|_| kind.ends_with("/privateEndpointConnections"))
            .filter(|r| text(r, "/type") == "Microsoft.Network/privateEndpoints" && reaches(r, &id))
            .map(|_| {
                json!({
                    "type": kind,
                    "properties": { "privateLinkServiceConnectionState": { "status": "Approved" } },
                })
            });
        below.chain(connected).collect()
    }
}

/// Tells whether a private endpoint leads to the resource of an id in lower case.
fn reaches(endpoint: &Value, id: &str) -> bool {
    endpoint
        .pointer("/properties/privateLinkServiceConnections")
        .and_then(Value::as_array)
        .is_some_and(|links| {
            links
                .iter()
                .any(|l| text(l, "/properties/privateLinkServiceId").to_lowercase() == id)
        })
}

/// Returns what a resource is called in a finding: its id, or its name where it has none.
pub fn name(resource: &Value) -> &str {
    match text(resource, "/id") {
        "" => text(resource, "/name"),
        id => id,
    }
}

/// Returns the text at a JSON pointer, "" where there is none.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}
