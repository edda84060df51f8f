//! `-t`: reads the configuration, says what is wrong with it, and exits with keepalived's codes (`config-language.md` 11.3).

use std::{
    io::{self, IsTerminal as _, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    process::ExitCode,
};

use keepalived_config::{
    Loaded,
    diag::Severity,
    render::{json, log_line, sarif, summary},
};
use keepalived_linux::process::set_umask;

use crate::{
    cli::{DiagnosticsForm, Options},
    load::{self, Loader},
};

/// The log file cannot be opened, or written.
const EXIT_USAGE: u8 = 1;
/// A main file that is missing.
const EXIT_FILE_MISSING: u8 = 4;
/// What `--strict` refuses.
const EXIT_STRICT: u8 = 5;

/// Runs the test; messages go to stderr, or are appended to the file of `-tFILE`.
pub fn run(options: &Options) -> ExitCode {
    set_umask(options.umask.unwrap_or(0o177));
    let target = options.config_test.clone().flatten();
    let mut out: Box<dyn Write> = match target.as_deref().map(append) {
        None => Box::new(io::stderr()),
        Some(Ok(file)) => Box::new(file),
        Some(Err(error)) => {
            let name = target.unwrap_or_default();
            let number = error.raw_os_error().unwrap_or(0);
            eprintln!(
                "Unable to open config-test log file {} {number} - {error}",
                name.display()
            );
            return ExitCode::from(EXIT_USAGE);
        }
    };
    let loader = Loader::new(options);
    let loaded = match load::read_in_namespace(&loader, options) {
        Ok(loaded) => loaded,
        Err(error) => {
            let _lost = writeln!(out, "{error}");
            return ExitCode::SUCCESS;
        }
    };
    let missing = load::is_missing(&loaded);
    let on_terminal = target.is_none() && io::stderr().is_terminal();
    let written = match options.diagnostics {
        DiagnosticsForm::Human => human(&mut out, &loaded, on_terminal),
        DiagnosticsForm::Auto if on_terminal => human(&mut out, &loaded, true),
        DiagnosticsForm::Auto | DiagnosticsForm::Line => lines(&mut out, &loaded),
        DiagnosticsForm::Json => data(
            out.as_mut(),
            target.is_some(),
            &json(&loaded.diagnostics, &loaded.sources),
        ),
        DiagnosticsForm::Sarif => data(
            out.as_mut(),
            target.is_some(),
            &sarif(&loaded.diagnostics, &loaded.sources),
        ),
    };
    let written = written.and_then(|()| out.flush());
    if let Err(error) = written {
        eprintln!("keepalived: failed to write what the test found: {error}");
        return ExitCode::from(EXIT_USAGE);
    }
    let code = exit_code(&loaded, missing, options.strict);
    // The process ends here: taking a model of 65,024 instances apart first is noticeable, and the kernel does it at once.
    std::mem::forget(loaded);
    ExitCode::from(code)
}

/// keepalived says 0 for a missing main file, which hides a wrong path from whoever runs the test: here it is 4.
fn exit_code(loaded: &Loaded, missing: bool, strict: bool) -> u8 {
    let code = loaded.diagnostics.test_exit_code();
    let strict = strict && loaded.diagnostics.worst() >= Some(Severity::Warning);
    match code {
        0 if missing => EXIT_FILE_MISSING,
        0 if strict => EXIT_STRICT,
        code => code,
    }
}

fn append(path: &Path) -> io::Result<std::fs::File> {
    std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o666)
        .open(path)
}

fn human(out: &mut dyn Write, loaded: &Loaded, color: bool) -> io::Result<()> {
    out.write_all(summary(&loaded.diagnostics, &loaded.sources, color).as_bytes())
}

fn lines(out: &mut dyn Write, loaded: &Loaded) -> io::Result<()> {
    for item in loaded.diagnostics.items() {
        writeln!(out, "{}", log_line(item, &loaded.sources))?;
    }
    if loaded.diagnostics.suppressed() > 0 {
        writeln!(out, "{} more messages", loaded.diagnostics.suppressed())?;
    }
    Ok(())
}

/// Programs read stdout, unless a file is given.
fn data(out: &mut dyn Write, to_file: bool, value: &serde_json::Value) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(io::Error::other)?;
    if to_file {
        writeln!(out, "{text}")
    } else {
        writeln!(io::stdout(), "{text}")
    }
}
