//! The page: a table a subject, a column a program.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use keepalived_compliance::outcome::Verdict;
use keepalived_compliance::program::Program;

use crate::figure::Figure;
use crate::{Arguments, check, failover, large, measure, reload, start, steady, stop};

/// Measures one program.
type Work<'a> = &'a dyn Fn(&Path) -> Verdict<Vec<Figure>>;

/// The programs that are compared, with their names in the tables.
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    pub(crate) path: PathBuf,
}

/// Measures and writes the page.
pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let contestants = contestants(arguments)?;
    let wanted = |part: &str| arguments.only.is_empty() || arguments.only.iter().any(|name| name == part);
    let mut page = header(&contestants);
    if wanted("test") {
        page += &check::table(&contestants, Duration::from_secs(arguments.limit))?;
    }
    let ours = contestants.first().map(|c| c.path.clone()).unwrap_or_default();
    let receive = |program: &Path| steady::receive(program, &ours);
    let parts: [(&str, Work<'_>, bool, &str); 10] = [
        (
            "start",
            &start::work,
            true,
            "Cold start: 1,000 owners, from the start of the process",
        ),
        ("send", &steady::send, true, "Sending"),
        ("receive", &receive, true, "Receiving as BACKUP"),
        (
            "pace",
            &steady::pace,
            true,
            "Deviation of the pause between two adverts from the interval: 100 instances at 10 ms",
        ),
        (
            "silence",
            &failover::single,
            true,
            "Failover after silence: later than Master_Down_Interval by",
        ),
        (
            "many",
            &failover::many,
            true,
            "1,000 instances failing over at once: later than Master_Down_Interval by",
        ),
        ("stop", &stop::work, true, "Clean stop of 1,000 masters, from SIGTERM"),
        ("reload", &reload::work, true, "Reload with 1,000 instances at 1 s"),
        ("large", &large::sixteen, true, "16,320 instances at 1 s"),
        ("large", &large::sixty_five, false, "65,535 instances at 1 s"),
    ];
    for (name, work, both, title) in parts {
        if wanted(name) {
            page += &beside(title, if both { &contestants } else { &contestants[..1] }, work);
        }
    }
    match &arguments.page {
        Some(path) => {
            std::fs::write(path, page).map_err(|error| format!("failed to write {}: {error}", path.display()))?;
            println!("wrote {}", path.display());
        }
        None => println!("{page}"),
    }
    Ok(())
}

fn contestants(arguments: &Arguments) -> Result<Vec<Contestant>, String> {
    let ours = arguments
        .ours
        .canonicalize()
        .map_err(|error| format!("failed to find {}: {error}", arguments.ours.display()))?;
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
        "# Performance\n\nWritten by `cargo xtask bench`; every figure was measured, none is edited by hand. Processor time is what the\nscheduler counted for all threads of the VRRP process, in user and in kernel mode.\n\n"
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

/// One table: a row a figure, a column a program.
fn beside(title: &str, contestants: &[Contestant], work: Work<'_>) -> String {
    let results: Vec<_> = contestants
        .iter()
        .map(|contestant| (contestant.name, work(&contestant.path)))
        .collect();
    let mut page = format!("\n## {title}\n\n| figure |");
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
