//! Declaring runs dead by hand.

use super::super::{AppKey, Claim, Holder, Phase, RECORD_NAMESPACE};
use super::Snapshot;
use crate::api::{ApiError, Client, Writer};

/// Marks every claim of `app` in `snapshot` as dead and returns who held them. A run that is alive after all takes its claim back at its next
/// renewal, unless another one has gone on by then: that one makes it stop.
pub async fn unlock(client: &Client, app: &AppKey, snapshot: &Snapshot) -> Result<Vec<Holder>, ApiError> {
    let writer = Writer::of(client);
    let mut holders = Vec::new();
    for (run, claim) in snapshot.record(app).claims {
        if claim.phase == Phase::Dead {
            continue;
        }
        let dead = Claim { phase: Phase::Dead, ..claim };
        writer.put_value(RECORD_NAMESPACE, &app.claim(&run), &dead.seal()).await?;
        holders.push(dead.holder);
    }
    Ok(holders)
}
