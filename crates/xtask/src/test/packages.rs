//! What the suites need beside Rust, and where Debian has it.

use std::time::Duration;

use super::Outcome;
use crate::shell::{installed, is_root, show};

/// A program, the Debian package that has it, and the suite that needs it.
const NEEDED: &[(&str, &str, &str)] = &[
    (
        "keepalived",
        "keepalived",
        "the original that the compliance suite compares with",
    ),
    ("ip", "iproute2", "namespaces and links of the laboratories"),
    ("setpriv", "util-linux", "daemons that end with their laboratory"),
    ("ping", "iputils-ping", "the client of cargo xtask lab"),
    ("qemu-system-x86_64", "qemu-system-x86", "the machine of cargo xtask vm"),
    (
        "nft",
        "nftables",
        "looks at firewalls in scenarios and in cargo xtask vm",
    ),
    ("iptables", "iptables", "scenarios of vrrp_iptables"),
    ("ipset", "ipset", "scenarios of vrrp_ipsets"),
    (
        "python3",
        "python3",
        "a mail server that is not ours, for scenarios of mail",
    ),
    ("dbus-daemon", "dbus-daemon", "tests of the bus interface"),
    ("mandoc", "mandoc", "checks of the manual pages"),
    ("nix-instantiate", "nix-bin", "syntax of the Nix files"),
    ("systemd-analyze", "systemd", "checks of the units"),
];

/// Installs what is missing when root on a system with apt-get; names it otherwise.
pub(super) fn install() -> Result<Outcome, String> {
    let missing = || NEEDED.iter().filter(|(program, ..)| !installed(program));
    let packages: Vec<&str> = missing().map(|(_, package, _)| *package).collect();
    if !packages.is_empty() && is_root() && installed("apt-get") {
        let quiet = [("DEBIAN_FRONTEND", "noninteractive")];
        // A failure shows below as programs that are still missing.
        show(&["apt-get", "update", "-q"], Duration::from_secs(300), &quiet)?;
        let words = [
            &["apt-get", "install", "-q", "-y", "--no-install-recommends"][..],
            &packages,
        ]
        .concat();
        show(&words, Duration::from_secs(600), &quiet)?;
    }
    let mut outcome = Outcome::default();
    for (program, package, reason) in NEEDED {
        if installed(program) {
            outcome.passed += 1;
        } else {
            outcome.add(Outcome::skip(format!(
                "{program} (Debian package {package}) is missing: {reason}"
            )));
        }
    }
    Ok(outcome)
}
