//! Debian's kernel and busybox, out of their packages: nothing is installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Flavour, directory};

/// An unpacked kernel with its modules.
pub(super) struct Kernel {
    /// What boots.
    pub(super) image: PathBuf,
    /// The directory `lib/modules/VERSION`.
    pub(super) modules: PathBuf,
    /// `uname -r`.
    pub(super) version: String,
    /// The statically linked busybox.
    pub(super) busybox: PathBuf,
}

/// Fetches and unpacks what is not there yet. What is there is kept: remove `target/vm` for a newer kernel.
pub(super) fn obtain(flavour: Flavour) -> Result<Kernel, String> {
    let (name, meta) = match flavour {
        Flavour::Cloud => ("kernel-cloud", "linux-image-cloud-amd64"),
        Flavour::Generic => ("kernel-generic", "linux-image-amd64"),
    };
    let busybox = unpacked("busybox", || Ok("busybox-static".to_owned()))?.join("bin/busybox");
    let tree = unpacked(name, || newest_kernel(meta))?;
    let modules = only_entry(&tree.join("lib/modules"))?;
    let version = modules.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Kernel {
        image: tree.join("boot").join(format!("vmlinuz-{version}")),
        modules,
        version,
        busybox,
    })
}

/// The tree of a package, unpacked below `target/vm` under a name of ours.
fn unpacked(name: &str, package: impl FnOnce() -> Result<String, String>) -> Result<PathBuf, String> {
    let tree = directory().join(name);
    if tree.is_dir() {
        return Ok(tree);
    }
    let package = package()?;
    println!("fetching Debian's {package}");
    let fetch = directory().join(format!("{name}.fetch"));
    let _ = std::fs::remove_dir_all(&fetch); // left by a run that was interrupted
    std::fs::create_dir_all(&fetch).map_err(|error| format!("failed to make {}: {error}", fetch.display()))?;
    run(Command::new("apt-get")
        .args(["download", "--quiet", &package])
        .current_dir(&fetch))?;
    let deb = only_entry(&fetch)?;
    let aside = fetch.join("tree");
    run(Command::new("dpkg-deb").arg("--extract").arg(&deb).arg(&aside))?;
    // Whole or not at all: the name appears with its last step.
    std::fs::rename(&aside, &tree).map_err(|error| format!("failed to rename {}: {error}", aside.display()))?;
    std::fs::remove_dir_all(&fetch).map_err(|error| format!("failed to remove {}: {error}", fetch.display()))?;
    Ok(tree)
}

/// The package that a package without content stands for: `linux-image-6.1.0-9-cloud-amd64`.
fn newest_kernel(meta: &str) -> Result<String, String> {
    let output = Command::new("apt-cache").args(["depends", meta]).output();
    let output = output.map_err(|error| format!("failed to start apt-cache: {error}"))?;
    dependency(&String::from_utf8_lossy(&output.stdout))
        .ok_or_else(|| format!("failed to find {meta} in the package lists (apt-get update?)"))
}

fn dependency(text: &str) -> Option<String> {
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Depends: linux-image-"))?;
    Some(format!("linux-image-{line}"))
}

fn only_entry(directory: &Path) -> Result<PathBuf, String> {
    let entries = std::fs::read_dir(directory);
    let entries = entries.map_err(|error| format!("failed to list {}: {error}", directory.display()))?;
    let found = entries.filter_map(Result::ok).map(|entry| entry.path()).next();
    found.ok_or_else(|| format!("failed to find anything in {}", directory.display()))
}

/// Runs a program to its end; what it printed is shown if it fails.
pub(super) fn run(command: &mut Command) -> Result<Vec<u8>, String> {
    let output = command
        .output()
        .map_err(|error| format!("failed to start {}: {error}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("failed to run {command:?}: {}: {words}", output.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_behind_the_name() {
        let text = "linux-image-cloud-amd64\n  Depends: linux-image-6.1.0-56-cloud-amd64\n  Recommends: x\n";
        assert_eq!(dependency(text).as_deref(), Some("linux-image-6.1.0-56-cloud-amd64"));
        assert_eq!(dependency("N: Unable to locate package\n"), None);
    }
}
