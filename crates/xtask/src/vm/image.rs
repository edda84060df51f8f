//! The machine's file system: busybox, a few programs of this system with their libraries, our binaries, and modules.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::directory;
use super::kernel::{Kernel, run};

/// What changes from one run to the next.
pub(super) struct Content {
    /// Where cargo leaves binaries.
    pub(super) binaries: PathBuf,
    /// The shell line the machine runs.
    pub(super) job: String,
}

/// Programs of this system that the scenarios use and whose counterpart in busybox is not the same.
const PROGRAMS: &[&str] = &[
    "sh",
    "ip",
    "bridge",
    "tc",
    "nft",
    "setpriv",
    "unshare",
    "nsenter",
    "mount",
    "umount",
    "kill",
    "ps",
    "sleep",
    "env",
    "keepalived",
    "setsid",
    "timeout",
    "stat",
    "sed",
    "grep",
];

/// Programs that are taken along where they are installed.
const WELCOME: &[&str] = &["ethtool", "tcpdump", "dbus-daemon", "bash", "strace", "conntrack"];

/// Ours.
const OURS: &[&str] = &["keepalived", "keepalivedctl", "compliance"];

/// Files of this system that programs read: names of users, protocols, tables.
const FILES: &[&str] = &[
    "etc/passwd",
    "etc/group",
    "etc/protocols",
    "etc/services",
    "etc/iproute2",
    "usr/share/iproute2",
    "etc/nsswitch.conf",
    "usr/share/dbus-1/system.conf",
];

/// Modules by name, and directories whose modules are all taken. What they need follows from `modules.dep`.
const MODULES: &[&str] = &[
    "virtio_pci",
    "virtio_console",
    "virtio_net",
    "veth",
    "bridge",
    "tun",
    "dummy",
    "ifb",
    "macvlan",
    "macvtap",
    "ipvlan",
    "vrf",
    "8021q",
    "bonding",
    "team",
    "team_mode_activebackup",
    "team_mode_broadcast",
    "vxlan",
    "e1000",
    "mpls_router",
    "mpls_iptunnel",
    "mpls_gso",
    "ip_tunnel",
    "ip6_tunnel",
    "ipip",
    "sit",
    "ip_gre",
    "ip6_gre",
    "ila",
    "tunnel4",
    "tunnel6",
    "ah4",
    "ah6",
    "esp4",
    "xfrm_user",
    "ip_vs",
    "sch_netem",
    "sch_ingress",
    "nlmon",
    "inet_diag",
    "kernel/net/netfilter/nf",
    "kernel/net/netfilter/nft_",
    "kernel/net/netfilter/ipvs/",
    "kernel/net/netfilter/xt_",
    "kernel/net/netfilter/ipset/",
    "kernel/net/ipv4/netfilter/",
    "kernel/net/ipv6/netfilter/",
    "kernel/net/bridge/netfilter/",
    "kernel/lib/",
];

/// Packs the file system and returns the archive that the kernel unpacks at boot.
pub(super) fn pack(kernel: &Kernel, content: &Content) -> Result<PathBuf, String> {
    let tree = Tree::new(directory().join("root"))?;
    tree.skeleton(&kernel.busybox)?;
    for program in PROGRAMS {
        let path = find(program).ok_or_else(|| format!("failed to find {program} on this system"))?;
        tree.program(&path)?;
    }
    for path in WELCOME.iter().filter_map(|program| find(program)) {
        tree.program(&path)?;
    }
    for file in FILES {
        tree.copy_all(&Path::new("/").join(file), Path::new(file))?;
    }
    for name in OURS {
        tree.ours(&content.binaries.join(name), name)?;
    }
    tree.modules(kernel)?;
    tree.write("init", include_str!("init"), true)?;
    tree.write("job", &environment(&content.job), false)?;
    tree.archive(&kernel.busybox)
}

fn environment(job: &str) -> String {
    format!(
        "export KEEPALIVED_ORIGINAL=/usr/sbin/keepalived KEEPALIVED_OURS=/usr/lib/ours/keepalived\n\
         export COMPLIANCE_SLACK_MS=${{COMPLIANCE_SLACK_MS:-40}} PATH=$PATH:/usr/lib/ours\n{job}\n"
    )
}

struct Tree {
    root: PathBuf,
}

impl Tree {
    fn new(root: PathBuf) -> Result<Self, String> {
        if root.exists() {
            std::fs::remove_dir_all(&root).map_err(|error| format!("failed to remove {}: {error}", root.display()))?;
        }
        let tree = Self { root };
        for directory in [
            "dev",
            "proc",
            "sys",
            "run",
            "tmp",
            "root",
            "etc",
            "var",
            "usr/bin",
            "usr/sbin",
            "usr/lib/ours",
        ] {
            tree.make(Path::new(directory))?;
        }
        Ok(tree)
    }

    /// Busybox under all its names, and the directories as Debian links them.
    fn skeleton(&self, busybox: &Path) -> Result<(), String> {
        for (name, place) in [
            ("bin", "usr/bin"),
            ("sbin", "usr/sbin"),
            ("lib", "usr/lib"),
            ("lib64", "usr/lib64"),
            ("var/run", "../run"),
        ] {
            self.link(name, place)?;
        }
        self.make(Path::new("usr/lib64"))?;
        self.copy(busybox, Path::new("usr/bin/busybox"))?;
        let names = run(Command::new(busybox).arg("--list"))?;
        for name in String::from_utf8_lossy(&names)
            .lines()
            .filter(|name| *name != "busybox")
        {
            let directory = if name == "modprobe" || name == "init" {
                "usr/sbin"
            } else {
                "usr/bin"
            };
            self.link(&format!("{directory}/{name}"), "/usr/bin/busybox")?;
        }
        Ok(())
    }

    /// A program of this system, at the place where it is here, with its libraries.
    fn program(&self, path: &Path) -> Result<(), String> {
        let name = path.file_name().unwrap_or_default();
        let directory = path.parent().and_then(Path::file_name).unwrap_or(OsStr::new("bin"));
        let place = Path::new("usr").join(directory).join(name);
        self.copy(path, &place)?;
        // Where busybox offers the name in another directory, the real program has it.
        let shadow = Path::new("usr/bin").join(name);
        if shadow != place && self.root.join(&shadow).is_symlink() {
            self.remove(&shadow)?;
        }
        self.libraries(path)
    }

    fn ours(&self, path: &Path, name: &str) -> Result<(), String> {
        let place = Path::new("usr/lib/ours").join(name);
        self.copy(path, &place)?;
        // Line numbers are most of a debug build; a machine in memory has no room for them.
        let small = self.root.join(&place);
        let _ = run(Command::new("strip").arg(&small)); // without strip it is only larger
        self.libraries(path)
    }

    fn libraries(&self, program: &Path) -> Result<(), String> {
        let text = run(Command::new("ldd").arg(program))?;
        for library in shared_libraries(&String::from_utf8_lossy(&text)) {
            let inside = library.strip_prefix("/").unwrap_or(&library);
            let inside = if inside.starts_with("usr") {
                inside.to_owned()
            } else {
                Path::new("usr").join(inside)
            };
            if !self.root.join(&inside).exists() {
                self.copy(&library, &inside)?;
            }
        }
        Ok(())
    }

    fn modules(&self, kernel: &Kernel) -> Result<(), String> {
        let place = Path::new("usr/lib/modules").join(&kernel.version);
        let all = dependencies(kernel)?;
        for file in closure(&all, MODULES) {
            self.copy(&kernel.modules.join(&file), &place.join(&file))?;
        }
        for index in ["modules.builtin", "modules.order", "modules.builtin.modinfo"] {
            self.copy_all(&kernel.modules.join(index), &place.join(index))?;
        }
        run(Command::new(&kernel.busybox)
            .args(["depmod", "-b"])
            .arg(&self.root)
            .arg(&kernel.version))
        .map(drop)
    }

    /// Makes one archive of everything, owned by root whoever packs it.
    fn archive(&self, busybox: &Path) -> Result<PathBuf, String> {
        let path = directory().join("initramfs");
        let file =
            std::fs::File::create(&path).map_err(|error| format!("failed to make {}: {error}", path.display()))?;
        let status = Command::new("sh")
            .args([
                "-c",
                "find . | LC_ALL=C sort | \"$0\" cpio -o -H newc -R 0:0 2>/dev/null",
            ])
            .arg(busybox)
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .stdout(file)
            .status();
        match status {
            Ok(status) if status.success() => Ok(path),
            other => Err(format!("failed to pack the file system: {other:?}")),
        }
    }

    fn make(&self, directory: &Path) -> Result<(), String> {
        let path = self.root.join(directory);
        std::fs::create_dir_all(&path).map_err(|error| format!("failed to make {}: {error}", path.display()))
    }

    fn copy(&self, from: &Path, to: &Path) -> Result<(), String> {
        if let Some(parent) = to.parent() {
            self.make(parent)?;
        }
        let path = self.root.join(to);
        if path.is_symlink() {
            self.remove(to)?;
        }
        let copied = std::fs::copy(from, &path);
        copied
            .map(drop)
            .map_err(|error| format!("failed to copy {} to {}: {error}", from.display(), path.display()))
    }

    /// A file or a directory with all that is in it, if it exists.
    fn copy_all(&self, from: &Path, to: &Path) -> Result<(), String> {
        if from.is_dir() {
            let entries =
                std::fs::read_dir(from).map_err(|error| format!("failed to list {}: {error}", from.display()))?;
            for entry in entries.filter_map(Result::ok) {
                self.copy_all(&entry.path(), &to.join(entry.file_name()))?;
            }
            return Ok(());
        }
        if from.is_file() { self.copy(from, to) } else { Ok(()) }
    }

    fn link(&self, name: &str, place: &str) -> Result<(), String> {
        let path = self.root.join(name);
        std::os::unix::fs::symlink(place, &path).map_err(|error| format!("failed to link {}: {error}", path.display()))
    }

    fn remove(&self, file: &Path) -> Result<(), String> {
        let path = self.root.join(file);
        std::fs::remove_file(&path).map_err(|error| format!("failed to remove {}: {error}", path.display()))
    }

    fn write(&self, name: &str, text: &str, executable: bool) -> Result<(), String> {
        use std::os::unix::fs::PermissionsExt;
        let path = self.root.join(name);
        let mode = std::fs::Permissions::from_mode(if executable { 0o755 } else { 0o644 });
        std::fs::write(&path, text)
            .and_then(|()| std::fs::set_permissions(&path, mode))
            .map_err(|error| format!("failed to write {}: {error}", path.display()))
    }
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/usr/bin"].map(PathBuf::from);
    let places = usual.into_iter().chain(std::env::split_paths(&path));
    places
        .map(|directory| directory.join(program))
        .find(|path| path.is_file())
}

/// Paths in what `ldd` prints.
fn shared_libraries(text: &str) -> Vec<PathBuf> {
    let path = |line: &str| {
        line.split_whitespace()
            .find(|word| word.starts_with('/'))
            .map(PathBuf::from)
    };
    text.lines().filter_map(path).collect()
}

/// A module's file and the files of the modules it needs, relative to the directory of modules.
type Dependencies = Vec<(String, Vec<String>)>;

/// Reads `modules.dep`, which the package leaves to be made after unpacking.
fn dependencies(kernel: &Kernel) -> Result<Dependencies, String> {
    let file = kernel.modules.join("modules.dep");
    if !file.exists() {
        let base = kernel.modules.ancestors().nth(3).unwrap_or(Path::new("/"));
        run(Command::new(&kernel.busybox)
            .args(["depmod", "-b"])
            .arg(base)
            .arg(&kernel.version))?;
    }
    let text = std::fs::read_to_string(&file).map_err(|error| format!("failed to read {}: {error}", file.display()))?;
    Ok(parse(&text))
}

fn parse(text: &str) -> Dependencies {
    let split = text.lines().filter_map(|line| line.split_once(':'));
    split
        .map(|(file, needs)| (file.to_owned(), needs.split_whitespace().map(str::to_owned).collect()))
        .collect()
}

/// The files of all wanted modules and of what they need.
fn closure(all: &Dependencies, wanted: &[&str]) -> BTreeSet<String> {
    let chosen = all
        .iter()
        .filter(|(file, _)| wanted.iter().any(|word| is_wanted(file, word)));
    chosen
        .flat_map(|(file, needs)| std::iter::once(file).chain(needs))
        .cloned()
        .collect()
}

fn is_wanted(file: &str, word: &str) -> bool {
    if word.contains('/') {
        return file.starts_with(word);
    }
    let name = file.rsplit('/').next().unwrap_or(file);
    name.split('.').next() == Some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_of_a_program() {
        let text = "\tlinux-vdso.so.1 (0x00007ffd)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)\n\
                    \t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n";
        assert_eq!(
            shared_libraries(text),
            [
                PathBuf::from("/lib/x86_64-linux-gnu/libc.so.6"),
                PathBuf::from("/lib64/ld-linux-x86-64.so.2")
            ]
        );
    }

    #[test]
    fn modules_bring_what_they_need() {
        let all = parse(
            "kernel/net/bridge/bridge.ko: kernel/net/802/stp.ko kernel/net/llc/llc.ko\nkernel/net/802/stp.ko: kernel/net/llc/llc.ko\n\
             kernel/net/llc/llc.ko:\nkernel/drivers/net/bridge_other.ko:\nkernel/net/netfilter/nft_ct.ko.xz: kernel/a.ko\n",
        );
        let got = closure(&all, &["bridge", "kernel/net/netfilter/nft_"]);
        let got: Vec<&str> = got.iter().map(String::as_str).collect();
        assert_eq!(
            got,
            [
                "kernel/a.ko",
                "kernel/net/802/stp.ko",
                "kernel/net/bridge/bridge.ko",
                "kernel/net/llc/llc.ko",
                "kernel/net/netfilter/nft_ct.ko.xz"
            ]
        );
    }
}
