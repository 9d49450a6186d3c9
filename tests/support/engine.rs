//! The real Docker engine of this machine, asked through docker's own command line.

use std::path::Path;
use std::process::{Command, Output};

/// Debian's `busybox-static`: a program that needs no base image.
const BUSYBOX: &str = "/bin/busybox";

/// A page server in an image of its own that ends as soon as it is told to.
pub(crate) const PAGE_SERVER: &str = "FROM scratch\nCOPY busybox /bin/busybox\nCOPY www /www/web\nEXPOSE 8080\nSTOPSIGNAL SIGKILL\n\
                                      ENTRYPOINT [\"/bin/busybox\", \"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/www\"]\n";

/// The bytes of a static `BusyBox`.
#[track_caller]
pub(crate) fn busybox() -> Vec<u8> {
    std::fs::read(BUSYBOX)
        .unwrap_or_else(|error| panic!("{BUSYBOX}: {error}; Debian's package busybox-static has it, and .ci/run installs it"))
}

fn run(arguments: &[&str]) -> Output {
    let ran = Command::new("docker").args(arguments).output();
    ran.unwrap_or_else(|error| panic!("docker: {error}; Debian's package docker.io has it, and .ci/run installs it"))
}

/// What docker prints; it must succeed.
#[track_caller]
pub(crate) fn docker(arguments: &[&str]) -> String {
    let ran = run(arguments);
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "docker {arguments:?}: {said}; the tests need a running engine, and .ci/run starts one");
    String::from_utf8_lossy(&ran.stdout).trim().to_owned()
}

/// What docker prints; none when it fails, and then a test that fails shows why.
#[expect(clippy::print_stderr, reason = "shown with the test that fails")]
pub(crate) fn try_docker(arguments: &[&str]) -> Option<String> {
    let ran = run(arguments);
    if !ran.status.success() {
        eprintln!("docker {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr).trim());
    }
    ran.status.success().then(|| String::from_utf8_lossy(&ran.stdout).trim().to_owned())
}

/// Names and modes of everything in an image, as `tar` lists them, sorted.
#[track_caller]
pub(crate) fn files_of(image: &str) -> Vec<String> {
    let container = docker(&["create", image, "nothing"]);
    let exported = tempfile::NamedTempFile::new().expect("a file");
    docker(&["export", "--output", &exported.path().to_string_lossy(), &container]);
    docker(&["rm", &container]);
    list(exported.path())
}

fn list(archive: &Path) -> Vec<String> {
    let listed = Command::new("tar").args(["--list", "--verbose", "--file"]).arg(archive).output().expect("tar is installed");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    // `-rwxr-xr-x 0/0 1 2000-01-01 00:00 name`, with ` -> target` behind a link.
    let row = |line: &str| {
        let mut words = line.split_whitespace();
        let mode = words.next().unwrap_or_default().to_owned();
        format!("{mode} {}", words.skip(4).collect::<Vec<_>>().join(" "))
    };
    let mut rows: Vec<String> = String::from_utf8_lossy(&listed.stdout).lines().map(row).collect();
    // What the engine itself puts into every container.
    rows.retain(|row| {
        !["dev/", "etc/", "proc/", "sys/", ".dockerenv"].iter().any(|own| row.split(' ').nth(1).is_some_and(|name| name.starts_with(own)))
    });
    rows.sort();
    rows
}

/// Containers and images below a namespace. The containers go with the test.
pub(crate) struct Leftovers(pub(crate) String);

impl Leftovers {
    /// Names and images of all containers of the namespace.
    pub(crate) fn containers(&self) -> Vec<String> {
        let filter = format!("name=^/?zerverless-{}-", self.0);
        let listed = docker(&["ps", "--all", "--filter", &filter, "--format", "{{.Names}} {{.Image}}"]);
        listed.lines().map(str::to_owned).collect()
    }

    /// Tags of all images of the namespace.
    pub(crate) fn images(&self) -> Vec<String> {
        let listed = docker(&["images", "--format", "{{.Repository}}:{{.Tag}}", &format!("zerverless/{}/*", self.0)]);
        listed.lines().map(str::to_owned).collect()
    }
}

impl Drop for Leftovers {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for container in self.containers() {
            let name = container.split(' ').next().unwrap_or_default().to_owned();
            let _ = try_docker(&["rm", "--force", &name]);
        }
        // Images stay: another test may be building one of the same content right now. `prune-images` knows them.
    }
}
