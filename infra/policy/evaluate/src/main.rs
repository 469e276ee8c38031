//! Prints the effect of an Azure Policy definition on resources:
//!
//!     evaluate ALIASES DEFINITION PARAMETERS RESOURCES
//!
//! ALIASES is a file in the format of `az provider list --expand resourceTypes/aliases` with every
//! alias of the definition. DEFINITION is a file with a policy definition. PARAMETERS is a JSON
//! object with the values of its parameters. RESOURCES is a file with an array of resources in the
//! format of Resource Manager, or a snapshot of `bicep snapshot`.
//!
//! The output has a line of JSON for each affected resource, `{"effect": .., "resource": ..}`.

mod deployment;
mod policy;

use anyhow::{ensure, Context, Result};
use deployment::Deployment;
use policy::Policy;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    ensure!(
        args.len() == 4,
        "usage: evaluate ALIASES DEFINITION PARAMETERS RESOURCES"
    );
    let policy = Policy::new(&read(&args[0])?, &read(&args[1])?, &args[2])
        .with_context(|| format!("definition {}", args[1]))?;
    let deployment =
        Deployment::new(&read(&args[3])?).with_context(|| format!("resources {}", args[3]))?;
    for resource in deployment.resources() {
        if let Some(effect) = policy.effect(resource, &deployment)? {
            let line =
                serde_json::json!({ "effect": effect, "resource": deployment::name(resource) });
            println!("{line}");
        }
    }
    Ok(())
}

fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("read {path}"))
}
