//! The text of an address (`runtime.md` 7.5).

use std::{fmt, net::Ipv4Addr};

use keepalived_model::{
    address::{Address, Broadcast, PreferredLifetime, Prefixed},
    units::{Family, IfName},
};

use crate::instance::{Live, Settings};

/// An address of an instance, which supplies the interface where the address names none.
#[derive(Clone, Copy, Debug)]
pub struct InstanceAddress<'a> {
    /// The address.
    pub address: &'a Address,
    /// Is it installed?
    pub set: bool,
    /// What was configured for the instance.
    pub settings: &'a Settings,
    /// What the instance is.
    pub live: &'a Live,
}

impl fmt::Display for InstanceAddress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = self.live.interface.or(self.settings.interface);
        // A VMAC is shown with the interface under it.
        let base = self.settings.interface.filter(|base| own != Some(*base));
        let (interface, base) = match self.address.interface {
            Some(named) => (Some(named), self.address.base),
            None => (own, base),
        };
        AddressText {
            address: self.address,
            set: self.set,
            interface,
            base,
        }
        .fmt(f)
    }
}

/// An address on a given interface.
#[derive(Clone, Copy, Debug)]
pub struct AddressText<'a> {
    /// The address.
    pub address: &'a Address,
    /// Is it installed?
    pub set: bool,
    /// Where it is or will be.
    pub interface: Option<IfName>,
    /// The interface under a VMAC.
    pub base: Option<IfName>,
}

impl fmt::Display for AddressText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let a = self.address;
        let family = a.local.family();
        write!(f, "{}", a.local.address)?;
        if a.peer.is_none() && a.local.prefix_len != family.bits() {
            write!(f, "/{}", a.local.prefix_len)?;
        }
        if let Some(broadcast) = broadcast(a) {
            write!(f, " brd {broadcast}")?;
        }
        if let Some(interface) = self.interface {
            write!(f, " dev {interface}")?;
            if let Some(base) = self.base {
                write!(f, "@{base}")?;
            }
        }
        if a.use_vmac {
            f.write_str(" use_vmac")?;
        }
        write!(f, " scope {}", Scope(a.scope))?;
        if let Some(label) = &a.label {
            write!(f, " label {label}")?;
        }
        if let Some(peer) = a.peer {
            write!(f, " peer {}/{}", peer.address, peer.prefix_len)?;
        }
        flags(f, a)?;
        if a.no_track {
            f.write_str(" no_track")?;
        }
        if let Some(group) = &a.track_group {
            write!(f, " track_group {group}")?;
        }
        if family == Family::V6 {
            match lifetime(a) {
                PreferredLifetime::Forever => f.write_str(" preferred_lft forever")?,
                PreferredLifetime::Seconds(0) => f.write_str(" deprecated")?,
                PreferredLifetime::Seconds(n) => write!(f, " preferred_lft {n}")?,
            }
        }
        if self.set { f.write_str(" set") } else { Ok(()) }
    }
}

fn flags(f: &mut fmt::Formatter<'_>, a: &Address) -> fmt::Result {
    for (set, word) in [
        (a.flags.home, " home"),
        (a.flags.dad, " -nodad"),
        (a.flags.manage_temporary, " mngtmpaddr"),
        (a.flags.no_prefix_route, " noprefixroute"),
        (a.flags.auto_join, " autojoin"),
    ] {
        if set {
            f.write_str(word)?;
        }
    }
    Ok(())
}

/// An IPv6 /128 is deprecated unless the configuration says otherwise, so that it is not chosen as a source address.
fn lifetime(a: &Address) -> PreferredLifetime {
    a.preferred_lft.unwrap_or(if a.local.prefix_len == 128 {
        PreferredLifetime::Seconds(0)
    } else {
        PreferredLifetime::Forever
    })
}

fn broadcast(a: &Address) -> Option<Ipv4Addr> {
    let Prefixed {
        address: std::net::IpAddr::V4(local),
        prefix_len,
    } = a.local
    else {
        return None;
    };
    let host_bits = u32::MAX.checked_shr(u32::from(prefix_len)).unwrap_or(0);
    match a.broadcast {
        Broadcast::None => None,
        Broadcast::Address(address) => Some(address),
        Broadcast::HostBitsSet | Broadcast::HostBitsClear if host_bits <= 1 => None,
        Broadcast::HostBitsSet => Some(Ipv4Addr::from_bits(local.to_bits() | host_bits)),
        Broadcast::HostBitsClear => Some(Ipv4Addr::from_bits(local.to_bits() & !host_bits)),
    }
}

/// A kernel scope by its name, else its number.
struct Scope(u8);

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("global"),
            200 => f.write_str("site"),
            253 => f.write_str("link"),
            254 => f.write_str("host"),
            255 => f.write_str("nowhere"),
            other => write!(f, "{other}"),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn text(address: &Address) -> String {
        AddressText {
            address,
            set: true,
            interface: IfName::new("veth0"),
            base: None,
        }
        .to_string()
    }

    fn plain(ip: &str, prefix_len: u8) -> Address {
        Address::plain(Prefixed::new(ip.parse().unwrap(), prefix_len).unwrap())
    }

    // Each expectation is a line that Debian's keepalived 2.2.7 wrote.
    #[test]
    fn addresses_read_as_in_the_original() {
        assert_eq!(text(&plain("10.9.0.150", 32)), "10.9.0.150 dev veth0 scope global set");
        let mut a = plain("10.9.0.101", 24);
        a.broadcast = Broadcast::HostBitsClear;
        a.scope = 200;
        assert_eq!(text(&a), "10.9.0.101/24 brd 10.9.0.0 dev veth0 scope site set");
        a = plain("10.9.0.102", 24);
        a.scope = 77;
        a.no_track = true;
        assert_eq!(text(&a), "10.9.0.102/24 dev veth0 scope 77 no_track set");
        a = plain("10.9.0.100", 32);
        a.scope = 253;
        a.label = Some("veth0:1".into());
        a.peer = Prefixed::new("10.9.0.3".parse().unwrap(), 32);
        a.flags.home = true;
        a.flags.no_prefix_route = true;
        assert_eq!(
            text(&a),
            "10.9.0.100 dev veth0 scope link label veth0:1 peer 10.9.0.3/32 home noprefixroute set"
        );
        a = plain("10.9.0.151", 32);
        a.broadcast = Broadcast::HostBitsSet;
        assert_eq!(text(&a), "10.9.0.151 dev veth0 scope global set");
        a = plain("2001:db8::5", 64);
        a.flags.dad = true;
        a.flags.manage_temporary = true;
        assert_eq!(
            text(&a),
            "2001:db8::5/64 dev veth0 scope global -nodad mngtmpaddr preferred_lft forever set"
        );
        assert_eq!(
            text(&plain("2001:db8::7", 128)),
            "2001:db8::7 dev veth0 scope global deprecated set"
        );
    }
}
