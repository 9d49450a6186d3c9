//! Pulling the image that a manifest names, when the engine does not have it.

use bollard::query_parameters::CreateImageOptions;
use futures_util::StreamExt;

use super::error::chain;
use super::{Connection, Engine, EngineError, credentials};
use crate::event::{Event, Reporter};

impl Engine {
    /// Pulls the image `reference` of the function at `path`; false when it is there already.
    pub async fn pull(&self, path: &str, reference: &str, reporter: &dyn Reporter) -> Result<bool, EngineError> {
        let connection = self.connection().await?;
        if let Some(platform) = connection.image_platform(reference).await? {
            return if connection.runs(&platform) { Ok(false) } else { Err(connection.wrong_platform(path, &platform)) };
        }
        let pulling = self.run_pull(path, reference, reporter);
        match tokio::time::timeout(self.settings.build_timeout, pulling).await {
            Ok(pulled) => pulled?,
            Err(_) => return Err(EngineError::Deadline { path: path.to_owned(), after: self.settings.build_timeout, log: Vec::new() }),
        }
        match connection.image_platform(reference).await? {
            Some(platform) if connection.runs(&platform) => Ok(true),
            Some(platform) => Err(connection.wrong_platform(path, &platform)),
            None => Err(connection.pull_failed(path, reference, "the pull ended without an image".to_owned())),
        }
    }

    async fn run_pull(&self, path: &str, reference: &str, reporter: &dyn Reporter) -> Result<(), EngineError> {
        let connection = self.connection().await?;
        let (name, tag) = split(reference);
        let options = CreateImageOptions { from_image: Some(name), tag: Some(tag), ..CreateImageOptions::default() };
        let credentials = credentials::of(&self.settings, reference).await?;
        let docker = connection.docker.clone().with_timeout(self.settings.build_timeout);
        reporter.event(&Event::Building { path: path.to_owned(), line: format!("pulling {reference}"), is_step: true });
        let mut infos = std::pin::pin!(docker.create_image(Some(options), None, credentials));
        while let Some(info) = infos.next().await {
            let info = info.map_err(|error| connection.pull_failed(path, reference, chain(&error)))?;
            if let Some(status) = info.status {
                reporter.event(&Event::Building { path: path.to_owned(), line: status, is_step: false });
            }
        }
        Ok(())
    }
}

impl Connection {
    fn pull_failed(&self, path: &str, reference: &str, reason: String) -> EngineError {
        EngineError::Failed { what: format!("pulling `{reference}` for `{path}`"), url: self.url.clone(), reason }
    }
}

/// Name and tag or digest; without one an engine would pull every tag there is.
fn split(reference: &str) -> (String, String) {
    if let Some((name, digest)) = reference.split_once('@') {
        return (name.to_owned(), digest.to_owned());
    }
    let slash = reference.rfind('/').map_or(0, |at| at + 1);
    match reference[slash..].split_once(':') {
        Some((last, tag)) => (format!("{}{last}", &reference[..slash]), tag.to_owned()),
        None => (reference.to_owned(), "latest".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_split_at_its_tag_and_not_at_its_port() {
        let split = |text: &str| split(text);
        assert_eq!(split("app"), ("app".into(), "latest".into()));
        assert_eq!(split("registry.example:5000/team/app"), ("registry.example:5000/team/app".into(), "latest".into()));
        assert_eq!(split("registry.example:5000/app:1.4"), ("registry.example:5000/app".into(), "1.4".into()));
        assert_eq!(split("app@sha256:ab"), ("app".into(), "sha256:ab".into()));
    }
}
