//! `cargo xtask lab`: two routers and a client on one switch, and what happens when the first router goes away.

mod cluster;
mod example;
mod timeline;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use keepalived_compliance::lab::capture::Stamp;

use crate::shell::{root, show};
use cluster::{Cluster, Failure};
use example::Example;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Directory with the two configuration files, in the order of their names.
    #[arg(long, value_name = "DIR")]
    conf: Option<PathBuf>,
    /// Uses binaries built for release.
    #[arg(long)]
    release: bool,
    /// Uses this executable instead of ours, for example Debian's.
    #[arg(long, value_name = "FILE")]
    daemon: Option<PathBuf>,
    /// Attaches the console to the first router after the election; the lab ends with it.
    #[arg(long)]
    tui: bool,
    /// Keeps the lab until Enter is pressed, and says how to enter it.
    #[arg(long)]
    keep: bool,
}

/// Set in the copy of this program that runs in a user namespace.
const INSIDE: &str = "XTASK_LAB_INSIDE";

/// Builds what is needed and runs the lab, in a user namespace of its own unless it is root.
pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    if std::env::var_os(INSIDE).is_none() {
        build(arguments)?;
        if !crate::shell::is_root() {
            return enter_user_namespace();
        }
    }
    let example = Example::read(
        &arguments
            .conf
            .clone()
            .unwrap_or_else(|| root().join("docs/examples/mail-cluster")),
    )?;
    let mut cluster = Cluster::start(&example, &daemon(arguments)).map_err(|why| why.to_string())?;
    let lived = live(arguments, &example, &mut cluster);
    if lived.is_err() {
        eprintln!("{}", cluster.logs());
    }
    lived
}

fn build(arguments: &Arguments) -> Result<(), String> {
    let mut words = vec!["cargo", "build", "--quiet", "-p", "keepalived", "-p", "keepalived-tui"];
    words.extend(arguments.release.then_some("--release"));
    if !show(&words, Duration::from_secs(1800), &[])?.success {
        return Err("failed to build the daemon and the console".to_owned());
    }
    Ok(())
}

/// Starts this program again where it may make network namespaces without being root.
fn enter_user_namespace() -> Result<(), String> {
    let me = std::env::current_exe().map_err(|error| format!("failed to find this program: {error}"))?;
    let mut command = Command::new("unshare");
    command
        .args(["--user", "--map-root-user", "--net", "--"])
        .arg(me)
        .args(std::env::args_os().skip(1))
        .env(INSIDE, "1");
    let status = command
        .status()
        .map_err(|error| format!("failed to start unshare: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(
        "the lab failed; without root it needs user namespaces (sysctl kernel.unprivileged_userns_clone, \
         kernel.apparmor_restrict_unprivileged_userns)"
            .to_owned(),
    )
}

fn binaries(arguments: &Arguments) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join(if arguments.release { "release" } else { "debug" })
}

fn daemon(arguments: &Arguments) -> PathBuf {
    arguments
        .daemon
        .clone()
        .unwrap_or_else(|| binaries(arguments).join("keepalived"))
}

fn live(arguments: &Arguments, example: &Example, cluster: &mut Cluster) -> Result<(), String> {
    let text = |why: keepalived_compliance::outcome::Stop| why.to_string();
    println!(
        "{} and {} share {}; a client asks it for an echo every 10 ms",
        example.first.name, example.second.name, example.address
    );
    timeline::election(cluster, example).map_err(text)?;
    if arguments.tui {
        return attach(&binaries(arguments).join("keepalived-tui"), cluster);
    }
    for failure in [Failure::Kill, Failure::Stop, Failure::Cable] {
        timeline::failure(cluster, example, failure).map_err(text)?;
        timeline::recovery(cluster, example, failure).map_err(text)?;
    }
    if arguments.keep {
        keep(cluster, example)?;
    }
    Ok(())
}

fn attach(console: &std::path::Path, cluster: &Cluster) -> Result<(), String> {
    let bus = cluster.bus().ok_or("the console needs dbus-daemon, which is missing")?;
    if !std::io::stdin().is_terminal() {
        return Err("the console needs a terminal".to_owned());
    }
    let status = Command::new(console).env("DBUS_SYSTEM_BUS_ADDRESS", bus).status();
    status
        .map(drop)
        .map_err(|error| format!("failed to start {}: {error}", console.display()))
}

fn keep(cluster: &Cluster, example: &Example) -> Result<(), String> {
    println!("\nThe lab stays until Enter is pressed. From another terminal, as root:");
    for (name, path) in cluster.places(example) {
        println!("  {name:<10} nsenter --net={path}");
    }
    if let Some(bus) = cluster.bus() {
        println!("  console    DBUS_SYSTEM_BUS_ADDRESS={bus} keepalived-tui");
    }
    let begin = Stamp::now();
    std::io::stdin()
        .read_line(&mut String::new())
        .map_err(|error| format!("failed to read from the terminal: {error}"))?;
    println!("The lab lived {:.0} s longer.", Stamp::now().since(begin));
    Ok(())
}
