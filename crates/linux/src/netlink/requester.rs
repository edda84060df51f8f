//! Who asked the kernel for a change.

use std::fmt;
use std::fs;
use std::path::Path;

/// The netlink port of whoever asked for a change, as the kernel tells it to all listeners: usually a process id
/// (`netlink(7)`). 0 is the kernel itself, or, for IPv6 addresses, anybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requester(pub u32);

/// A process that changes the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// Its name (`/proc/PID/comm`).
    pub name: String,
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} ({})", self.pid, self.name)
    }
}

impl Requester {
    /// No process has a greater id (`PID_MAX_LIMIT`); further sockets of a process get ports above it.
    const LARGEST_PID: u32 = 4 * 1024 * 1024;

    /// The process whose id is the port, while it exists. One look into `/proc`; ports of further sockets are not found.
    #[must_use]
    pub fn process(self) -> Option<Process> {
        (1..=Self::LARGEST_PID)
            .contains(&self.0)
            .then(|| process(self.0))
            .flatten()
    }

    /// The process that holds the socket with this port, searched in all of `/proc`: slow, for a thread that may wait.
    #[must_use]
    pub fn search(self) -> Option<Process> {
        if self.0 == 0 {
            return None;
        }
        let table = fs::read_to_string("/proc/net/netlink").ok()?;
        let socket = format!("socket:[{}]", inode(&table, self.0)?);
        crate::processes::ids()
            .ok()?
            .filter_map(|pid| u32::try_from(pid).ok())
            .find(|pid| holds(*pid, &socket))
            .and_then(process)
    }
}

fn process(pid: u32) -> Option<Process> {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    let name = name.trim_end().chars().filter(|c| !c.is_control()).collect();
    Some(Process { pid, name })
}

/// The inode of the route socket with `port` in the kernel's table of netlink sockets.
fn inode(table: &str, port: u32) -> Option<u64> {
    table.lines().skip(1).find_map(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        let (protocol, owner) = (words.next()?, words.next()?);
        // NETLINK_ROUTE is protocol 0.
        (protocol == "0" && owner.parse() == Ok(port)).then(|| line.split_ascii_whitespace().last()?.parse().ok())?
    })
}

fn holds(pid: u32, socket: &str) -> bool {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    descriptors
        .flatten()
        .any(|fd| fs::read_link(fd.path()).is_ok_and(|target| target == Path::new(socket)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_found_in_the_table() {
        let table = "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n\
                     0000000000000000 4   77         00000000 0        0        0     2        0        11\n\
                     0000000000000000 0   77         00000111 0        0        0     2        0        12\n\
                     0000000000000000 0   4294963200 00000000 0        0        0     2        0        13\n\
                     broken\n";
        assert_eq!(inode(table, 77), Some(12));
        assert_eq!(inode(table, 4_294_963_200), Some(13));
        assert_eq!(inode(table, 78), None);
    }

    #[test]
    fn our_own_sockets_lead_to_us() {
        let mut first = netlink_sys::Socket::new(netlink_sys::protocols::NETLINK_ROUTE).expect("socket");
        let mut second = netlink_sys::Socket::new(netlink_sys::protocols::NETLINK_ROUTE).expect("socket");
        for socket in [&mut first, &mut second] {
            let port = socket.bind_auto().expect("bind").port_number();
            let found = Requester(port).search().expect("found");
            assert_eq!(found.pid, std::process::id());
            if port == std::process::id() {
                assert_eq!(Requester(port).process(), Some(found));
            }
        }
        assert_eq!(Requester(0).process(), None);
        assert_eq!(Requester(0).search(), None);
        assert_eq!(Requester(u32::MAX).process(), None);
    }
}
