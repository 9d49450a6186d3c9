//! One function: sent, and read back when its reply was lost.

use super::Context;
use crate::api::ApiError;
use crate::key::Namespace;
use crate::manifest::Runtime;
use crate::plan::Change;
use crate::state::Desired;

/// Tries when replies get lost.
const TRIES: u32 = 2;

/// Puts a function in place and returns its `created_at`.
pub(super) async fn put(context: &Context, namespace: &Namespace, change: &Change, desired: &Desired) -> Result<String, ApiError> {
    let path = &change.key.name;
    let Some(function) = desired.functions.get(&change.key) else {
        return Err(ApiError::Config(format!("`{path}` is planned and not declared")));
    };
    let mut tries = 0;
    loop {
        let error = match context.writer.deploy(namespace, path, &function.runtime, function.port, &function.code).await {
            Ok(created_at) => return Ok(created_at),
            Err(error) => error,
        };
        tries += 1;
        if !error.is_lost() {
            return Err(error);
        }
        // The request may have been carried out: what is live tells, and sending it again would only hide that.
        let live = context.reader.functions(namespace, Runtime::canonical).await?;
        match live.own.get(path) {
            Some(live) if live.fingerprint == function.fingerprint => return Ok(live.created_at.clone()),
            _ if tries >= TRIES => return Err(error),
            _ => {}
        }
    }
}
