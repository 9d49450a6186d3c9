//! A JSON Schema and what it says of a value, by a validator that is not ours.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

const PLACE: &str = "mem:///schema.json";

pub(crate) struct JsonSchema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl JsonSchema {
    /// Fails the test unless it is a schema itself.
    pub(crate) fn new(schema: Value) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource(PLACE, schema).expect("a resource");
        let index = compiler.compile(PLACE, &mut schemas).unwrap_or_else(|error| panic!("no schema: {error:#}"));
        Self { schemas, index }
    }

    /// Why `value` is refused.
    pub(crate) fn refusal(&self, value: &Value) -> Option<String> {
        self.schemas.validate(value, self.index).err().map(|error| format!("{error:#}"))
    }
}
