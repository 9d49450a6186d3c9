//! TLS in front of a plain HTTP server on loopback, with an authority of its own: one request for each connection.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslAcceptor, SslMethod, SslStream};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name};
use tempfile::TempDir;

use super::orchestrator::ANY_PORT;

/// Listens as long as the process of the tests lives.
pub(crate) struct TlsFront {
    pub(crate) address: String,
    dir: TempDir,
}

impl TlsFront {
    /// In front of the server at `upstream`, which closes each connection after its reply.
    pub(crate) fn before(upstream: &str) -> Self {
        let (authority, acceptor) = certificates().expect("certificates");
        let dir = tempfile::tempdir().expect("a directory");
        fs::write(dir.path().join("ca.pem"), authority).expect("a file");
        let listener = TcpListener::bind(ANY_PORT).expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (acceptor, upstream) = (Arc::new(acceptor), upstream.to_owned());
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (acceptor, upstream) = (Arc::clone(&acceptor), upstream.clone());
                thread::spawn(move || {
                    // A client that does not trust the certificate goes away.
                    let Ok(stream) = acceptor.accept(connection) else { return };
                    let _ = pass(stream, &upstream);
                });
            }
        });
        Self { address, dir }
    }

    /// The certificate of the authority.
    pub(crate) fn authority(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }
}

fn pass(stream: SslStream<TcpStream>, upstream: &str) -> io::Result<()> {
    let mut client = BufReader::new(stream);
    let (mut request, mut length) = (Vec::new(), 0);
    loop {
        let start = request.len();
        client.read_until(b'\n', &mut request)?;
        let line = String::from_utf8_lossy(&request[start..]).to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    client.by_ref().take(length).read_to_end(&mut request)?;
    let mut server = TcpStream::connect(upstream)?;
    server.write_all(&request)?;
    let mut stream = client.into_inner();
    io::copy(&mut server, &mut stream)?;
    stream.shutdown().map(drop).map_err(io::Error::other)
}

/// The certificate of a new authority as PEM, and a server with one that it signed for 127.0.0.1.
fn certificates() -> Result<(Vec<u8>, SslAcceptor), ErrorStack> {
    let (authority_key, key) = (key()?, key()?);
    let mut authority = certificate("the tests' authority", &authority_key)?;
    authority.append_extension(BasicConstraints::new().critical().ca().build()?)?;
    let issuer = name("the tests' authority")?;
    authority.set_issuer_name(&issuer)?;
    authority.sign(&authority_key, MessageDigest::sha256())?;
    let authority = authority.build();
    let mut server = certificate("127.0.0.1", &key)?;
    server.set_issuer_name(authority.subject_name())?;
    let names = SubjectAlternativeName::new().ip("127.0.0.1").build(&server.x509v3_context(Some(&authority), None))?;
    server.append_extension(names)?;
    server.sign(&authority_key, MessageDigest::sha256())?;
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    acceptor.set_private_key(&key)?;
    acceptor.set_certificate(&server.build())?;
    Ok((authority.to_pem()?, acceptor.build()))
}

fn key() -> Result<PKey<Private>, ErrorStack> {
    let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    PKey::from_ec_key(EcKey::generate(&curve)?)
}

fn name(common: &str) -> Result<X509Name, ErrorStack> {
    let mut name = X509Name::builder()?;
    name.append_entry_by_text("CN", common)?;
    Ok(name.build())
}

/// Valid from yesterday on, for clocks that are a little apart.
fn certificate(common: &str, key: &PKey<Private>) -> Result<X509Builder, ErrorStack> {
    let mut certificate = X509::builder()?;
    certificate.set_version(2)?;
    let mut serial = BigNum::new()?;
    serial.rand(64, openssl::bn::MsbOption::MAYBE_ZERO, false)?;
    let serial = serial.to_asn1_integer()?;
    certificate.set_serial_number(&serial)?;
    let subject = name(common)?;
    certificate.set_subject_name(&subject)?;
    let yesterday = jiff::Timestamp::now().as_second() - 24 * 3600;
    let (from, to) = (Asn1Time::from_unix(yesterday)?, Asn1Time::days_from_now(2)?);
    certificate.set_not_before(&from)?;
    certificate.set_not_after(&to)?;
    certificate.set_pubkey(key)?;
    Ok(certificate)
}
