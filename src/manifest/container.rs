//! The part of validation that is about Docker functions: image, build and port.

use std::collections::HashMap;

use super::application::{Build, Content, Function, Image};
use super::raw;
use super::rule::Rule;
use super::shape::brief;
use super::validate::Check;
use crate::key::ItemKey;
use crate::live::container_name;

impl Check<'_> {
    pub(super) fn image(&mut self, at: &str, function: &raw::Function) -> Option<Image> {
        self.foreign_keys(at, function, &["code", "codeFile"], "a docker function has no");
        let port = function.port.map(|port| self.port(&format!("{at}.port"), port));
        let build = if function.image.is_some() {
            self.foreign_keys(at, function, &["dockerfile", "context", "build"], "a function with `image` has no");
            None
        } else {
            Some(self.build(at, function)?)
        };
        if let Some(reference) = function.image.as_deref().filter(|reference| !is_reference(reference)) {
            let help = "write `image: registry.example.org/team/app:1.4`, or a name with its digest";
            self.add(Rule::BadImage, &format!("{at}.image"), format!("`{}` is not the name of an image", brief(reference)), help);
        }
        let port = match port {
            Some(None) => return None,
            Some(port) => port,
            None => None,
        };
        Some(Image { build, reference: function.image.clone(), port })
    }

    fn port(&mut self, place: &str, port: raw::Literal) -> Option<u16> {
        let number = match port {
            raw::Literal::Number(number) => u16::try_from(number).ok().filter(|port| *port > 0),
            raw::Literal::Flag(_) | raw::Literal::Other => None,
        };
        if number.is_none() {
            let finding = self.finding(Rule::BadPort, place, "`port` must be a whole number from 1 to 65535, without quotes");
            let value = finding.span.as_ref().map(|(_, span)| span.clone()).unwrap_or_default();
            // A number is no secret; a text may be one in the wrong place.
            let finding = if matches!(port, raw::Literal::Number(_)) { finding } else { finding.hide(value) };
            self.findings.push(finding.help("write it like `port: 8080`: where the program in the container listens"));
        }
        number
    }

    fn build(&mut self, at: &str, function: &raw::Function) -> Option<Build> {
        let dockerfile = function.dockerfile.as_ref().map(|file| self.path(&format!("{at}.dockerfile"), "dockerfile", file));
        let context = function.context.as_ref().map(|dir| self.path(&format!("{at}.context"), "context", dir));
        let (dockerfile, context) = match (dockerfile, context) {
            (Some(dockerfile), Some(context)) => (dockerfile?, context?),
            (Some(dockerfile), None) => {
                let dockerfile = dockerfile?;
                let context = dockerfile.parent().unwrap_or_default();
                (dockerfile, context)
            }
            (None, Some(context)) => {
                let context = context?;
                (context.child("Dockerfile"), context)
            }
            // `code` or `codeFile` instead: that was found already.
            (None, None) if self.means_one_of(at, &["dockerfile", "context", "image", "code", "codeFile"]) => return None,
            (None, None) => {
                let message = "this docker function has neither `dockerfile`, `context` nor `image`";
                self.add(Rule::FunctionContent, &format!("{at}.path"), message, "name the Dockerfile, or an image");
                return None;
            }
        };
        let build = function.build.as_ref();
        if let Some(build) = build {
            self.build_values(at, build);
        }
        Some(Build {
            dockerfile,
            context,
            args: build.map(|build| build.args.clone()).unwrap_or_default(),
            target: build.and_then(|build| build.target.clone()),
            platform: build.and_then(|build| build.platform.clone()),
        })
    }

    fn build_values(&mut self, at: &str, build: &raw::Build) {
        for key in build.args.keys().filter(|key| looks_secret(key)) {
            let place = format!("{at}.build.args.{key}");
            let message = format!("the build argument `{}` looks like a secret, and every image keeps its arguments", brief(key));
            let finding = self.finding(Rule::SecretArgument, &place, message);
            let value = finding.span.as_ref().map(|(_, span)| span.clone()).unwrap_or_default();
            let help = "leave it out of the build and give it to the program when it runs; if it is no secret, name it otherwise";
            self.findings.push(finding.hide(value).help(help));
        }
        let platform = build.platform.as_deref().filter(|platform| !is_platform(platform));
        if let Some(platform) = platform {
            let message = format!("`{}` is not a platform", brief(platform));
            self.add(Rule::BadImage, &format!("{at}.build.platform"), message, "write it like `linux/amd64` or `linux/arm/v7`");
        }
    }

    /// `health` belongs to every runtime.
    pub(super) fn health(&mut self, at: &str, function: &raw::Function) -> Option<String> {
        let health = function.health.as_ref()?;
        if ItemKey::function(health).is_err() {
            let help = "it is a path below the function's own, called after a deploy until it answers";
            self.add(Rule::BadFunctionPath, &format!("{at}.health"), "`health` must be a path such as `/healthz`", help);
        }
        Some(health.clone())
    }

    /// The server has one container for all functions whose paths become one name; the later one would remove the earlier one's.
    pub(super) fn shared_containers(&mut self, functions: &[Function]) {
        let mut seen: HashMap<String, &Function> = HashMap::new();
        for function in functions.iter().filter(|function| matches!(function.content, Content::Docker(_))) {
            // Two functions of one namespace share a container in every namespace.
            let Some(other) = seen.insert(container_name("", &function.key.name), function) else { continue };
            if other.key == function.key {
                continue;
            }
            let (path, other) = (brief(&function.key.name), brief(&other.key.name));
            let message = format!("the server has one container for `{path}` and `{other}`");
            let help = "rename one of them: `/`, `-` and characters that Docker does not take are one and the same there";
            self.add(Rule::SharedContainer, function.place.key("path").as_str(), message, help);
        }
    }
}

/// `[registry[:port]/]name[/name…][:tag][@digest]`, as far as sending it to an engine needs.
fn is_reference(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/:@".contains(&byte));
    let name = text.split('@').next().unwrap_or_default();
    let last = name.rsplit('/').next().unwrap_or_default();
    let (last, tag) = last.split_once(':').map_or((last, None), |(last, tag)| (last, Some(tag)));
    let names = name.split('/').all(|part| part.starts_with(|c: char| c.is_ascii_alphanumeric()));
    plain
        && text.len() <= 512
        && names
        && last == last.to_lowercase()
        && !last.is_empty()
        && tag.is_none_or(|tag| !tag.is_empty() && !tag.contains(':'))
}

fn is_platform(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    let word =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    (2..=3).contains(&parts.len()) && parts.iter().all(word)
}

/// By its name: what people call secrets. `PUBLIC_KEY` is none.
fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let secret = ["TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "SECRETS", "CREDENTIAL", "CREDENTIALS", "APIKEY"];
    !has(&["PUBLIC"]) && (has(&secret) || (has(&["KEY"]) && has(&["API", "ACCESS", "PRIVATE", "SIGNING", "ENCRYPTION"])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_images_and_platforms_are_told_from_other_texts() {
        for good in ["app", "app:1", "registry.example:5000/Team/app:v1.2", "a/b@sha256:0123", "localhost/x"] {
            assert!(is_reference(good), "{good}");
        }
        for bad in ["", "App", "app:", "a b", "https://x/y", "a//b", "-a", "a:b:c", "/a"] {
            assert!(!is_reference(bad), "{bad}");
        }
        assert!(is_platform("linux/amd64") && is_platform("linux/arm/v7"));
        assert!(!is_platform("linux") && !is_platform("linux/") && !is_platform("Linux/amd64") && !is_platform("a/b/c/d"));
    }

    #[test]
    fn secrets_are_told_by_their_names() {
        for secret in ["NPM_TOKEN", "db-password", "AWS_SECRET_ACCESS_KEY", "API_KEY"] {
            assert!(looks_secret(secret), "{secret}");
        }
        for plain in ["VERSION", "PUBLIC_KEY", "KEYBOARD", "TOKENIZER", "CACHE_KEY"] {
            assert!(!looks_secret(plain), "{plain}");
        }
    }
}
