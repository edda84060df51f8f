//! Options of one route line.

use super::decl::{Block, Kind, OnBad, Repeat, choice, int, kw, may, rest, rest_of, text, want};

/// `static_routes.<item>`.
pub static STATIC_ROUTES_ITEM: Block = Block::new("static_routes.<item>", &[
    kw("<destination>")
        .slots(&[want(rest("[to] [TYPE] PREFIX|default|any|all"))])
        .default("none (mandatory)")
        .values("unknown word or mixed families drop the route; without a destination the route is dropped")
        .doc("Destination prefix; default/any/all take the family of the other words (IPv4 if unknown); default6 is an old spelling of the IPv6 default."),
    kw("to")
        .slots(&[want(Kind::Prefix).bad(OnBad::Drop)])
        .doc("Optional word before the destination; a type name is only recognised without it."),
    kw("<type>")
        .slots(&[want(text("type"))])
        .default("unicast")
        .doc("Route type, placed directly before the destination."),
    kw("inet")
        .repeat(Repeat::Flag)
        .values("conflict with a known family drops the route")
        .doc("The line is of family IPv4; keepalived 2.4.3 also loses the word after it."),
    kw("inet6")
        .repeat(Repeat::Flag)
        .values("conflict with a known family drops the route")
        .doc("The line is of family IPv6; keepalived 2.4.3 also loses the word after it."),
    kw("via")
        .slots(&[may(Kind::Maybe(&["inet", "inet6"])), want(Kind::Address).bad(OnBad::Drop)])
        .default("none")
        .values("family must match; else route dropped")
        .doc("Gateway."),
    kw("gw")
        .canonical("via")
        .slots(&[may(Kind::Maybe(&["inet", "inet6"])), want(Kind::Address).bad(OnBad::Drop)])
        .deprecated("via", true)
        .default("none")
        .values("as via")
        .doc("Old spelling of via, reported."),
    kw("or")
        .slots(&[want(Kind::Address).bad(OnBad::Drop).strict()])
        .repeat(Repeat::First)
        .deprecated("nexthop", true)
        .values("bad address drops the route; more than one reported and skipped")
        .doc("Old second gateway syntax, reported; turns via and this address into two next hops."),
    kw("nexthop")
        .slots(&[want(rest_of("OPTIONS", &STATIC_ROUTES_ITEM_NEXTHOP))])
        .repeat(Repeat::Yes)
        .default("none")
        .values("must be last; trailing words reported; not together with or")
        .doc("Multipath next hop, see nexthop rows."),
    kw("src")
        .slots(&[want(Kind::Address).bad(OnBad::Drop).strict()])
        .default("none")
        .values("same family; else route dropped")
        .doc("Preferred source address."),
    kw("from")
        .slots(&[want(Kind::Prefix).bad(OnBad::Drop)])
        .default("none")
        .values("IPv6 prefix only (also the words default, any, all are refused); else route dropped")
        .doc("Source prefix of the route."),
    kw("dev")
        .slots(&[want(Kind::Interface).bad(OnBad::Drop).strict()])
        .default("none")
        .values("existing interface (unless dynamic_interfaces); else route dropped and configuration fatal")
        .doc("Output interface."),
    kw("oif")
        .canonical("dev")
        .slots(&[want(Kind::Interface).bad(OnBad::Drop).strict()])
        .default("none")
        .values("as dev")
        .doc("Same as dev."),
    kw("tos")
        .slots(&[want(Kind::Named("rt_dsfield")).bad(OnBad::Drop).strict()])
        .default("0")
        .values("unknown drops the route")
        .doc("Type of service."),
    kw("dsfield")
        .canonical("tos")
        .slots(&[want(Kind::Named("rt_dsfield")).bad(OnBad::Drop).strict()])
        .default("0")
        .values("unknown drops the route")
        .doc("Type of service."),
    kw("table")
        .slots(&[want(Kind::Named("rt_tables")).bad(OnBad::Drop).strict()])
        .default("main")
        .values("unknown name drops the route")
        .doc("Routing table."),
    kw("protocol")
        .slots(&[want(Kind::Named("rt_protos")).bad(OnBad::Drop).strict()])
        .default("18")
        .values("unknown drops the route; reset to 18 with message unless no_track")
        .doc("Route protocol id."),
    kw("scope")
        .slots(&[want(Kind::Named("rt_scopes")).bad(OnBad::Drop).strict()])
        .default("global")
        .values("unknown drops the route")
        .doc("Route scope."),
    kw("metric")
        .slots(&[want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Route metric."),
    kw("priority")
        .canonical("metric")
        .slots(&[want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Route metric."),
    kw("preference")
        .canonical("metric")
        .slots(&[want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Route metric."),
    kw("onlink")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Treat the gateway as reachable on the interface."),
    kw("encap")
        .slots(&[want(rest_of("ip|ip6|mpls|ila OPTIONS", &STATIC_ROUTES_ITEM_ENCAP))])
        .default("none")
        .values("unknown or bad parameters are reported, the route is kept")
        .doc("Lightweight tunnel, see encap rows."),
    kw("expires")
        .slots(&[want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("none")
        .values("IPv6 only; 0..4294967295; else route dropped")
        .doc("Lifetime in seconds."),
    kw("mtu")
        .slots(&[may(Kind::Literal("lock")), want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Path MTU; lock forbids the kernel to change it."),
    kw("advmss")
        .slots(&[may(Kind::Literal("lock")), want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Advertised MSS; lock forbids the kernel to change it."),
    kw("reordering")
        .slots(&[may(Kind::Literal("lock")), want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Reordering; lock forbids the kernel to change it."),
    kw("cwnd")
        .slots(&[may(Kind::Literal("lock")), want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Congestion window clamp; lock forbids the kernel to change it."),
    kw("ssthresh")
        .slots(&[may(Kind::Literal("lock")), want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Slow start threshold; lock forbids the kernel to change it."),
    kw("window")
        .slots(&[want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Maximum TCP window."),
    kw("initcwnd")
        .slots(&[want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Initial congestion window."),
    kw("initrwnd")
        .slots(&[want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Initial receive window."),
    kw("hoplimit")
        .slots(&[want(int(0, 255)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..255; else route dropped")
        .doc("Hop limit."),
    kw("rtt")
        .slots(&[may(Kind::Literal("lock")), want(text("time")).bad(OnBad::Drop)])
        .default("kernel default")
        .values("clamped to 200 ms..120 s with message; exponent form and other errors drop the route")
        .doc("Initial round trip time; a bare number is in units of 1/8 ms."),
    kw("rttvar")
        .slots(&[may(Kind::Literal("lock")), want(text("time")).bad(OnBad::Drop)])
        .default("kernel default")
        .values("clamped to 200 ms..120 s with message; exponent form and other errors drop the route")
        .doc("Initial round trip variance; a bare number is in units of 1/4 ms."),
    kw("rto_min")
        .slots(&[may(Kind::Literal("lock")), want(text("time")).bad(OnBad::Drop)])
        .default("kernel default")
        .values("clamped to 200 ms..120 s with message; exponent form and other errors drop the route")
        .doc("Minimum retransmission timeout; a bare number is in units of ms."),
    kw("realms")
        .slots(&[want(text("realm[/realm]")).bad(OnBad::Drop)])
        .default("none")
        .values("IPv4 only; names or 0..255; else route dropped")
        .doc("Routing realms."),
    kw("features")
        .slots(&[want(choice(&["ecn"]))])
        .repeat(Repeat::Merged)
        .default("none")
        .values("other word reported and ignored")
        .doc("Route features."),
    kw("quickack")
        .slots(&[want(int(0, 1)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("else route dropped")
        .doc("Quick ACK mode."),
    kw("congctl")
        .slots(&[may(Kind::Literal("lock")), want(text("name")).bad(OnBad::Drop)])
        .default("kernel default")
        .doc("Congestion control algorithm."),
    kw("pref")
        .slots(&[want(text("low|medium|high|number")).bad(OnBad::Drop)])
        .default("medium")
        .values("IPv6 only; else route dropped")
        .doc("Router preference."),
    kw("ttl-propagate")
        .slots(&[want(choice(&["enabled", "disabled"]))])
        .default("kernel default")
        .values("other word reported")
        .doc("MPLS TTL propagation."),
    kw("fastopen_no_cookie")
        .slots(&[want(int(0, 1)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("else route dropped")
        .doc("TCP fast open without cookie."),
    kw("as")
        .slots(&[may(Kind::Literal("to")), want(Kind::Address)])
        .repeat(Repeat::Yes)
        .values("reported and ignored (address skipped)")
        .doc("MPLS only, not supported."),
    kw("add")
        .default("prepend")
        .doc("Install only if no matching route exists."),
    kw("append")
        .default("prepend")
        .doc("Install after matching routes."),
    kw("prepend")
        .default("prepend")
        .doc("Install before matching routes (default)."),
    kw("no_track")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Do not react to removal by others."),
    kw("vrf")
        .slots(&[want(Kind::Interface).bad(OnBad::Drop).strict()])
        .default("none")
        .values("existing VRF interface; else route dropped")
        .doc("Use the table of this VRF. (build: vrf)"),
    kw("track_group")
        .slots(&[want(text("name"))])
        .repeat(Repeat::First)
        .default("none")
        .values("earlier track_group; unknown reported and ignored; needs dev")
        .doc("Instances that go to FAULT when the route is lost."),
]);

/// `static_routes.<item>.nexthop`.
pub static STATIC_ROUTES_ITEM_NEXTHOP: Block = Block::new(
    "static_routes.<item>.nexthop",
    &[
        kw("via")
            .slots(&[
                may(Kind::Maybe(&["inet", "inet6"])),
                want(Kind::Address).bad(OnBad::Drop),
            ])
            .repeat(Repeat::First)
            .default("none")
            .values("family mismatch or bad address drops the rest of the next hops")
            .doc("Gateway of this next hop."),
        kw("dev")
            .slots(&[want(Kind::Interface).strict()])
            .repeat(Repeat::First)
            .default("none")
            .values("existing interface")
            .doc("Interface of this next hop."),
        kw("weight")
            .slots(&[want(int(1, 256)).bad(OnBad::Drop).strict()])
            .repeat(Repeat::First)
            .default("1")
            .values("1..256; else next hop list cut")
            .doc("Relative weight."),
        kw("onlink")
            .repeat(Repeat::Flag)
            .default("off")
            .doc("As for routes (IPv4)."),
        kw("encap")
            .slots(&[want(rest_of("ip|ip6|mpls|ila OPTIONS", &STATIC_ROUTES_ITEM_ENCAP))])
            .repeat(Repeat::First)
            .default("none")
            .doc("As for routes."),
        kw("realms")
            .slots(&[want(text("realm[/realm]")).bad(OnBad::Drop)])
            .repeat(Repeat::First)
            .default("none")
            .values("IPv4 only")
            .doc("As for routes."),
        kw("as")
            .slots(&[may(Kind::Literal("to")), want(Kind::Address)])
            .repeat(Repeat::Yes)
            .values("always an error")
            .doc("Not supported."),
    ],
);

/// `static_routes.<item>.encap`.
pub static STATIC_ROUTES_ITEM_ENCAP: Block = Block::new(
    "static_routes.<item>.encap",
    &[
        kw("ip")
            .slots(&[want(rest("id|dst|src|tos|ttl|flags <value>..."))])
            .repeat(Repeat::Yes)
            .values("id 0..2^64-1; dst, src IPv4; tos name or 0..255; ttl 0..255; flags 0..65535; dst or id needed")
            .doc("IPv4 tunnel parameters."),
        kw("ip6")
            .slots(&[want(rest("id|dst|src|tc|hoplimit|flags <value>..."))])
            .repeat(Repeat::Yes)
            .values("as ip with IPv6 addresses; dst or id needed")
            .doc("IPv6 tunnel parameters."),
        kw("mpls")
            .slots(&[want(rest("<label>[/<label>...]"))])
            .repeat(Repeat::Yes)
            .values("labels 0..1048575 in C notation")
            .doc("MPLS label stack."),
        kw("ila")
            .slots(&[want(rest("<locator>"))])
            .repeat(Repeat::Yes)
            .values("four hexadecimal groups")
            .doc("ILA locator."),
    ],
);

/// `vrrp_instance.virtual_routes.<item>`.
pub static VRRP_INSTANCE_VIRTUAL_ROUTES_ITEM: Block = Block::new("vrrp_instance.virtual_routes.<item>", &[
    kw("<destination>")
        .slots(&[want(rest("[to] [TYPE] PREFIX|default|any|all"))])
        .default("none (mandatory)")
        .values("unknown word or mixed families drop the route; without a destination the route is dropped")
        .doc("Destination prefix; default/any/all take the family of the other words (IPv4 if unknown); default6 is an old spelling of the IPv6 default."),
    kw("to")
        .slots(&[want(Kind::Prefix).bad(OnBad::Drop)])
        .doc("Optional word before the destination; a type name is only recognised without it."),
    kw("<type>")
        .slots(&[want(text("type"))])
        .default("unicast")
        .doc("Route type, placed directly before the destination."),
    kw("inet")
        .repeat(Repeat::Flag)
        .values("conflict with a known family drops the route")
        .doc("The line is of family IPv4; keepalived 2.4.3 also loses the word after it."),
    kw("inet6")
        .repeat(Repeat::Flag)
        .values("conflict with a known family drops the route")
        .doc("The line is of family IPv6; keepalived 2.4.3 also loses the word after it."),
    kw("via")
        .slots(&[may(Kind::Maybe(&["inet", "inet6"])), want(Kind::Address).bad(OnBad::Drop)])
        .default("none")
        .values("family must match; else route dropped")
        .doc("Gateway."),
    kw("gw")
        .canonical("via")
        .slots(&[may(Kind::Maybe(&["inet", "inet6"])), want(Kind::Address).bad(OnBad::Drop)])
        .deprecated("via", true)
        .default("none")
        .values("as via")
        .doc("Old spelling of via, reported."),
    kw("or")
        .slots(&[want(Kind::Address).bad(OnBad::Drop).strict()])
        .repeat(Repeat::First)
        .deprecated("nexthop", true)
        .values("bad address drops the route; more than one reported and skipped")
        .doc("Old second gateway syntax, reported; turns via and this address into two next hops."),
    kw("nexthop")
        .slots(&[want(rest_of("OPTIONS", &VRRP_INSTANCE_VIRTUAL_ROUTES_ITEM_NEXTHOP))])
        .repeat(Repeat::Yes)
        .default("none")
        .values("must be last; trailing words reported; not together with or")
        .doc("Multipath next hop, see nexthop rows."),
    kw("src")
        .slots(&[want(Kind::Address).bad(OnBad::Drop).strict()])
        .default("none")
        .values("same family; else route dropped")
        .doc("Preferred source address."),
    kw("from")
        .slots(&[want(Kind::Prefix).bad(OnBad::Drop)])
        .default("none")
        .values("IPv6 prefix only (also the words default, any, all are refused); else route dropped")
        .doc("Source prefix of the route."),
    kw("dev")
        .slots(&[want(Kind::Interface).bad(OnBad::Drop).strict()])
        .default("none")
        .values("existing interface (unless dynamic_interfaces); else route dropped and configuration fatal")
        .doc("Output interface."),
    kw("oif")
        .canonical("dev")
        .slots(&[want(Kind::Interface).bad(OnBad::Drop).strict()])
        .default("none")
        .values("as dev")
        .doc("Same as dev."),
    kw("tos")
        .slots(&[want(Kind::Named("rt_dsfield")).bad(OnBad::Drop).strict()])
        .default("0")
        .values("unknown drops the route")
        .doc("Type of service."),
    kw("dsfield")
        .canonical("tos")
        .slots(&[want(Kind::Named("rt_dsfield")).bad(OnBad::Drop).strict()])
        .default("0")
        .values("unknown drops the route")
        .doc("Type of service."),
    kw("table")
        .slots(&[want(Kind::Named("rt_tables")).bad(OnBad::Drop).strict()])
        .default("main")
        .values("unknown name drops the route")
        .doc("Routing table."),
    kw("protocol")
        .slots(&[want(Kind::Named("rt_protos")).bad(OnBad::Drop).strict()])
        .default("18")
        .values("unknown drops the route; reset to 18 with message unless no_track")
        .doc("Route protocol id."),
    kw("scope")
        .slots(&[want(Kind::Named("rt_scopes")).bad(OnBad::Drop).strict()])
        .default("global")
        .values("unknown drops the route")
        .doc("Route scope."),
    kw("metric")
        .slots(&[want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Route metric."),
    kw("priority")
        .canonical("metric")
        .slots(&[want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Route metric."),
    kw("preference")
        .canonical("metric")
        .slots(&[want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Route metric."),
    kw("onlink")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Treat the gateway as reachable on the interface."),
    kw("encap")
        .slots(&[want(rest_of("ip|ip6|mpls|ila OPTIONS", &VRRP_INSTANCE_VIRTUAL_ROUTES_ITEM_ENCAP))])
        .default("none")
        .values("unknown or bad parameters are reported, the route is kept")
        .doc("Lightweight tunnel, see encap rows."),
    kw("expires")
        .slots(&[want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("none")
        .values("IPv6 only; 0..4294967295; else route dropped")
        .doc("Lifetime in seconds."),
    kw("mtu")
        .slots(&[may(Kind::Literal("lock")), want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Path MTU; lock forbids the kernel to change it."),
    kw("advmss")
        .slots(&[may(Kind::Literal("lock")), want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Advertised MSS; lock forbids the kernel to change it."),
    kw("reordering")
        .slots(&[may(Kind::Literal("lock")), want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Reordering; lock forbids the kernel to change it."),
    kw("cwnd")
        .slots(&[may(Kind::Literal("lock")), want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Congestion window clamp; lock forbids the kernel to change it."),
    kw("ssthresh")
        .slots(&[may(Kind::Literal("lock")), want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Slow start threshold; lock forbids the kernel to change it."),
    kw("window")
        .slots(&[want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Maximum TCP window."),
    kw("initcwnd")
        .slots(&[want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Initial congestion window."),
    kw("initrwnd")
        .slots(&[want(int(0, 4_294_967_295)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..4294967295; else route dropped")
        .doc("Initial receive window."),
    kw("hoplimit")
        .slots(&[want(int(0, 255)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("0..255; else route dropped")
        .doc("Hop limit."),
    kw("rtt")
        .slots(&[may(Kind::Literal("lock")), want(text("time")).bad(OnBad::Drop)])
        .default("kernel default")
        .values("clamped to 200 ms..120 s with message; exponent form and other errors drop the route")
        .doc("Initial round trip time; a bare number is in units of 1/8 ms."),
    kw("rttvar")
        .slots(&[may(Kind::Literal("lock")), want(text("time")).bad(OnBad::Drop)])
        .default("kernel default")
        .values("clamped to 200 ms..120 s with message; exponent form and other errors drop the route")
        .doc("Initial round trip variance; a bare number is in units of 1/4 ms."),
    kw("rto_min")
        .slots(&[may(Kind::Literal("lock")), want(text("time")).bad(OnBad::Drop)])
        .default("kernel default")
        .values("clamped to 200 ms..120 s with message; exponent form and other errors drop the route")
        .doc("Minimum retransmission timeout; a bare number is in units of ms."),
    kw("realms")
        .slots(&[want(text("realm[/realm]")).bad(OnBad::Drop)])
        .default("none")
        .values("IPv4 only; names or 0..255; else route dropped")
        .doc("Routing realms."),
    kw("features")
        .slots(&[want(choice(&["ecn"]))])
        .repeat(Repeat::Merged)
        .default("none")
        .values("other word reported and ignored")
        .doc("Route features."),
    kw("quickack")
        .slots(&[want(int(0, 1)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("else route dropped")
        .doc("Quick ACK mode."),
    kw("congctl")
        .slots(&[may(Kind::Literal("lock")), want(text("name")).bad(OnBad::Drop)])
        .default("kernel default")
        .doc("Congestion control algorithm."),
    kw("pref")
        .slots(&[want(text("low|medium|high|number")).bad(OnBad::Drop)])
        .default("medium")
        .values("IPv6 only; else route dropped")
        .doc("Router preference."),
    kw("ttl-propagate")
        .slots(&[want(choice(&["enabled", "disabled"]))])
        .default("kernel default")
        .values("other word reported")
        .doc("MPLS TTL propagation."),
    kw("fastopen_no_cookie")
        .slots(&[want(int(0, 1)).bad(OnBad::Drop).strict()])
        .default("kernel default")
        .values("else route dropped")
        .doc("TCP fast open without cookie."),
    kw("as")
        .slots(&[may(Kind::Literal("to")), want(Kind::Address)])
        .repeat(Repeat::Yes)
        .values("reported and ignored (address skipped)")
        .doc("MPLS only, not supported."),
    kw("add")
        .default("prepend")
        .doc("Install only if no matching route exists."),
    kw("append")
        .default("prepend")
        .doc("Install after matching routes."),
    kw("prepend")
        .default("prepend")
        .doc("Install before matching routes (default)."),
    kw("no_track")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Do not react to removal by others."),
    kw("vrf")
        .slots(&[want(Kind::Interface).bad(OnBad::Drop).strict()])
        .default("none")
        .values("existing VRF interface; else route dropped")
        .doc("Use the table of this VRF. (build: vrf)"),
]);

/// `vrrp_instance.virtual_routes.<item>.nexthop`.
pub static VRRP_INSTANCE_VIRTUAL_ROUTES_ITEM_NEXTHOP: Block = Block::new(
    "vrrp_instance.virtual_routes.<item>.nexthop",
    &[
        kw("via")
            .slots(&[
                may(Kind::Maybe(&["inet", "inet6"])),
                want(Kind::Address).bad(OnBad::Drop),
            ])
            .repeat(Repeat::First)
            .default("none")
            .values("family mismatch or bad address drops the rest of the next hops")
            .doc("Gateway of this next hop."),
        kw("dev")
            .slots(&[want(Kind::Interface).strict()])
            .repeat(Repeat::First)
            .default("none")
            .values("existing interface")
            .doc("Interface of this next hop."),
        kw("weight")
            .slots(&[want(int(1, 256)).bad(OnBad::Drop).strict()])
            .repeat(Repeat::First)
            .default("1")
            .values("1..256; else next hop list cut")
            .doc("Relative weight."),
        kw("onlink")
            .repeat(Repeat::Flag)
            .default("off")
            .doc("As for routes (IPv4)."),
        kw("encap")
            .slots(&[want(rest_of(
                "ip|ip6|mpls|ila OPTIONS",
                &VRRP_INSTANCE_VIRTUAL_ROUTES_ITEM_ENCAP,
            ))])
            .repeat(Repeat::First)
            .default("none")
            .doc("As for routes."),
        kw("realms")
            .slots(&[want(text("realm[/realm]")).bad(OnBad::Drop)])
            .repeat(Repeat::First)
            .default("none")
            .values("IPv4 only")
            .doc("As for routes."),
        kw("as")
            .slots(&[may(Kind::Literal("to")), want(Kind::Address)])
            .repeat(Repeat::Yes)
            .values("always an error")
            .doc("Not supported."),
    ],
);

/// `vrrp_instance.virtual_routes.<item>.encap`.
pub static VRRP_INSTANCE_VIRTUAL_ROUTES_ITEM_ENCAP: Block = Block::new(
    "vrrp_instance.virtual_routes.<item>.encap",
    &[
        kw("ip")
            .slots(&[want(rest("id|dst|src|tos|ttl|flags <value>..."))])
            .repeat(Repeat::Yes)
            .values("id 0..2^64-1; dst, src IPv4; tos name or 0..255; ttl 0..255; flags 0..65535; dst or id needed")
            .doc("IPv4 tunnel parameters."),
        kw("ip6")
            .slots(&[want(rest("id|dst|src|tc|hoplimit|flags <value>..."))])
            .repeat(Repeat::Yes)
            .values("as ip with IPv6 addresses; dst or id needed")
            .doc("IPv6 tunnel parameters."),
        kw("mpls")
            .slots(&[want(rest("<label>[/<label>...]"))])
            .repeat(Repeat::Yes)
            .values("labels 0..1048575 in C notation")
            .doc("MPLS label stack."),
        kw("ila")
            .slots(&[want(rest("<locator>"))])
            .repeat(Repeat::Yes)
            .values("four hexadecimal groups")
            .doc("ILA locator."),
    ],
);
