//! Images on the engine: which are there, for which platform, and which of ours nobody needs any more.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bollard::query_parameters::{ListContainersOptions, ListImagesOptions, RemoveImageOptions, TagImageOptions};

use super::{Connection, Engine, EngineError, is_missing};
use crate::state::IMAGE_PREFIX;

/// Every image that this program builds carries this label; its value is the function's path.
pub(super) const LABEL: &str = "io.zerverless.gitops.function";

/// A tag that this program made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltImage {
    /// With its tag.
    pub name: String,
    /// Bytes of the image, layers that others share included.
    pub size: u64,
}

impl Connection {
    /// The platform of an image; none when the engine does not have it.
    pub(super) async fn image_platform(&self, name: &str) -> Result<Option<String>, EngineError> {
        match self.docker.inspect_image(name).await {
            Ok(image) => Ok(Some(format!("{}/{}", image.os.unwrap_or_default(), image.architecture.unwrap_or_default()))),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(self.failed(format!("looking for the image `{name}`"), &error)),
        }
    }

    /// When an image got a name last, in nanoseconds since 1970; none when it is gone. An image whose steps were all known is as old as these, so the
    /// time of its creation does not tell how new it is; it stands in where an engine does not know the other one.
    async fn tagged_at(&self, name: &str) -> Result<Option<i128>, EngineError> {
        match self.docker.inspect_image(name).await {
            Ok(image) => {
                let tagged = image.metadata.and_then(|metadata| metadata.last_tag_time).filter(|tagged| tagged.year() > 1970);
                Ok(Some(tagged.or(image.created).map_or(0, bollard::models::BollardDate::unix_timestamp_nanos)))
            }
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(self.failed(format!("looking at the image `{name}`"), &error)),
        }
    }

    /// Names an image that is about to be deployed once more, so that whoever prunes meanwhile takes it for the newest.
    pub(super) async fn renew(&self, name: &str) -> Result<(), EngineError> {
        let (repo, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
        let options = TagImageOptions { repo: Some(repo.to_owned()), tag: Some(tag.to_owned()) };
        self.docker.tag_image(name, Some(options)).await.map_err(|error| self.failed(format!("renewing the image `{name}`"), &error))
    }

    /// Whether the engine runs images of `platform`; what follows the architecture is a question of degree.
    pub(super) fn runs(&self, platform: &str) -> bool {
        let two = |text: &str| text.split('/').take(2).map(str::to_owned).collect::<Vec<_>>();
        two(platform) == two(&self.platform)
    }

    pub(super) fn wrong_platform(&self, path: &str, image: &str) -> EngineError {
        let (image, engine) = (image.to_owned(), self.platform.clone());
        EngineError::Platform { path: path.to_owned(), image, engine, url: self.url.clone() }
    }
}

impl Engine {
    /// The tags that this program made and that no container uses, nor any of `in_use`, without the newest `keep` of each function.
    pub async fn unused_images(&self, in_use: &BTreeSet<String>, keep: usize) -> Result<Vec<BuiltImage>, EngineError> {
        let connection = self.connection().await?;
        let filters = HashMap::from([("label".to_owned(), vec![LABEL.to_owned()])]);
        let images = ListImagesOptions { filters: Some(filters), ..ListImagesOptions::default() };
        let images = connection.docker.list_images(Some(images)).await.map_err(|error| connection.failed("listing images", &error))?;
        let containers = ListContainersOptions { all: true, ..ListContainersOptions::default() };
        let containers = connection.docker.list_containers(Some(containers)).await;
        let containers = containers.map_err(|error| connection.failed("listing containers", &error))?;
        let running: BTreeSet<String> = containers.iter().flat_map(|one| [one.image.clone(), one.image_id.clone()]).flatten().collect();
        let mut by_function: BTreeMap<String, Vec<(BuiltImage, bool)>> = BTreeMap::new();
        for image in images {
            // A container whose image lost its name is listed with the image's id.
            let in_container = running.contains(&image.id) && image.repo_tags.len() == 1;
            for name in image.repo_tags.iter().filter(|name| name.starts_with(IMAGE_PREFIX)) {
                let function = name.rsplit_once(':').map_or(name.as_str(), |(function, _)| function);
                let used = in_container || running.contains(name) || in_use.contains(name);
                let built = BuiltImage { name: name.clone(), size: u64::try_from(image.size).unwrap_or_default() };
                by_function.entry(function.to_owned()).or_default().push((built, used));
            }
        }
        let mut unused = Vec::new();
        for tags in by_function.into_values().filter(|tags| tags.len() > keep) {
            let mut dated = Vec::with_capacity(tags.len());
            for (image, used) in tags {
                dated.extend(connection.tagged_at(&image.name).await?.map(|tagged| (tagged, image, used)));
            }
            dated.sort_by(|(a, one, _), (b, other, _)| (b, &other.name).cmp(&(a, &one.name)));
            unused.extend(dated.into_iter().skip(keep).filter(|(_, _, used)| !used).map(|(_, image, _)| image));
        }
        Ok(unused)
    }

    /// Removes a tag, and with the last tag of an image the image; false when a container uses it by now.
    pub async fn remove_image(&self, name: &str) -> Result<bool, EngineError> {
        let connection = self.connection().await?;
        let options = RemoveImageOptions { force: false, ..RemoveImageOptions::default() };
        match connection.docker.remove_image(name, Some(options), None).await {
            Ok(_) => Ok(true),
            Err(error) if is_missing(&error) => Ok(true),
            Err(bollard::errors::Error::DockerResponseServerError { status_code: 409, .. }) => Ok(false),
            Err(error) => Err(connection.failed(format!("removing the image `{name}`"), &error)),
        }
    }
}
