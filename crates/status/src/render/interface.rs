//! Blocks of interfaces and sockets in the data dump.

use std::{
    fmt,
    io::{self, Write},
    net::IpAddr,
};

use keepalived_model::{units::Family, vrrp::GarpGroup};

use super::{data::Users, text::Seconds};
use crate::{
    snapshot::{Snapshot, Socket},
    tracker::{Interface, Polled},
};

pub(super) fn write(out: &mut impl Write, i: &Interface, users: &Users<'_>) -> io::Result<()> {
    writeln!(out, " Name = {}", i.name)?;
    writeln!(out, "   index = {}", i.index)?;
    address(out, "IPv4", i.addresses.iter().find(|a| a.is_ipv4()))?;
    address(out, "IPv6", i.addresses.iter().find(|a| a.is_ipv6()))?;
    let loopback = i.hardware == LOOPBACK;
    if !loopback && !i.mac.is_empty() {
        writeln!(out, "   MAC = {}", Mac(&i.mac))?;
        if !i.broadcast_mac.is_empty() {
            writeln!(out, "   MAC broadcast = {}", Mac(&i.broadcast_mac))?;
        }
    }
    let w = &i.watch;
    write!(out, "   State = {}", Flags(i.up, i.running))?;
    if loopback {
        write!(out, ", no broadcast, loopback")?;
    }
    writeln!(out, "{}", if i.multicast { "" } else { ", no multicast" })?;
    writeln!(out, "   Seen up = {}", u8::from(w.seen_up))?;
    writeln!(out, "   Delayed state change running = {}", w.waiting)?;
    writeln!(out, "   Up debounce timer = {}us", w.up_delay.as_micros())?;
    writeln!(out, "   Down debounce timer = {}us", w.down_delay.as_micros())?;
    if let Some(base) = &i.base {
        let (name, state) = (base.name, Flags(base.up, base.running));
        writeln!(
            out,
            "   VMAC type private, underlying interface = {name}, state = {state}"
        )?;
    }
    if i.ours {
        writeln!(out, "   I/f created by keepalived")?;
    }
    if w.changeable {
        writeln!(out, "   Interface type/base can be changed")?;
    }
    writeln!(out, "   MTU = {}", i.mtu)?;
    match i.hardware {
        ETHERNET => writeln!(out, "   HW Type = ETHERNET")?,
        LOOPBACK => writeln!(out, "   HW Type = LOOPBACK")?,
        INFINIBAND => writeln!(out, "   HW Type = INFINIBAND")?,
        other => writeln!(out, "   HW Type = UNKNOWN ({other})")?,
    }
    writeln!(
        out,
        "   {}",
        match w.polled {
            Polled::Netlink => "NIC netlink status update",
            Polled::Mii => "NIC support MII regs",
            Polled::Ethtool => "NIC support ETHTOOL GLINK interface",
            Polled::Ioctl => "NIC ioctl refresh polling",
        }
    )?;
    let tracking = users.interfaces.get(i.name.as_str()).map_or(&[][..], |v| v);
    if !tracking.is_empty() {
        writeln!(out, "   Tracking VRRP instances :")?;
    }
    tracking.iter().try_for_each(|user| writeln!(out, "     {user}"))
}

const ETHERNET: u16 = 1;
const INFINIBAND: u16 = 32;
const LOOPBACK: u16 = 772;

fn address(out: &mut impl Write, family: &str, address: Option<&IpAddr>) -> io::Result<()> {
    match address {
        Some(address) => writeln!(out, "   {family} address = {address}"),
        None => writeln!(out, "   {family} address = (none)"),
    }
}

pub(super) fn socket(out: &mut impl Write, s: &Socket, snapshot: &Snapshot, users: &Users<'_>) -> io::Result<()> {
    writeln!(out, " fd_in {} fd_out = {}", s.fd_in, s.fd_out)?;
    match users.names.get(&s.ifindex).filter(|_| s.ifindex != 0) {
        Some(name) => writeln!(out, "   Interface = {name}")?,
        None => writeln!(out, "   Interface = (none)")?,
    }
    let family = match s.family {
        Family::V4 => "IPv4",
        Family::V6 => "IPv6",
    };
    writeln!(out, "   Family = {family}\n   Protocol = VRRP")?;
    writeln!(out, "   Type = {}", if s.unicast { "Unicast" } else { "Multicast" })?;
    if let Some(address) = s.address.filter(|_| s.unicast) {
        writeln!(out, "   Address = {address}")?;
    }
    writeln!(out, "   Rx buf size = {}", s.rx_buf_size)?;
    writeln!(out, "   VRRP instances")?;
    for index in &s.instances {
        if let Some(i) = usize::try_from(*index).ok().and_then(|n| snapshot.instances.get(n)) {
            writeln!(out, "     {} vrid {}", i.settings.name, i.settings.vrid)?;
        }
    }
    Ok(())
}

pub(super) fn garp_group(out: &mut impl Write, g: &GarpGroup) -> io::Result<()> {
    if !g.garp_interval.is_zero() {
        writeln!(out, " GARP interval = {}", Seconds(g.garp_interval))?;
    }
    if !g.gna_interval.is_zero() {
        writeln!(out, " GNA interval = {}", Seconds(g.gna_interval))?;
    }
    writeln!(out, " Interfaces")?;
    g.interfaces.iter().try_for_each(|name| writeln!(out, "  {name}"))
}

/// Whether an interface is up, and whether it has carrier.
struct Flags(bool, bool);

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let up = if self.0 { "UP" } else { "not UP" };
        let running = if self.1 { "RUNNING" } else { "not RUNNING" };
        write!(f, "{up}, {running}")
    }
}

struct Mac<'a>(&'a [u8]);

impl fmt::Display for Mac<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(i, octet)| {
            let gap = if i == 0 { "" } else { ":" };
            write!(f, "{gap}{octet:02x}")
        })
    }
}
