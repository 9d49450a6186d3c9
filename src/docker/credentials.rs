//! Registry credentials, from docker's own configuration and its helpers.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::time::Duration;

use bollard::auth::DockerCredentials;
use docker_credential::{CredentialRetrievalError, DockerCredential};

use super::{EngineError, Settings};

/// A helper that asks somebody something would wait for ever.
const HELPER: Duration = Duration::from_secs(30);
/// What docker's configuration calls Docker Hub.
const HUB: &str = "https://index.docker.io/v1/";

/// The registry that an image comes from, as docker's configuration names it.
fn registry(reference: &str) -> String {
    match reference.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host.to_owned(),
        _ => HUB.to_owned(),
    }
}

/// The credentials for the registry of `reference`; none when there are none.
pub(super) async fn of(settings: &Settings, reference: &str) -> Result<Option<DockerCredentials>, EngineError> {
    let registry = registry(reference);
    let failed = |reason: &str| EngineError::Settings(format!("docker's credentials for {registry} cannot be read: {reason}"));
    let Some(dir) = &settings.config_dir else { return Ok(None) };
    let file = match File::open(dir.join("config.json")) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&error.to_string())),
    };
    let asked = registry.clone();
    let asking = tokio::task::spawn_blocking(move || docker_credential::get_credential_from_reader(file, &asked));
    let found = match tokio::time::timeout(HELPER, asking).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return Err(failed(&error.to_string())),
        Err(_) => return Err(failed("the credential helper does not answer")),
    };
    let credentials = match found {
        Ok(DockerCredential::UsernamePassword(username, password)) => {
            DockerCredentials { username: Some(username), password: Some(password), ..DockerCredentials::default() }
        }
        Ok(DockerCredential::IdentityToken(token)) => DockerCredentials { identitytoken: Some(token), ..DockerCredentials::default() },
        Err(CredentialRetrievalError::NoCredentialConfigured) => return Ok(None),
        // A helper says on stdout that it knows nothing; what else it says there may be a secret.
        Err(CredentialRetrievalError::HelperFailure { stdout, .. }) if stdout.contains("credentials not found") => return Ok(None),
        Err(CredentialRetrievalError::HelperFailure { helper, .. }) => return Err(failed(&format!("`{helper}` failed"))),
        Err(error) => return Err(failed(&error.to_string())),
    };
    Ok(Some(DockerCredentials { serveraddress: Some(registry), ..credentials }))
}

/// The credentials for all registries that `images` come from.
pub(super) async fn for_all(settings: &Settings, images: &[String]) -> Result<HashMap<String, DockerCredentials>, EngineError> {
    let mut found = HashMap::new();
    for image in images {
        let registry = registry(image);
        if !found.contains_key(&registry)
            && let Some(credentials) = of(settings, image).await?
        {
            found.insert(registry, credentials);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_told_from_a_name_as_docker_does() {
        assert_eq!(registry("busybox"), HUB);
        assert_eq!(registry("team/app:1"), HUB);
        assert_eq!(registry("registry.example/app:1"), "registry.example");
        assert_eq!(registry("localhost:5000/app"), "localhost:5000");
    }
}
