//! `bfd_instance`.

use super::decl::{Block, Kind, Later, ReloadEffect, Repeat, Status, Surplus, int, kw, may, millis, must};

/// `bfd_instance`.
pub static BFD_INSTANCE: Block = Block::new(
    "bfd_instance",
    &[
        kw("source_ip")
            .slots(&[must(Kind::Address)])
            .status(Status::Planned(Later::Bfd))
            .reload(ReloadEffect::Restart)
            .default("chosen by kernel")
            .values("address; family must equal neighbor_ip (else instance disabled); malformed ignored")
            .doc("Local address of the session."),
        kw("neighbor_ip")
            .slots(&[must(Kind::Address)])
            .status(Status::Planned(Later::Bfd))
            .reload(ReloadEffect::Restart)
            .default("none (mandatory)")
            .values("address; malformed drops the instance; source+neighbour pair must be unique")
            .doc("Address of the peer."),
        kw("neighbour_ip")
            .canonical("neighbor_ip")
            .slots(&[must(Kind::Address)])
            .status(Status::Planned(Later::Bfd))
            .reload(ReloadEffect::Restart)
            .default("none (mandatory)")
            .values("as neighbor_ip")
            .doc("British spelling of neighbor_ip."),
        kw("min_rx")
            .slots(&[must(millis(1_000, 4_294_967_000))])
            .status(Status::Planned(Later::Bfd))
            .default("10")
            .values("1..4294967 ms, three decimals; else ignored; above 10000 logged")
            .doc("Required minimum receive interval in milliseconds."),
        kw("min_tx")
            .slots(&[must(millis(1_000, 4_294_967_000))])
            .status(Status::Planned(Later::Bfd))
            .default("10")
            .values("1..4294967 ms; else ignored; above 10000 logged")
            .doc("Desired minimum transmit interval in milliseconds."),
        kw("idle_tx")
            .slots(&[must(millis(1_000_000, 4_294_967_000))])
            .status(Status::Planned(Later::Bfd))
            .default("1000")
            .values("1000..4294967 ms; else ignored; above 10000 logged")
            .doc("Transmit interval while the session is not up."),
        kw("multiplier")
            .slots(&[must(int(1, 255)).strict()])
            .status(Status::Planned(Later::Bfd))
            .default("5")
            .values("1..255; else ignored")
            .doc("Detection multiplier."),
        kw("passive")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Bfd))
            .default("off")
            .doc("Wait for the peer to start."),
        kw("ttl")
            .slots(&[must(int(1, 255)).strict()])
            .status(Status::Planned(Later::Bfd))
            .default("255 IPv4 / 64 IPv6")
            .values("1..255; else ignored")
            .doc("TTL of sent packets."),
        kw("hoplimit")
            .canonical("ttl")
            .slots(&[must(int(1, 255)).strict()])
            .status(Status::Planned(Later::Bfd))
            .default("255 IPv4 / 64 IPv6")
            .values("1..255; else ignored")
            .doc("Same setting as ttl."),
        kw("max_hops")
            .slots(&[must(int(-1, 255)).strict()])
            .status(Status::Planned(Later::Bfd))
            .default("0")
            .values("-1..255; else ignored; above ttl is reduced to ttl with message")
            .doc("How far the TTL of received packets may have dropped."),
        kw("multihop")
            .slots(&[may(Kind::Bool)])
            .since("2.2.8")
            .status(Status::Planned(Later::Bfd))
            .reload(ReloadEffect::Restart)
            .default("false")
            .values("true/on/yes, false/off/no (case sensitive); else ignored")
            .doc("Use the multihop control port 4784 instead of 3784."),
        kw("weight")
            .slots(&[must(int(-253, 253)), may(Kind::Literal("reverse"))])
            .surplus(Surplus::Reported)
            .status(Status::Planned(Later::Bfd))
            .default("0")
            .values("-253..253; else ignored; unknown option reported")
            .doc("Default VRRP priority change for this session (read by the VRRP process only)."),
        kw("vrrp")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Bfd))
            .default("both")
            .doc("Send events to the VRRP process; without either flag both processes get them."),
        kw("checker")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Bfd))
            .default("both")
            .doc("Send events to the checker process."),
    ],
);
