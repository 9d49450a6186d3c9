//! One static file: read, sent, and read back when its reply was lost.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::{Context, MAX_IN_FLIGHT};
use crate::api::{ApiError, Content, Upload};
use crate::event::Event;
use crate::files::TreePath;
use crate::key::Namespace;
use crate::plan::Change;
use crate::state::{Desired, DesiredFile};

/// Files up to this size are read whole before they are sent.
const SMALL: u64 = 512 * 1024;
/// Files up to this size, read for their hash a moment ago, come from memory in less time than another thread takes to wake up.
const READ_IN_PLACE: u64 = 64 * 1024;
const MIB: u64 = 1024 * 1024;

/// Puts a static file in place.
pub(super) async fn put(
    context: &Context,
    namespace: &Namespace,
    change: &Change,
    desired: &Desired,
    in_flight: &Semaphore,
) -> Result<(), ApiError> {
    let name = &change.key.name;
    let Some(file) = desired.files.get(&change.key) else {
        return Err(ApiError::Config(format!("`{name}` is planned and not declared")));
    };
    let weight = u32::try_from(file.size.div_ceil(MIB)).unwrap_or(u32::MAX).clamp(1, MAX_IN_FLIGHT);
    // The semaphore is never closed; without a permit the upload is only less bounded.
    let _permit = in_flight.acquire_many(weight).await.ok();
    let upload = prepare(context, file).await?;
    let result = send(context, namespace, name, file, &upload).await;
    // Together with what was told while it was sent, exactly the file's size, however often it was tried.
    let untold = file.size.saturating_sub(upload.told.load(Ordering::Relaxed));
    context.reporter.event(&Event::Progress { items: 0, bytes: untold });
    result
}

async fn send(context: &Context, namespace: &Namespace, name: &str, file: &DesiredFile, upload: &Upload) -> Result<(), ApiError> {
    let mut result = context.writer.put_file(namespace, name, upload).await;
    if let Err(ApiError::Status { status: 500, message, .. }) = &result
        && message.contains("is a directory")
    {
        // An empty directory of that name, which no listing shows. The server deletes it only when nothing lies in it.
        context.writer.delete_file(namespace, name).await?;
        result = context.writer.put_file(namespace, name, upload).await;
    }
    match result {
        Err(ApiError::Status { endpoint, status: 500, message }) if message.contains("is a directory") => {
            let hint = "empty directories of that name are there, which no listing shows: remove them on the server, the deepest first";
            Err(ApiError::Status { endpoint, status: 500, message: format!("{message} ({hint})") })
        }
        Err(error) if error.is_lost() => {
            let live = context.reader.file_fingerprint(namespace, name, file.size).await;
            if live.is_ok_and(|live| live == Some(file.fingerprint)) { Ok(()) } else { Err(error) }
        }
        other => other,
    }
}

async fn prepare(run: &Context, file: &DesiredFile) -> Result<Upload, ApiError> {
    let (tree, path, size) = (Arc::clone(&run.tree), file.path.clone(), file.size);
    let content = if let Some(kept) = &file.content {
        Content::Hashed(kept.clone())
    } else if size <= SMALL {
        let bytes = if size <= READ_IN_PLACE {
            tree.read(&path, size)
        } else {
            let read = tokio::task::spawn_blocking(move || tree.read(&path, size)).await;
            read.map_err(|error| unreadable(&file.path, &error.to_string()))?
        };
        Content::Bytes(Bytes::from(bytes.map_err(|error| unreadable(&file.path, &error.to_string()))?))
    } else {
        let open = move || match tree.open(&path) {
            Ok(opened) => Ok(opened.reader),
            Err(error) => Err(io::Error::other(error.to_string())),
        };
        Content::File(Arc::new(open))
    };
    Ok(Upload { content, size, fingerprint: file.fingerprint, told: Arc::default() })
}

fn unreadable(path: &TreePath, reason: &str) -> ApiError {
    ApiError::Config(format!("`{path}` was there when the run was planned: {reason}"))
}
