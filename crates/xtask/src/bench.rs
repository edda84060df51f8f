//! `cargo xtask bench`: whole processes of ours and of the original side by side; writes docs/performance.md.

mod config;
mod many;
mod measure;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use keepalived_compliance::program::Program;

use crate::shell::{root, show};
use measure::{Measured, measure};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these parts: test, start, steady, reload.
    only: Vec<String>,
    /// Our executable; without, the release build is made and used.
    #[arg(long, value_name = "FILE")]
    ours: Option<PathBuf>,
    /// Seconds after which a `-t` is given up.
    #[arg(long, default_value_t = 180)]
    limit: u64,
    /// Only ours, not the original.
    #[arg(long)]
    alone: bool,
    /// Prints the tables instead of writing docs/performance.md.
    #[arg(long)]
    dry: bool,
}

/// Measures one program.
type Work = fn(&Path) -> Result<Vec<many::Figure>, String>;

/// The programs that are compared, with their names in the tables.
struct Contestant {
    name: &'static str,
    path: PathBuf,
}

/// Measures and writes the page.
pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let contestants = contestants(arguments)?;
    let wanted = |part: &str| arguments.only.is_empty() || arguments.only.iter().any(|name| name == part);
    let mut page = header(&contestants);
    if wanted("test") {
        page += &checking(&contestants, Duration::from_secs(arguments.limit))?;
    }
    let parts: [(&str, Work, &str); 3] = [
        (
            "start",
            many::start,
            "## Cold start: 1,000 owners, from the start of the process",
        ),
        (
            "steady",
            many::steady,
            "## Sending and receiving: 1,000 instances at 0.1 s, MASTER on one side, BACKUP on the other",
        ),
        ("reload", many::reload, "## Reload with 1,000 instances at 1 s"),
    ];
    for (name, work, title) in parts {
        if wanted(name) {
            page += &beside(title, &contestants, work);
        }
    }
    if arguments.dry || !arguments.only.is_empty() {
        println!("{page}");
        return Ok(());
    }
    let path = root().join("docs/performance.md");
    std::fs::write(&path, page).map_err(|error| format!("failed to write {}: {error}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}

/// Measures once, in a process of its own, so that the peak of memory is that of the one program.
pub(crate) fn measure_child(words: &[String]) -> Result<(), String> {
    let (program, arguments) = words.split_first().ok_or("no program to measure")?;
    measure::child(program, arguments)
}

fn contestants(arguments: &Arguments) -> Result<Vec<Contestant>, String> {
    let ours = match &arguments.ours {
        Some(path) => path.clone(),
        None => {
            let words = ["cargo", "build", "--release", "--locked", "--quiet", "-p", "keepalived"];
            if !show(&words, Duration::from_secs(1800), &[])?.success {
                return Err("failed to build the daemon for release".to_owned());
            }
            let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
            target.join("release/keepalived")
        }
    };
    let ours = ours
        .canonicalize()
        .map_err(|error| format!("failed to find {}: {error}", ours.display()))?;
    let mut all = vec![Contestant {
        name: "ours",
        path: ours,
    }];
    match Program::Original.path() {
        Ok(path) if !arguments.alone => all.push(Contestant { name: "original", path }),
        Ok(_) => {}
        Err(why) => println!("SKIP the original: {why}"),
    }
    Ok(all)
}

fn header(contestants: &[Contestant]) -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or("")
        .trim_start_matches(['\t', ':', ' ']);
    let cores = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    let kernel = read("/proc/sys/kernel/osrelease");
    let mut page =
        "# Performance\n\nWritten by `cargo xtask bench`; every figure was measured, none is edited by hand.\n\n"
            .to_owned();
    let loadavg = read("/proc/loadavg");
    let load = loadavg.split_whitespace().next().unwrap_or("?");
    let _ = writeln!(
        page,
        "Machine: {cores} x {model}, Linux {}. Other work at the beginning (load average): {load}.\n",
        kernel.trim()
    );
    for contestant in contestants {
        let _ = writeln!(page, "* {}: {}", contestant.name, measure::version(&contestant.path));
    }
    page
}

/// `keepalived -t` on configurations of unusual size.
fn checking(contestants: &[Contestant], limit: Duration) -> Result<String, String> {
    let mut page = "\n## Checking large configurations (`-t`)\n\n| configuration |".to_owned();
    for contestant in contestants {
        let _ = write!(page, " {} | peak memory |", contestant.name);
    }
    page += "\n|---|";
    page += &"---:|---:|".repeat(contestants.len());
    page.push('\n');
    for (title, text) in [
        (
            "65,024 instances from the `~SEQ` line of the manual",
            config::manual_sequence(),
        ),
        ("10,000 instances written out", config::written_out(10_000)),
        (
            "100 virtual servers with 100 real servers each",
            config::virtual_servers(100, 100),
        ),
    ] {
        let file = std::env::temp_dir().join(format!("keepalived-bench-{}.conf", std::process::id()));
        std::fs::write(&file, text).map_err(|error| format!("failed to write {}: {error}", file.display()))?;
        let _ = write!(page, "| {title} |");
        for contestant in contestants {
            let cell = match measure(&contestant.path, &["-t", "-f", &file.to_string_lossy()], limit)? {
                Measured::Done { seconds, peak_kib, .. } => {
                    format!("{seconds:.2} s | {:.0} MiB", peak_kib as f64 / 1024.0)
                }
                Measured::GivenUp => format!("more than {} s | - ", limit.as_secs()),
            };
            println!("{title}: {}: {cell}", contestant.name);
            let _ = write!(page, " {cell} |");
        }
        page.push('\n');
        // Left in the temporary directory it does no harm.
        let _ = std::fs::remove_file(&file);
    }
    Ok(page)
}

/// One table: a row a figure, a column a program.
fn beside(title: &str, contestants: &[Contestant], work: Work) -> String {
    let results: Vec<_> = contestants
        .iter()
        .map(|contestant| (contestant.name, work(&contestant.path)))
        .collect();
    let mut page = format!("\n{title}\n\n| figure |");
    for (name, _) in &results {
        let _ = write!(page, " {name} |");
    }
    page += "\n|---|";
    page += &"---:|".repeat(results.len());
    page.push('\n');
    let names: Vec<&str> = results
        .iter()
        .find_map(|(_, r)| r.as_ref().ok())
        .map(|f| f.iter().map(|f| f.what).collect())
        .unwrap_or_default();
    for (row, what) in names.iter().enumerate() {
        let _ = write!(page, "| {what} |");
        for (_, result) in &results {
            let cell = result
                .as_ref()
                .ok()
                .and_then(|figures| figures.get(row))
                .map_or("-", |figure| figure.value.as_str());
            let _ = write!(page, " {cell} |");
        }
        page.push('\n');
    }
    for (name, result) in &results {
        if let Err(why) = result {
            let _ = writeln!(page, "\n{name}: {why}");
        }
    }
    println!("{page}");
    page
}
