//! The resources of a deployment.

use anyhow::{Context, Result};
use serde_json::Value;

pub struct Deployment(Vec<Value>);

impl Deployment {
    /// Parses an array of resources, or a snapshot.
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

    /// Returns the resources of a type below a resource, by their ids.
    pub fn related(&self, resource: &Value, kind: &str) -> Vec<Value> {
        let prefix = format!("{}/", text(resource, "/id").to_lowercase());
        self.0
            .iter()
            .filter(|r| text(r, "/type").eq_ignore_ascii_case(kind))
            .filter(|r| text(r, "/id").to_lowercase().starts_with(&prefix))
            .cloned()
            .collect()
    }
}

/// Returns the id of a resource, or its name if it has no id.
pub fn name(resource: &Value) -> &str {
    match text(resource, "/id") {
        "" => text(resource, "/name"),
        id => id,
    }
}

/// Returns the string at a JSON pointer, "" if there is none.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}
