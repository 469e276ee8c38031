//! A policy definition with the values of its parameters.

use anyhow::{anyhow, Result};
use regorus::languages::azure_policy::aliases::{normalizer, AliasRegistry};
use regorus::languages::azure_policy::{compiler, parser};
use regorus::rvm::program::Program;
use regorus::rvm::RegoVM;
use regorus::{Rc, Source, Value};

use crate::deployment::{text, Deployment};

// A compiled policy asks its host for a related resource by this identifier.
const EXISTENCE: &str = "azure.policy.existence_check";

pub struct Policy {
    aliases: Rc<AliasRegistry>,
    program: Rc<Program>,
    parameters: Value,
    /// Type of the related resource that must exist; "" for other effects.
    wanted: String,
    /// Skip resources without a location.
    indexed: bool,
}

impl Policy {
    pub fn new(aliases: &str, definition: &str, parameters: &str) -> Result<Self> {
        let mut registry = AliasRegistry::new();
        registry.load_from_json(aliases)?;
        let aliases = Rc::new(registry);

        let source = Source::from_contents("definition".into(), definition.into())?;
        let parsed = parser::parse_policy_definition(&source).map_err(|e| anyhow!("{e}"))?;
        let program = compiler::compile_policy_definition_with_aliases(&parsed, aliases.clone())?;

        let raw: serde_json::Value = serde_json::from_str(definition)?;
        let properties = raw.get("properties").unwrap_or(&raw);
        Ok(Self {
            aliases,
            program,
            parameters: Value::from_json_str(parameters)?,
            wanted: text(properties, "/policyRule/then/details/type").into(),
            indexed: text(properties, "/mode") == "Indexed",
        })
    }

    /// Returns the effect on a resource, if any. If a related resource must exist, one that complies
    /// among those below the resource is enough.
    pub fn effect(&self, resource: &serde_json::Value, all: &Deployment) -> Result<Option<String>> {
        if self.indexed && resource.get("location").is_none() {
            return Ok(None);
        }
        let mut related = vec![Value::Null];
        for candidate in all.related(resource, &self.wanted) {
            related.push(self.normal(&candidate)?);
        }
        let mut effect = None;
        for candidate in related {
            effect = self.run(self.normal(resource)?, candidate)?;
            if effect.is_none() {
                break;
            }
        }
        Ok(effect)
    }

    /// Evaluates a resource with one related resource.
    fn run(&self, resource: Value, related: Value) -> Result<Option<String>> {
        let mut input = Value::new_object();
        input.as_object_mut()?.insert("resource".into(), resource);
        input
            .as_object_mut()?
            .insert("parameters".into(), self.parameters.clone());
        let mut vm = RegoVM::new();
        vm.load_program(self.program.clone());
        vm.set_input(input);
        vm.set_host_await_responses([(Value::from(EXISTENCE), vec![related])]);
        let result = vm.execute_entry_point_by_name("main")?;
        Ok(match result.as_object() {
            Ok(found) => found
                .get(&Value::from("effect"))
                .map(|e| e.as_string().map(|s| s.to_string()))
                .transpose()?,
            Err(_) => None,
        })
    }

    fn normal(&self, resource: &serde_json::Value) -> Result<Value> {
        let raw = Value::from_json_str(&resource.to_string())?;
        Ok(normalizer::normalize(&raw, Some(&self.aliases), None))
    }
}
