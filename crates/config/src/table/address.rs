//! Options of one address line.

use super::decl::{Block, Kind, OnBad, Repeat, kw, text, text_max, want};

/// `static_ipaddress.<item>`.
pub static STATIC_IPADDRESS_ITEM: Block = Block::new("static_ipaddress.<item>", &[
    kw("<address>")
        .slots(&[want(Kind::Prefix).bad(OnBad::Drop)])
        .repeat(Repeat::Yes)
        .default("prefix 32 or 128")
        .values("prefix 0..32/128, bad prefix reported and full length used; bad address drops the line")
        .doc("First word of the line: the address; decimal octets or IPv6 text."),
    kw("dev")
        .slots(&[want(Kind::Interface).bad(OnBad::Drop)])
        .repeat(Repeat::First)
        .default("default_interface")
        .values("existing interface (unless dynamic_interfaces), once; else line dropped")
        .doc("Interface that carries the address."),
    kw("brd")
        .slots(&[want(text("address|+|-")).bad(OnBad::Drop)])
        .default("none")
        .values("IPv4 only; + sets, - clears the host bits (prefix up to 30); bad value or IPv6 drops the line; with peer reported and dropped")
        .doc("Broadcast address."),
    kw("broadcast")
        .canonical("brd")
        .slots(&[want(text("address|+|-")).bad(OnBad::Drop)])
        .default("none")
        .values("as brd")
        .doc("Same as brd."),
    kw("scope")
        .slots(&[want(Kind::Named("rt_scopes")).bad(OnBad::Drop)])
        .default("global")
        .values("name from the scope table or 0..255; else reported and ignored; dropped with message for IPv6")
        .doc("Address scope."),
    kw("label")
        .slots(&[want(text_max("label", 15)).bad(OnBad::Drop)])
        .default("none")
        .values("up to 15 characters, longer drops the line; dropped with message for IPv6")
        .doc("Address label (alias name)."),
    kw("peer")
        .slots(&[want(Kind::Address)])
        .repeat(Repeat::First)
        .default("none")
        .values("no prefix, same family; else reported; own prefix is replaced (reported)")
        .doc("Point-to-point peer address."),
    kw("home")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Mark as mobile IPv6 home address."),
    kw("-nodad")
        .repeat(Repeat::Flag)
        .default("unset")
        .doc("Clear the no-duplicate-detection flag, i.e. let DAD run."),
    kw("mngtmpaddr")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Let the kernel manage temporary addresses from this one."),
    kw("noprefixroute")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Do not create the connected route."),
    kw("autojoin")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Join the multicast group of the address."),
    kw("no_track")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Do not follow the interface or address (conflicts with track_group, logged)."),
    kw("preferred_lft")
        .slots(&[want(text("seconds|forever"))])
        .default("IPv6: 0 for /128, otherwise forever")
        .values("0..4294967295 s; else reported and ignored")
        .doc("Preferred lifetime."),
    kw("track_group")
        .slots(&[want(text("name"))])
        .repeat(Repeat::First)
        .default("none")
        .values("earlier track_group; unknown reported and ignored; needs an interface")
        .doc("Instances that go to FAULT when the address is lost."),
]);

/// `vrrp_instance.virtual_ipaddress.<item>`.
pub static VRRP_INSTANCE_VIRTUAL_IPADDRESS_ITEM: Block = Block::new("vrrp_instance.virtual_ipaddress.<item>", &[
    kw("<address>")
        .slots(&[want(Kind::Prefix).bad(OnBad::Drop)])
        .repeat(Repeat::Yes)
        .default("prefix 32 or 128")
        .values("prefix 0..32/128, bad prefix reported and full length used; bad address drops the line")
        .doc("First word of the line: the address; decimal octets or IPv6 text."),
    kw("dev")
        .slots(&[want(Kind::Interface).bad(OnBad::Drop)])
        .repeat(Repeat::First)
        .default("instance interface")
        .values("existing interface (unless dynamic_interfaces), once; else line dropped")
        .doc("Interface that carries the address."),
    kw("brd")
        .slots(&[want(text("address|+|-")).bad(OnBad::Drop)])
        .default("none")
        .values("IPv4 only; + sets, - clears the host bits (prefix up to 30); bad value or IPv6 drops the line; with peer reported and dropped")
        .doc("Broadcast address."),
    kw("broadcast")
        .canonical("brd")
        .slots(&[want(text("address|+|-")).bad(OnBad::Drop)])
        .default("none")
        .values("as brd")
        .doc("Same as brd."),
    kw("scope")
        .slots(&[want(Kind::Named("rt_scopes")).bad(OnBad::Drop)])
        .default("global")
        .values("name from the scope table or 0..255; else reported and ignored; dropped with message for IPv6")
        .doc("Address scope."),
    kw("label")
        .slots(&[want(text_max("label", 15)).bad(OnBad::Drop)])
        .default("none")
        .values("up to 15 characters, longer drops the line; dropped with message for IPv6")
        .doc("Address label (alias name)."),
    kw("peer")
        .slots(&[want(Kind::Address)])
        .repeat(Repeat::First)
        .default("none")
        .values("no prefix, same family; else reported; own prefix is replaced (reported)")
        .doc("Point-to-point peer address."),
    kw("home")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Mark as mobile IPv6 home address."),
    kw("-nodad")
        .repeat(Repeat::Flag)
        .default("unset")
        .doc("Clear the no-duplicate-detection flag, i.e. let DAD run."),
    kw("mngtmpaddr")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Let the kernel manage temporary addresses from this one."),
    kw("noprefixroute")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Do not create the connected route."),
    kw("autojoin")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Join the multicast group of the address."),
    kw("no_track")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Do not react when the address is removed by others."),
    kw("preferred_lft")
        .slots(&[want(text("seconds|forever"))])
        .default("IPv6: 0 for /128, otherwise forever")
        .values("0..4294967295 s; else reported and ignored")
        .doc("Preferred lifetime."),
    kw("use_vmac")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Place this address on a VMAC of its interface; redundant use with the instance's own VMAC is reported."),
]);

/// `vrrp_instance.virtual_ipaddress_excluded.<item>`.
pub static VRRP_INSTANCE_VIRTUAL_IPADDRESS_EXCLUDED_ITEM: Block = Block::new("vrrp_instance.virtual_ipaddress_excluded.<item>", &[
    kw("<address>")
        .slots(&[want(Kind::Prefix).bad(OnBad::Drop)])
        .repeat(Repeat::Yes)
        .default("prefix 32 or 128")
        .values("prefix 0..32/128, bad prefix reported and full length used; bad address drops the line")
        .doc("First word of the line: the address; decimal octets or IPv6 text."),
    kw("dev")
        .slots(&[want(Kind::Interface).bad(OnBad::Drop)])
        .repeat(Repeat::First)
        .default("instance interface")
        .values("existing interface (unless dynamic_interfaces), once; else line dropped")
        .doc("Interface that carries the address."),
    kw("brd")
        .slots(&[want(text("address|+|-")).bad(OnBad::Drop)])
        .default("none")
        .values("IPv4 only; + sets, - clears the host bits (prefix up to 30); bad value or IPv6 drops the line; with peer reported and dropped")
        .doc("Broadcast address."),
    kw("broadcast")
        .canonical("brd")
        .slots(&[want(text("address|+|-")).bad(OnBad::Drop)])
        .default("none")
        .values("as brd")
        .doc("Same as brd."),
    kw("scope")
        .slots(&[want(Kind::Named("rt_scopes")).bad(OnBad::Drop)])
        .default("global")
        .values("name from the scope table or 0..255; else reported and ignored; dropped with message for IPv6")
        .doc("Address scope."),
    kw("label")
        .slots(&[want(text_max("label", 15)).bad(OnBad::Drop)])
        .default("none")
        .values("up to 15 characters, longer drops the line; dropped with message for IPv6")
        .doc("Address label (alias name)."),
    kw("peer")
        .slots(&[want(Kind::Address)])
        .repeat(Repeat::First)
        .default("none")
        .values("no prefix, same family; else reported; own prefix is replaced (reported)")
        .doc("Point-to-point peer address."),
    kw("home")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Mark as mobile IPv6 home address."),
    kw("-nodad")
        .repeat(Repeat::Flag)
        .default("unset")
        .doc("Clear the no-duplicate-detection flag, i.e. let DAD run."),
    kw("mngtmpaddr")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Let the kernel manage temporary addresses from this one."),
    kw("noprefixroute")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Do not create the connected route."),
    kw("autojoin")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Join the multicast group of the address."),
    kw("no_track")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Do not react when the address is removed by others."),
    kw("preferred_lft")
        .slots(&[want(text("seconds|forever"))])
        .default("IPv6: 0 for /128, otherwise forever")
        .values("0..4294967295 s; else reported and ignored")
        .doc("Preferred lifetime."),
    kw("use_vmac")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Place this address on a VMAC of its interface; redundant use with the instance's own VMAC is reported."),
]);
