//! The keys of a manifest and what each holds: one table, by which manifests are checked ([`super::shape`]) and from which their JSON Schema is made
//! ([`super::schema`]).

/// `apiVersion`.
pub(super) const API_VERSION: &str = "zerverless.io/v1";
/// `kind`.
pub(super) const KIND: &str = "Application";
/// What `runtime` may be, aliases included.
pub(super) const RUNTIMES: [&str; 7] = ["lua", "javascript", "js", "python", "py", "docker", "wasm"];

/// What belongs in a place.
pub(super) enum Shape {
    /// A single value, taken as the text it was written as.
    Scalar(Text),
    /// A single value whose kind matters.
    Literal(Literal),
    /// A list of the same.
    List(&'static Shape),
    /// A mapping with exactly these keys.
    Map(&'static Mapping),
    /// A mapping with any keys.
    AnyKeys(&'static Shape),
}

/// What a text looks like, as far as its form says. What it means is judged later.
#[derive(Clone, Copy)]
pub(super) enum Text {
    /// Anything.
    Any,
    /// Something.
    NotBlank,
    /// Exactly this.
    Exactly(&'static str),
    /// One of these.
    OneOf(&'static [&'static str]),
    /// A DNS label.
    Label,
    /// A DNS label that the orchestrator has no other use for.
    Namespace,
    /// The path of a function.
    FunctionPath,
    /// A path in the repository, relative to the manifest.
    FilePath,
    /// `linux/amd64`.
    Platform,
}

#[derive(Clone, Copy)]
pub(super) enum Literal {
    /// A whole number from 1 to 65535.
    Port,
    /// True or false.
    Flag,
}

/// A mapping, and what it is called.
pub(super) struct Mapping {
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
}

pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) shape: Shape,
    pub(super) required: bool,
    /// For people who write a manifest.
    pub(super) about: &'static str,
}

const fn required(key: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { key, shape, required: true, about }
}

const fn optional(key: &'static str, shape: Shape, about: &'static str) -> Field {
    Field { key, shape, required: false, about }
}

pub(super) static MANIFEST: Mapping = Mapping {
    name: "manifest",
    fields: &[
        required("apiVersion", Shape::Scalar(Text::Exactly(API_VERSION)), "The version of this format."),
        required("kind", Shape::Scalar(Text::Exactly(KIND)), "What the file describes."),
        required("metadata", Shape::Map(&METADATA), "Which application it is."),
        required("spec", Shape::Map(&SPEC), "What it consists of."),
    ],
};

static METADATA: Mapping = Mapping {
    name: "metadata",
    fields: &[
        required("name", Shape::Scalar(Text::Label), "The application's name, unique in its namespace: a-z, 0-9 and inner dashes."),
        required(
            "namespace",
            Shape::Scalar(Text::Namespace),
            "Where its functions and files live: /{namespace}/… and /static/{namespace}/…",
        ),
    ],
};

static SPEC: Mapping = Mapping {
    name: "spec",
    fields: &[
        optional(
            "source",
            Shape::Map(&SOURCE),
            "Where the files come from, for `watch` and for whoever reads this; a run takes the files it was given.",
        ),
        optional("functions", Shape::List(&Shape::Map(&FUNCTION)), "The functions; no path stands twice."),
        optional("static", Shape::Map(&STATIC), "The static files; they are served below /static/{namespace}/."),
    ],
};

static SOURCE: Mapping = Mapping {
    name: "source",
    fields: &[
        optional("repoURL", Shape::Scalar(Text::Any), "The repository, https or ssh, without credentials."),
        optional("branch", Shape::Scalar(Text::Any), "The branch; the remote's default one unless it is given."),
        optional("subdir", Shape::Scalar(Text::Any), "The manifest's directory in the repository."),
    ],
};

pub(super) static FUNCTION: Mapping = Mapping {
    name: "function",
    fields: &[
        required("path", Shape::Scalar(Text::FunctionPath), "Where it answers, e.g. /api/hello: called as /{namespace}/api/hello."),
        required("runtime", Shape::Scalar(Text::OneOf(&RUNTIMES)), "What runs the code, or docker for a container."),
        optional("code", Shape::Scalar(Text::NotBlank), "The code itself, below `|`. Either this or codeFile."),
        optional("codeFile", Shape::Scalar(Text::FilePath), "The file with the code, relative to this one."),
        optional("dockerfile", Shape::Scalar(Text::FilePath), "Docker: the Dockerfile; unless given, Dockerfile in the context."),
        optional("context", Shape::Scalar(Text::FilePath), "Docker: what the build may copy; unless given, the Dockerfile's directory."),
        optional("image", Shape::Scalar(Text::NotBlank), "Docker: a prebuilt image instead of dockerfile and context."),
        optional(
            "port",
            Shape::Literal(Literal::Port),
            "Docker: where the program listens; unless given, the only EXPOSE of the image, else 80.",
        ),
        optional("build", Shape::Map(&BUILD), "Docker: how the image is built."),
        optional("health", Shape::Scalar(Text::FunctionPath), "A path below its own that is called after a deploy until it answers."),
    ],
};

static BUILD: Mapping = Mapping {
    name: "build",
    fields: &[
        optional("args", Shape::AnyKeys(&Shape::Scalar(Text::Any)), "Build arguments. Every image keeps them: no secrets."),
        optional("target", Shape::Scalar(Text::Any), "The stage to build; unless given, the last one."),
        optional("platform", Shape::Scalar(Text::Platform), "The platform to build for, e.g. linux/amd64."),
    ],
};

static STATIC: Mapping = Mapping {
    name: "static",
    fields: &[
        required("dir", Shape::Scalar(Text::FilePath), "The directory with the files, relative to this one."),
        optional(
            "prefix",
            Shape::Scalar(Text::NotBlank),
            "Below which name they are served; only that part of the namespace is mirrored then.",
        ),
        optional("exclude", Shape::List(&Shape::Scalar(Text::Any)), "What is left out, as in a .gitignore."),
        optional("includeIgnored", Shape::Literal(Literal::Flag), "Take files that Git ignores as well, e.g. a site that a build writes."),
    ],
};
