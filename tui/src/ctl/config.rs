//! Commands that need no daemon: they read configuration files.

use std::{io::IsTerminal, path::Path, process::ExitCode};

use keepalived_config::{
    Loaded, Options,
    anywhere::Anywhere,
    convert::{to_conf, to_toml},
    diag::{Diagnostics, Severity},
    docs, load, reader, render,
    source::SourceMap,
};

use super::{
    args::{Form, Shape},
    complain, print,
};

/// `check FILE`.
pub(super) fn check(file: &Path, form: Form, strict: bool) -> ExitCode {
    let loaded = load(&options(file), &Anywhere);
    let text = match form {
        Form::Human => human(&loaded),
        Form::Json => render::json(&loaded.diagnostics, &loaded.sources).to_string() + "\n",
        Form::Sarif => render::sarif(&loaded.diagnostics, &loaded.sources).to_string() + "\n",
    };
    let printed = print(&text);
    let limit = if strict { Severity::Warning } else { Severity::Error };
    if loaded.diagnostics.worst().is_some_and(|worst| worst >= limit) {
        return ExitCode::FAILURE;
    }
    printed
}

fn human(loaded: &Loaded) -> String {
    let color = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut text = render::summary(&loaded.diagnostics, &loaded.sources, color);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn options(file: &Path) -> Options {
    Options {
        main: file.to_string_lossy().into_owned(),
        config_id: None,
        all_config: false,
    }
}

/// `explain WORD`.
pub(super) fn explain(word: &str) -> ExitCode {
    match (docs::explain::explain(word), docs::explain::similar(word)) {
        (Some(text), _) => print(&(text + "\n")),
        (None, Some(similar)) => complain(&format!("failed to find {word}; did you mean {similar}?")),
        (None, None) => complain(&format!("failed to find {word}: neither a keyword nor a code")),
    }
}

/// `convert FILE --to FORM`.
pub(super) fn convert(file: &Path, to: Shape) -> ExitCode {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let mut statements = Vec::new();
    reader::read(
        &options(file),
        &Anywhere,
        &mut sources,
        &mut diagnostics,
        &mut |statement| {
            statements.push(statement);
        },
    );
    for diagnostic in diagnostics.items() {
        eprintln!("{}", render::human(diagnostic, &sources, false));
    }
    if diagnostics.worst().is_some_and(|worst| worst >= Severity::Error) {
        return complain(&format!("failed to read {}: nothing was converted", file.display()));
    }
    match to {
        Shape::Toml => print(&to_toml(&statements)),
        Shape::Conf => match to_conf(&statements) {
            Ok(text) => print(&text),
            Err(problem) => complain(&problem),
        },
    }
}
