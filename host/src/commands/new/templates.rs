//! The templates: the sample handlers as they are, and what is the same in every language.

use super::Language;

/// A file of a template.
pub(super) struct File {
    /// Its path in the project.
    pub(super) path: &'static str,
    /// Its text.
    pub(super) text: &'static str,
}

/// A language's own part of a project.
pub(super) struct Template {
    /// How people call the language.
    pub(super) name: &'static str,
    /// The file that an author begins with.
    pub(super) source: &'static str,
    /// How the handler is called in the files that are a sample's.
    pub(super) sample: &'static str,
    /// What building needs, for the README.
    pub(super) needs: &'static str,
    /// The command that puts tools for it into the project's folder, once; empty where there is none.
    pub(super) install: &'static str,
    /// What a CI server has to install, for the example.
    pub(super) setup: &'static str,
    /// The files.
    pub(super) files: &'static [File],
}

macro_rules! files {
    ($($path:literal = $from:literal),* $(,)?) => {
        &[$(File { path: $path, text: include_str!(concat!("../../../../", $from)) }),*]
    };
}

/// What is the same in every language.
pub(super) const SHARED: &[File] = files![
    "README.md" = "host/templates/README.md.in",
    ".github/workflows/handler.yml" = "host/templates/handler.yml.in",
    "example.settings" = "sample-handlers/hello-c/example.settings",
];

const RUST: Template = Template {
    name: "Rust",
    source: "src/main.rs",
    sample: "Hostler.Samples.HelloC",
    needs: "Building needs Rust with the target `wasm32-wasip2`. `cargo test` tests the handler without WebAssembly.",
    install: "",
    setup: "      - run: rustup target add wasm32-wasip2\n      - run: cargo test",
    files: files![
        "Cargo.toml" = "host/templates/rust/Cargo.toml.in",
        "src/main.rs" = "host/templates/rust/main.rs.in",
        "build.sh" = "host/templates/rust/build.sh",
        ".gitignore" = "host/templates/rust/gitignore.in",
        "package/HandlerManifest.json" = "sample-handlers/hello-c/package/HandlerManifest.json",
    ],
};

const C: Template = Template {
    name: "C",
    source: "handler.c",
    sample: "Hostler.Samples.HelloC",
    needs: "Building needs clang and wasi-libc; Debian has them as `clang-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32`.",
    install: "",
    setup: "      - run: sudo apt-get install --yes clang-14 lld-14 wasi-libc libclang-rt-14-dev-wasm32",
    files: files![
        "handler.c" = "sample-handlers/hello-c/handler.c",
        "json.c" = "sample-handlers/hello-c/json.c",
        "json.h" = "sample-handlers/hello-c/json.h",
        "heap.c" = "sample-handlers/hello-c/heap.c",
        "build.sh" = "sample-handlers/hello-c/build.sh",
        ".gitignore" = "sample-handlers/hello-c/.gitignore",
        "package/HandlerManifest.json" = "sample-handlers/hello-c/package/HandlerManifest.json",
    ],
};

const GO: Template = Template {
    name: "Go",
    source: "main.go",
    sample: "Hostler.Samples.HelloGo",
    needs: "Building needs Go 1.24 or later.",
    install: "",
    setup: "      - uses: actions/setup-go@v5\n        with:\n          go-version: stable",
    files: files![
        "main.go" = "sample-handlers/hello-go/main.go",
        "go.mod" = "sample-handlers/hello-go/go.mod",
        "build.sh" = "sample-handlers/hello-go/build.sh",
        ".gitignore" = "sample-handlers/hello-go/.gitignore",
        "package/HandlerManifest.json" = "sample-handlers/hello-go/package/HandlerManifest.json",
    ],
};

const JAVASCRIPT: Template = Template {
    name: "JavaScript",
    source: "handler.js",
    sample: "Hostler.Samples.HelloJavaScript",
    needs: "Building needs node 20 or later, and componentize-qjs, which npm has.",
    install: "npm install --no-save componentize-qjs@0.4.5",
    setup: "      - run: npm install --no-save componentize-qjs@0.4.5",
    files: files![
        "handler.js" = "sample-handlers/hello-javascript/handler.js",
        "build.sh" = "sample-handlers/hello-javascript/build.sh",
        ".gitignore" = "sample-handlers/hello-javascript/.gitignore",
        "wit/world.wit" = "sample-handlers/hello-javascript/wit/world.wit",
        "wit/deps/cli.wit" = "sample-handlers/hello-javascript/wit/deps/cli.wit",
        "wit/deps/clocks.wit" = "sample-handlers/hello-javascript/wit/deps/clocks.wit",
        "wit/deps/filesystem.wit" = "sample-handlers/hello-javascript/wit/deps/filesystem.wit",
        "wit/deps/handler.wit" = "wit/handler.wit",
        "package/HandlerManifest.json" = "sample-handlers/hello-javascript/package/HandlerManifest.json",
    ],
};

const PYTHON: Template = Template {
    name: "Python",
    source: "handler.py",
    sample: "Hostler.Samples.HelloPython",
    needs: "Building needs Python 3.10 or later with pip, and componentize-py, which PyPI has.",
    install: "python3 -m pip install --target tools componentize-py==0.25.0",
    setup: "      - run: python3 -m pip install --target tools componentize-py==0.25.0",
    files: files![
        "handler.py" = "sample-handlers/hello-python/handler.py",
        "build.sh" = "sample-handlers/hello-python/build.sh",
        ".gitignore" = "sample-handlers/hello-python/.gitignore",
        "wit/world.wit" = "sample-handlers/hello-python/wit/world.wit",
        "wit/deps/handler.wit" = "wit/handler.wit",
        "package/HandlerManifest.json" = "sample-handlers/hello-python/package/HandlerManifest.json",
    ],
};

impl Language {
    /// Its template.
    pub(super) fn template(self) -> &'static Template {
        match self {
            Self::Rust => &RUST,
            Self::C => &C,
            Self::Go => &GO,
            Self::Javascript => &JAVASCRIPT,
            Self::Python => &PYTHON,
        }
    }
}
