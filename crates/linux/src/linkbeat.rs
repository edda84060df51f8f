//! Polling of link states, for drivers that do not tell netlink (`linkbeat_interfaces`, `vrrp.md` 8.3).
//!
//! A driver may take milliseconds to answer and holds the kernel's routing lock meanwhile, so a thread of its own asks.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};
use std::sync::mpsc as std_mpsc;
use std::time::{Duration, Instant};

use keepalived_model::units::IfName;
use keepalived_model::vrrp::LinkbeatMethod as Method;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
use tokio::sync::mpsc;

/// Between two looks at an interface.
const INTERVAL: Duration = Duration::from_secs(1);
/// `ETHTOOL_GLINK` (`linux/ethtool.h`).
const ETHTOOL_GLINK: u32 = 0x0a;
/// `SIOCGMIIPHY`, `SIOCGMIIREG` (`linux/sockios.h`).
const SIOCGMIIPHY: libc::c_ulong = 0x8947;
const SIOCGMIIREG: libc::c_ulong = 0x8948;
/// The basic mode status register and its link bit (IEEE 802.3 clause 22.2.4.2). The bit latches "down" until it is read.
const MII_BMSR: u16 = 1;
const BMSR_LINK: u16 = 0x0004;

/// What was found out about one interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// The interface.
    pub interface: IfName,
    /// How it was asked; `None` while no method works, as for an interface that does not exist.
    pub method: Option<Method>,
    /// Up, and with a link.
    pub up: bool,
}

/// A socket to ask with.
#[derive(Debug)]
pub struct Probe {
    socket: OwnedFd,
}

/// `struct ifreq`, whose union is either of these.
#[repr(C)]
struct Request<T> {
    name: [u8; libc::IFNAMSIZ],
    data: T,
}

/// `struct mii_ioctl_data`, in the room of the union.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Mii {
    phy: u16,
    register: u16,
    value_in: u16,
    value_out: u16,
    rest: [u64; 2],
}

/// Flags, in the room of the union.
#[repr(C, align(8))]
#[derive(Clone, Copy, Default)]
struct Flags {
    flags: libc::c_short,
    rest: [u16; 11],
}

/// A pointer, in the room of the union.
#[repr(C)]
#[derive(Clone, Copy)]
struct Pointer {
    data: *mut EthtoolValue,
    rest: [u64; 2],
}

/// `struct ethtool_value`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct EthtoolValue {
    command: u32,
    data: u32,
}

const _: () = assert!(size_of::<Request<Mii>>() >= size_of::<libc::ifreq>());
const _: () = assert!(size_of::<Request<Flags>>() >= size_of::<libc::ifreq>());
const _: () = assert!(size_of::<Request<Pointer>>() >= size_of::<libc::ifreq>());

impl Probe {
    /// A probe of the calling thread's network namespace.
    ///
    /// # Errors
    /// What `socket(2)` reports.
    pub fn open() -> io::Result<Self> {
        let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
        Ok(Self { socket })
    }

    /// Has the interface a link? Asked by one method.
    ///
    /// # Errors
    /// What `ioctl(2)` reports: `EOPNOTSUPP` when the driver does not know the method, `ENODEV` without such an interface.
    pub fn link(&self, name: &IfName, method: Method) -> io::Result<bool> {
        match method {
            Method::Mii => self.mii(name),
            Method::Ethtool => self.ethtool(name),
            Method::Ioctl => Ok(self.flags(name)? & libc::IFF_RUNNING.cast_unsigned() != 0),
        }
    }

    /// Is the interface administratively up?
    ///
    /// # Errors
    /// `ENODEV` without such an interface.
    pub fn is_up(&self, name: &IfName) -> io::Result<bool> {
        Ok(self.flags(name)? & libc::IFF_UP.cast_unsigned() != 0)
    }

    /// The first method that the interface answers to: the preferred one, then MII, ETHTOOL and the flags, which always work.
    ///
    /// # Errors
    /// `ENODEV` without such an interface.
    pub fn method(&self, name: &IfName, preferred: Option<Method>) -> io::Result<Method> {
        self.flags(name)?;
        let tried = preferred.into_iter().chain([Method::Mii, Method::Ethtool]);
        let works = tried.into_iter().find(|method| self.link(name, *method).is_ok());
        Ok(works.unwrap_or(Method::Ioctl))
    }

    fn mii(&self, name: &IfName) -> io::Result<bool> {
        let mut request = request(name, Mii::default());
        self.ioctl(SIOCGMIIPHY, &mut request)?;
        request.data.register = MII_BMSR;
        // The first reading tells whether the link was lost since the last one, the second how it is.
        self.ioctl(SIOCGMIIREG, &mut request)?;
        self.ioctl(SIOCGMIIREG, &mut request)?;
        Ok(request.data.value_out & BMSR_LINK != 0)
    }

    fn ethtool(&self, name: &IfName) -> io::Result<bool> {
        let mut value = EthtoolValue {
            command: ETHTOOL_GLINK,
            data: 0,
        };
        let pointer = Pointer {
            data: &raw mut value,
            rest: [0; 2],
        };
        self.ioctl(libc::SIOCETHTOOL, &mut request(name, pointer))?;
        Ok(value.data != 0)
    }

    fn flags(&self, name: &IfName) -> io::Result<u32> {
        let mut request = request(name, Flags::default());
        self.ioctl(libc::SIOCGIFFLAGS, &mut request)?;
        Ok(u32::from(request.data.flags.cast_unsigned()))
    }

    fn ioctl<T>(&self, number: libc::c_ulong, request: &mut Request<T>) -> io::Result<()> {
        // SAFETY: the descriptor is open; the kernel reads and writes a `struct ifreq`, and the request is at least as large (checked
        // above) and begins with the name; what it points to, if it does, is alive in the caller and of the type of that command.
        let result = unsafe {
            libc::ioctl(
                self.socket.as_fd().as_raw_fd(),
                number as _,
                std::ptr::from_mut(request),
            )
        };
        super::process::check(result)
    }
}

fn request<T>(name: &IfName, data: T) -> Request<T> {
    let mut octets = [0; libc::IFNAMSIZ];
    // A name has at most 15 octets; the rest stays zero.
    for (to, from) in octets.iter_mut().zip(name.as_str().bytes().take(libc::IFNAMSIZ - 1)) {
        *to = from;
    }
    Request { name: octets, data }
}

/// Looks at interfaces once a second on a thread of its own, which ends when this is dropped.
pub struct Poller {
    wanted: std_mpsc::Sender<Vec<(IfName, Option<Method>)>>,
    beats: mpsc::UnboundedReceiver<Beat>,
}

impl fmt::Debug for Poller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller").finish_non_exhaustive()
    }
}

impl Poller {
    /// Starts with no interfaces, in the calling thread's network namespace.
    ///
    /// # Errors
    /// As [`Probe::open`], or that no thread can be made.
    pub fn start() -> io::Result<Self> {
        let probe = Probe::open()?;
        let (wanted, orders) = std_mpsc::channel();
        let (tell, beats) = mpsc::unbounded_channel();
        std::thread::Builder::new()
            .name("linkbeat".into())
            .spawn(move || poll(&probe, &orders, &tell))?;
        Ok(Self { wanted, beats })
    }

    /// From now on looks at these, with the method to try first. What is known of those that stay is told again.
    pub fn set(&self, wanted: Vec<(IfName, Option<Method>)>) {
        // The thread lives as long as `self`.
        let _ = self.wanted.send(wanted);
    }

    /// The next change; the first look at an interface is one. Cancel safe: usable as a branch of `select!`. `None` when the thread
    /// died.
    pub async fn next(&mut self) -> Option<Beat> {
        self.beats.recv().await
    }
}

#[derive(Clone, Copy)]
struct Polled {
    preferred: Option<Method>,
    last: Option<Beat>,
}

fn poll(probe: &Probe, orders: &std_mpsc::Receiver<Vec<(IfName, Option<Method>)>>, tell: &mpsc::UnboundedSender<Beat>) {
    let mut all: HashMap<IfName, Polled> = HashMap::new();
    let mut tick = Instant::now();
    loop {
        let wait = if all.is_empty() {
            orders.recv().map_err(|_| std_mpsc::RecvTimeoutError::Disconnected)
        } else {
            orders.recv_timeout(tick.saturating_duration_since(Instant::now()))
        };
        match wait {
            Ok(wanted) => {
                if all.is_empty() {
                    tick = Instant::now();
                }
                all = wanted
                    .into_iter()
                    .map(|(name, preferred)| (name, Polled { preferred, last: None }))
                    .collect();
            }
            Err(std_mpsc::RecvTimeoutError::Timeout) => tick = next_tick(tick),
            Err(std_mpsc::RecvTimeoutError::Disconnected) => return,
        }
        for (name, polled) in &mut all {
            let beat = look(probe, *name, polled);
            if polled.last != Some(beat) {
                polled.last = Some(beat);
                if tell.send(beat).is_err() {
                    return;
                }
            }
        }
    }
}

/// Ticks that were missed are not made up for.
fn next_tick(mut tick: Instant) -> Instant {
    let now = Instant::now();
    while tick <= now {
        tick += INTERVAL;
    }
    tick
}

fn look(probe: &Probe, interface: IfName, polled: &Polled) -> Beat {
    let known = polled.last.and_then(|beat| beat.method);
    let method = known.or_else(|| probe.method(&interface, polled.preferred).ok());
    let answer = method.map(|method| Ok::<_, io::Error>(probe.is_up(&interface)? && probe.link(&interface, method)?));
    match answer {
        Some(Ok(up)) => Beat { interface, method, up },
        // Gone, or its driver changed its mind: how to ask is found out anew.
        _ => Beat {
            interface,
            method: None,
            up: false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_interface_has_a_link_and_no_phy() {
        let probe = Probe::open().expect("a socket");
        let lo = IfName::new("lo").expect("a name");
        assert!(probe.mii(&lo).is_err(), "it has no PHY");
        assert_ne!(probe.method(&lo, Some(Method::Mii)).expect("it exists"), Method::Mii);
        assert_eq!(
            probe.method(&lo, Some(Method::Ioctl)).expect("it exists"),
            Method::Ioctl
        );
        let none = IfName::new("nosuch0").expect("a name");
        assert_eq!(
            probe.method(&none, None).expect_err("missing").raw_os_error(),
            Some(libc::ENODEV)
        );
    }
}
