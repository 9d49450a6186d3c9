//! An application whose manifest names another namespace now: what it left in the old one is told, never forgotten.

use super::Options;
use super::check::Prepared;
use crate::api::{ApiError, Client};
use crate::key::printable;
use crate::record::AppKey;
use crate::record::store::everywhere;
use crate::state::Observed;

/// Namespaces in which an application of this name from this source is recorded, as warnings. They are looked for when it is new in its
/// namespace and the manifest says so: a preview (`--namespace`) stands beside the original on purpose.
pub(super) async fn elsewhere(
    client: &Client,
    prepared: &Prepared,
    observed: &Observed,
    options: &Options,
) -> Result<Vec<String>, ApiError> {
    let Some(identity) = prepared.identity.as_ref().filter(|_| observed.head.is_none() && options.namespace.is_none()) else {
        return Ok(Vec::new());
    };
    let key = AppKey::of(&prepared.desired.app);
    let namesakes = everywhere(&client.reader(), |app| app.is_namesake(&key)).await?;
    let heads = namesakes.apps.values().filter_map(|record| record.latest()).filter(|head| head.source == *identity);
    let warning = |head: &crate::record::Head| {
        let there = format!("{}/{}", printable(&head.namespace), printable(&head.name));
        format!("this source was synced as `{there}` as well: if it moved, `destroy {there}` removes what it left there")
    };
    Ok(heads.map(warning).collect())
}
