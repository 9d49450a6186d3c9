//! An engine over TCP with TLS, by the same TLS library as the rest of the program uses.

use std::path::Path;

use hyper_tls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use native_tls::{Certificate, Identity, TlsConnector};

use super::EngineError;
use super::endpoint::TlsFiles;
use super::error::chain;
use crate::key::printable;

/// What makes connections by these certificates.
pub(super) fn connector(files: &TlsFiles) -> Result<HttpsConnector<HttpConnector>, EngineError> {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    Ok(HttpsConnector::from((http, by(files)?.into())))
}

fn by(files: &TlsFiles) -> Result<TlsConnector, EngineError> {
    let mut builder = TlsConnector::builder();
    if files.skip_verify {
        builder.danger_accept_invalid_certs(true).danger_accept_invalid_hostnames(true);
    }
    if let Some(ca) = &files.ca {
        // Docker's file may name several; only they are trusted then, not the system's.
        builder.disable_built_in_roots(true);
        let pem = read(ca)?;
        let ends = pem.match_indices("-----END CERTIFICATE-----").map(|(at, end)| at + end.len());
        let mut start = 0;
        for end in ends {
            let certificate = Certificate::from_pem(pem[start..end].trim().as_bytes()).map_err(|error| unusable(ca, &error))?;
            builder.add_root_certificate(certificate);
            start = end;
        }
    }
    if let (Some(cert), Some(key)) = (&files.cert, &files.key) {
        let identity = Identity::from_pkcs8(read(cert)?.as_bytes(), &pkcs8(key)?).map_err(|error| unusable(key, &error))?;
        builder.identity(identity);
    }
    builder.build().map_err(|error| EngineError::Settings(format!("docker's certificates cannot be used: {}", chain(&error))))
}

/// Docker's own documentation makes keys in the older form `RSA PRIVATE KEY`.
fn pkcs8(key: &Path) -> Result<Vec<u8>, EngineError> {
    let pem = read(key)?;
    if pem.contains("-----BEGIN PRIVATE KEY-----") {
        return Ok(pem.into_bytes());
    }
    let converted = openssl::pkey::PKey::private_key_from_pem(pem.as_bytes()).and_then(|key| key.private_key_to_pem_pkcs8());
    converted.map_err(|error| unusable(key, &error))
}

fn read(file: &Path) -> Result<String, EngineError> {
    std::fs::read_to_string(file).map_err(|error| unusable(file, &error))
}

fn unusable(file: &Path, error: &dyn std::error::Error) -> EngineError {
    EngineError::Settings(format!("`{}` cannot be used: {}", printable(&file.to_string_lossy()), chain(error)))
}
