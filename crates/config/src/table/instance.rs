//! `vrrp_instance` and what stands in it.

use super::{
    address::{VRRP_INSTANCE_VIRTUAL_IPADDRESS_EXCLUDED_ITEM, VRRP_INSTANCE_VIRTUAL_IPADDRESS_ITEM},
    decl::{
        Block, EXTENSION, Kind, Later, OnBad, ReloadEffect, Repeat, Status, Surplus, choice, int, kw, may, must,
        rest_of, seconds, text, text_cut, want,
    },
    route::VRRP_INSTANCE_VIRTUAL_ROUTES_ITEM,
    rule::VRRP_INSTANCE_VIRTUAL_RULES_ITEM,
};

/// `vrrp_instance`.
pub static VRRP_INSTANCE: Block = Block::new("vrrp_instance", &[
    kw("track_interface")
        .items(&VRRP_INSTANCE_TRACK_INTERFACE_ITEM)
        .repeat(Repeat::Yes)
        .default("none")
        .values("one interface per line")
        .doc("Interfaces tracked by this instance; unweighted ones cause FAULT when down; a missing interface is fatal unless dynamic_interfaces; the own interface is dropped with a message."),
    kw("track_script")
        .items(&VRRP_INSTANCE_TRACK_SCRIPT_ITEM)
        .repeat(Repeat::Yes)
        .default("none")
        .values("one script per line")
        .doc("vrrp_script entries tracked by this instance; unknown or repeated names are dropped with a message."),
    kw("track_file")
        .items(&VRRP_INSTANCE_TRACK_FILE_ITEM)
        .repeat(Repeat::Yes)
        .default("none")
        .values("one file per line")
        .doc("track_file entries tracked by this instance; unknown or repeated names are dropped with a message."),
    kw("track_process")
        .items(&VRRP_INSTANCE_TRACK_PROCESS_ITEM)
        .repeat(Repeat::Yes)
        .default("none")
        .values("one entry per line")
        .doc("vrrp_track_process entries tracked by this instance; unknown or repeated names are dropped with a message. (build: track_process)"),
    kw("track_bfd")
        .items(&VRRP_INSTANCE_TRACK_BFD_ITEM)
        .repeat(Repeat::Yes)
        .default("none")
        .values("one entry per line")
        .doc("bfd_instance entries tracked by this instance; unknown or repeated names are dropped with a message. (build: bfd)"),
    kw("use_vmac")
        .slots(&[may(rest_of("([name] IFNAME)? MAC? netlink_notify_msg? (group ID)?", &VRRP_INSTANCE_USE_VMAC_ARG))])
        .repeat(Repeat::Merged)
        .reload(ReloadEffect::Restart)
        .default("off")
        .values("name up to 15 characters without / : or blanks; MAC unicast, 5 or 6 octets, not the RFC VRRP range; bad parts reported and skipped")
        .doc("Run the instance on a macvlan with the virtual MAC; five octets take the VRID as sixth; needs an Ethernet interface (else FAULT) and an interface at all (else fatal)."),
    kw("use_vmac_addr")
        .repeat(Repeat::Flag)
        .reload(ReloadEffect::Restart)
        .default("off")
        .doc("Create VMACs for virtual addresses placed on other interfaces or of the other family."),
    kw("vmac_xmit_base")
        .repeat(Repeat::Flag)
        .reload(ReloadEffect::Restart)
        .default("off")
        .doc("Send and receive adverts on the underlying interface; reported and cleared without use_vmac or in strict mode; forced on (reported) with unicast peers and a VMAC/IPVLAN."),
    kw("use_ipvlan")
        .slots(&[may(rest_of("([name] IFNAME)? ADDR[/LEN]? (bridge|private|vepa)? (group ID)?", &VRRP_INSTANCE_USE_IPVLAN_ARG))])
        .repeat(Repeat::First)
        .reload(ReloadEffect::Restart)
        .default("off; mode bridge")
        .values("one mode, one address of the instance family; extras reported; second occurrence reported and ignored")
        .doc("Run the instance on an L2 ipvlan; IPv4 requires the address (otherwise FAULT), which also becomes the source address."),
    kw("unicast_peer")
        .items(&VRRP_INSTANCE_UNICAST_PEER_ITEM)
        .repeat(Repeat::Yes)
        .reload(ReloadEffect::Restart)
        .default("multicast")
        .values("one address per line")
        .doc("Send adverts to these addresses instead of the multicast group; fatal in strict mode on a multicast-capable interface."),
    kw("unicast_fault_no_peer")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Together with other unicast keywords but no peer: go to FAULT instead of falling back to multicast."),
    kw("check_unicast_src")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Accept unicast adverts only from configured peers; counts as unicast keyword."),
    kw("old_unicast_checksum")
        .slots(&[may(choice(&["never"]))])
        .default("auto-detect")
        .values("never or nothing; other word reported")
        .doc("Force the historic unicast VRRPv3 checksum, or with never disable its auto-detection; counts as unicast keyword. (build: old-checksum compat)"),
    kw("native_ipv6")
        .repeat(Repeat::Flag)
        .deprecated("an IPv6 address and version 3", true)
        .reload(ReloadEffect::Restart)
        .default("off")
        .doc("Old way of making the instance IPv6 (and version 3); reported and ignored once an IPv4 address was seen."),
    kw("state")
        .slots(&[must(choice(&["MASTER", "BACKUP"])).bad(OnBad::Use(1))])
        .default("from priority: MASTER if 255 else BACKUP")
        .values("exact upper case; anything else reported, BACKUP used; BACKUP after MASTER reported and ignored")
        .doc("Wanted initial state; without priority MASTER implies 255; strict mode demands MASTER exactly for priority 255."),
    kw("interface")
        .slots(&[must(Kind::Interface)])
        .reload(ReloadEffect::Restart)
        .default("none")
        .values("up to 15 characters, existing, not loopback")
        .doc("Interface the instance lives on; missing interface is fatal unless dynamic_interfaces; loopback or over-long names are reported and ignored; may be omitted only for unicast with a source address."),
    kw("vrf")
        .slots(&[must(Kind::Interface)])
        .repeat(Repeat::First)
        .reload(ReloadEffect::Restart)
        .default("none")
        .values("up to 15 characters, no interface configured before")
        .doc("VRF to operate in when unicast is used without interface; otherwise reported and cleared. (build: vrf)"),
    kw("dont_track_primary")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Do not go to FAULT when the own interface is down."),
    kw("mcast_src_ip")
        .slots(&[must(Kind::Address)])
        .reload(ReloadEffect::Restart)
        .default("primary address of the interface")
        .values("address of the instance family; else reported and skipped")
        .doc("Source address of adverts."),
    kw("unicast_src_ip")
        .slots(&[must(Kind::Address)])
        .reload(ReloadEffect::Restart)
        .default("primary address of the interface")
        .values("address of the instance family; else reported and skipped")
        .doc("Same setting as mcast_src_ip, but counts as unicast keyword."),
    kw("mcast_dst_ip")
        .slots(&[must(Kind::Address)])
        .reload(ReloadEffect::Restart)
        .default("vrrp_mcast_group4/6")
        .values("multicast of the instance family, link-local scope for IPv6; else reported and skipped")
        .doc("Multicast destination of this instance; separates VRID spaces; reported and dropped with unicast peers."),
    kw("track_src_ip")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Go to FAULT while the configured source address is not present; ignored without a configured source address."),
    kw("virtual_router_id")
        .slots(&[must(int(1, 255)).strict()])
        .reload(ReloadEffect::Restart)
        .default("none (mandatory)")
        .values("1..255; else reported, value unchanged")
        .doc("VRID; unset is fatal for the whole VRRP process; must be unique per interface, family and destination (fatal otherwise)."),
    kw("unicast_ttl")
        .slots(&[must(int(0, 255)).strict()])
        .default("255 for IPv4, kernel default for IPv6")
        .values("0..255; else ignored")
        .doc("TTL / hop limit of unicast adverts; reported and reset when no peers are configured."),
    kw("version")
        .slots(&[must(int(2, 3))])
        .repeat(Repeat::Merged)
        .reload(ReloadEffect::Restart)
        .default("vrrp_version, 3 for IPv6")
        .values("2 or 3; conflicting with an earlier version or IPv6 is reported and ignored")
        .doc("VRRP protocol version."),
    kw("priority")
        .slots(&[must(int(1, 255)).bad(OnBad::Use(100)).strict()])
        .default("100 (255 if state MASTER)")
        .values("1..255; else 100 with message")
        .doc("Election priority; 255 means address owner and excludes weighted tracking."),
    kw("advert_int")
        .slots(&[must(seconds(10_000, 255_000_000))])
        .default("1")
        .values("0.01..255 s at parse time; then v2: whole seconds up to 255, v3: 10 ms steps up to 40.95; adjusted with message")
        .doc("Advert interval in seconds."),
    kw("virtual_ipaddress")
        .items(&VRRP_INSTANCE_VIRTUAL_IPADDRESS_ITEM)
        .repeat(Repeat::Yes)
        .default("none")
        .values("all of one family; duplicates and other family reported and skipped")
        .doc("Addresses owned while master and listed in adverts; surplus beyond 255 or the MTU moves to the excluded list; none at all is only a warning for v2 but fatal for v3 or strict mode."),
    kw("virtual_ipaddress_excluded")
        .items(&VRRP_INSTANCE_VIRTUAL_IPADDRESS_EXCLUDED_ITEM)
        .repeat(Repeat::Yes)
        .default("none")
        .values("any family; duplicates reported and skipped")
        .doc("Addresses added while master but not carried in adverts."),
    kw("no_virtual_ipaddress")
        .repeat(Repeat::Flag)
        .since("2.2.8")
        .default("off")
        .doc("Allow an instance without addresses; reported and cleared in strict mode."),
    kw("promote_secondaries")
        .repeat(Repeat::Flag)
        .default("off")
        .doc("Set promote_secondaries on the interface so that removing one address of a subnet keeps the others; reported and ignored with VMAC/IPVLAN."),
    kw("linkbeat_use_polling")
        .repeat(Repeat::Flag)
        .deprecated("linkbeat_interfaces", true)
        .default("off")
        .doc("Old per-instance switch for link polling, reported; use linkbeat_interfaces."),
    kw("v3_checksum_as_v2")
        .slots(&[may(Kind::Bool)])
        .since("2.2.8")
        .default("global v3_checksum_as_v2 (as parsed so far)")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Omit the pseudo header from IPv4 VRRPv3 checksums."),
    kw("virtual_routes")
        .items(&VRRP_INSTANCE_VIRTUAL_ROUTES_ITEM)
        .repeat(Repeat::Yes)
        .default("none")
        .values("one route per line")
        .doc("Routes added while master; syntax of static_routes without track_group."),
    kw("virtual_rules")
        .items(&VRRP_INSTANCE_VIRTUAL_RULES_ITEM)
        .repeat(Repeat::Yes)
        .default("none")
        .values("one rule per line")
        .doc("Rules added while master; syntax of static_rules without track_group."),
    kw("accept")
        .default("on unless strict mode and priority < 255")
        .doc("Answer packets addressed to the virtual addresses while not owner; reset with message for v2 in strict mode."),
    kw("no_accept")
        .default("off")
        .doc("Drop packets to the virtual addresses unless owner (needs a firewall back end, nftables chosen automatically). (build: firewall)"),
    kw("skip_check_adv_addr")
        .slots(&[may(Kind::Bool)])
        .default("global value")
        .values("true/on/yes, false/off/no (case sensitive); else ignored; keepalived 2.4.3 switches it on even after no")
        .doc("Skip address list comparison for repeated senders."),
    kw("strict_mode")
        .slots(&[may(Kind::Bool)])
        .default("vrrp_strict")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Conform to the RFC strictly: IPv6 needs version 3, MASTER exactly with priority 255, no legacy authentication, no unicast peers on interfaces with multicast, no own virtual MAC address, no preempt_delay, down_timer_adverts 3, addresses not accepted unless owner, no packets after lower-priority adverts, and at least one virtual address."),
    kw("preempt")
        .default("on")
        .doc("Cancels nopreempt; exists for old configurations."),
    kw("nopreempt")
        .default("off")
        .doc("Do not take over from a lower-priority master; cleared with message for priority 255 or initial state MASTER."),
    kw("preempt_delay")
        .slots(&[must(seconds(0, 1_000_000_000)).bad(OnBad::Use(0))])
        .default("0")
        .values("0..1000 s; else 0 with message")
        .doc("Extra wait before preempting; cleared with message for initial MASTER, strict mode or nopreempt."),
    kw("debug")
        .slots(&[must(int(0, 4))])
        .status(Status::NoEffect("reserved by keepalived, which stores the number and never looks at it"))
        .default("0")
        .values("0..4; else ignored")
        .doc("Reserved; stored without effect."),
    kw("notify_backup")
        .slots(&[must(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .values("quoted word = command with arguments")
        .doc("Script run on transition to BACKUP."),
    kw("notify_master")
        .slots(&[must(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .values("quoted word = command with arguments")
        .doc("Script run on transition to MASTER."),
    kw("notify_fault")
        .slots(&[must(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .values("quoted word = command with arguments")
        .doc("Script run on transition to FAULT."),
    kw("notify_stop")
        .slots(&[must(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .values("quoted word = command with arguments")
        .doc("Script run when VRRP stops."),
    kw("notify_deleted")
        .slots(&[may(Kind::Script)])
        .repeat(Repeat::First)
        .default("off (FAULT is reported)")
        .values("quoted word = command with arguments")
        .doc("Announce DELETED instead of FAULT when a reload removes the instance; optional script is run as well."),
    kw("notify")
        .slots(&[must(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .values("quoted word = command with arguments")
        .doc("Script run after the specific ones on every transition, with four extra arguments: INSTANCE, name, state, priority."),
    kw("notify_master_rx_lower_pri")
        .slots(&[must(Kind::Script)])
        .repeat(Repeat::First)
        .default("none")
        .values("quoted word = command with arguments")
        .doc("Script run when, as master, an advert with lower priority arrives."),
    kw("notify_ordered")
        .slots(&[may(Kind::Bool)])
        .since(EXTENSION)
        .default("the global notify_ordered")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Run the notification scripts of this instance one at a time, in the order of events; see the global keyword."),
    kw("smtp_alert")
        .slots(&[may(Kind::Bool)])
        .default("smtp_alert_vrrp, else smtp_alert, else false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Mail on transitions of this instance."),
    kw("notify_priority_changes")
        .slots(&[may(Kind::Bool)])
        .default("sync group value, else vrrp_notify_priority_changes")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Write priority changes to the FIFOs."),
    kw("lvs_sync_daemon_interface")
        .slots(&[must(Kind::Interface)])
        .repeat(Repeat::First)
        .status(Status::Planned(Later::Lvs))
        .deprecated("lvs_sync_daemon in global_defs", true)
        .default("off")
        .doc("Old per-instance form of lvs_sync_daemon; always reported."),
    kw("garp_master_delay")
        .slots(&[must(int(0, 4_294)).unit("s")])
        .default("vrrp_garp_master_delay")
        .values("0..4294 s; else ignored")
        .doc("Delay before the second gratuitous burst."),
    kw("garp_master_refresh")
        .slots(&[must(int(0, 4_294_967_295)).bad(OnBad::Use(0)).unit("s")])
        .default("vrrp_garp_master_refresh")
        .values("0..4294967295 s; invalid sets 0")
        .doc("Refresh interval while master."),
    kw("garp_master_repeat")
        .slots(&[must(int(1, 4_294_967_295)).replace(0, 1)])
        .default("vrrp_garp_master_repeat")
        .values("1..4294967295, 0 becomes 1; else ignored")
        .doc("Packets per burst after becoming master."),
    kw("garp_master_refresh_repeat")
        .slots(&[must(int(1, 4_294_967_295)).replace(0, 1)])
        .default("vrrp_garp_master_refresh_repeat")
        .values("1..4294967295, 0 becomes 1; else ignored")
        .doc("Packets per refresh burst."),
    kw("garp_lower_prio_delay")
        .slots(&[must(int(0, 4_294)).unit("s")])
        .default("vrrp_garp_lower_prio_delay (0 in strict mode)")
        .values("0..4294 s; else ignored; non-zero reset in strict mode")
        .doc("Delay of the second burst after a lower-priority advert."),
    kw("garp_lower_prio_repeat")
        .slots(&[must(int(0, 2_147_483_647))])
        .default("vrrp_garp_lower_prio_repeat (0 in strict mode)")
        .values("0..2147483647; else ignored; non-zero reset in strict mode")
        .doc("Packets per burst after a lower-priority advert."),
    kw("down_timer_adverts")
        .slots(&[must(int(1, 100))])
        .default("vrrp_down_timer_adverts")
        .values("1..100; else ignored; reset to 3 in strict mode")
        .doc("Missed adverts before the master counts as down; 1 also disables debounce timers."),
    kw("timer_expired_backup")
        .slots(&[may(int(1, 254)).strict()])
        .since("2.2.8")
        .default("off; bare keyword = 254")
        .values("1..254; else ignored")
        .doc("When this process was scheduled so late that another router (with up to this priority) may have taken over, fall back to BACKUP; needs nopreempt, otherwise reported and reset."),
    kw("thread_timer_expired")
        .canonical("timer_expired_backup")
        .slots(&[may(int(1, 254)).strict()])
        .since("2.3.2")
        .deprecated("timer_expired_backup", true)
        .default("off")
        .values("as timer_expired_backup")
        .doc("Misnamed variant; always reported, then handled as timer_expired_backup."),
    kw("garp_extra_if")
        .slots(&[may(Kind::Literal("all")), want(int(0, 86_400)).unit("s")])
        .default("vrrp_garp_extra_if")
        .values("0..86400 s, 0 disables; a number is mandatory; else ignored")
        .doc("Periodic gratuitous messages on VMACs (with all: any interface) other than the instance interface."),
    kw("vmac_garp_intvl")
        .canonical("garp_extra_if")
        .slots(&[may(Kind::Literal("all")), want(int(0, 86_400)).unit("s")])
        .deprecated("garp_extra_if", true)
        .default("vrrp_garp_extra_if")
        .values("as garp_extra_if")
        .doc("Older spelling of garp_extra_if; reported with class DEPRECATED."),
    kw("lower_prio_no_advert")
        .slots(&[may(Kind::Bool)])
        .default("vrrp_lower_prio_no_advert (true in strict mode)")
        .values("true/on/yes, false/off/no (case sensitive); else ignored; false reset in strict mode")
        .doc("Do not answer lower-priority adverts."),
    kw("higher_prio_send_advert")
        .slots(&[may(Kind::Bool)])
        .default("vrrp_higher_prio_send_advert (false in strict mode)")
        .values("true/on/yes, false/off/no (case sensitive); else ignored; true reset in strict mode")
        .doc("Send one advert before yielding to a higher-priority master."),
    kw("owner_ignore_adverts")
        .slots(&[may(Kind::Bool)])
        .since("2.3.3")
        .default("vrrp_owner_ignore_adverts for priority 255 (true in strict mode)")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Owner ignores received adverts; true with priority below 255 is reported and cleared; false with priority 255 is always reported and forced to true (even without strict mode)."),
    kw("kernel_rx_buf_size")
        .slots(&[want(int(0, 4_294_967_295)).strict().unit("bytes")])
        .surplus(Surplus::Refused)
        .reload(ReloadEffect::Restart)
        .default("global policy")
        .values("0..4294967295 bytes, exactly one word; else ignored")
        .doc("Receive buffer size of this instance's socket."),
    kw("authentication")
        .block(&VRRP_INSTANCE_AUTHENTICATION)
        .repeat(Repeat::Merged)
        .reload(ReloadEffect::Restart)
        .default("none")
        .values("words after the keyword ignored")
        .doc("Legacy VRRPv2 authentication; ignored with message for version 3 or strict mode. (build: auth)"),
    kw("auth_hmac")
        .block(&VRRP_INSTANCE_AUTH_HMAC)
        .repeat(Repeat::Merged)
        .since("2.4.0")
        .default("none")
        .values("words after the keyword ignored")
        .doc("Extension signing adverts with a truncated HMAC-SHA256 trailer; replaces legacy authentication (reported if both); disabled with message when the active key is not defined. (build: auth)"),
]);

/// `vrrp_instance.authentication`.
pub static VRRP_INSTANCE_AUTHENTICATION: Block = Block::new("vrrp_instance.authentication", &[
    kw("auth_type")
        .slots(&[must(choice(&["PASS", "AH"]))])
        .default("none")
        .values("exact upper case; else reported, unchanged")
        .doc("Scheme; AH not possible with IPv6 and not compatible with initial MASTER below priority 255 (state becomes BACKUP)."),
    kw("auth_pass")
        .slots(&[must(text_cut("password", 8))])
        .default("none")
        .values("1..8 bytes, longer cut with message")
        .doc("Shared secret; without it the authentication type is dropped with a message."),
]);

/// `vrrp_instance.auth_hmac`.
pub static VRRP_INSTANCE_AUTH_HMAC: Block = Block::new("vrrp_instance.auth_hmac", &[
    kw("key")
        .slots(&[want(int(1, 255)).strict(), want(text("key"))])
        .repeat(Repeat::Yes)
        .since("2.4.0")
        .default("none")
        .values("id 1..255, unique; 32..64 bytes after decoding; else reported and skipped")
        .doc("Verification/signing key; file: reads the value from a file (group/other access to it gives class SECURITY, -t exit 6)."),
    kw("active_key")
        .slots(&[must(int(1, 255)).strict()])
        .since("2.4.0")
        .default("0 (undefined)")
        .values("1..255; else ignored")
        .doc("Key id used for sending. To change keys: add the new key on all nodes, then move active_key on all, then remove the old key; reloads will do."),
    kw("time_window")
        .slots(&[must(int(1, 300)).strict().unit("s")])
        .since("2.4.0")
        .default("3 x advert_int, at least 5, at most 300")
        .values("1..300 s; else ignored")
        .doc("Accepted clock difference in time mode."),
    kw("anti_replay")
        .slots(&[must(choice(&["time", "monotonic"]))])
        .since("2.4.0")
        .default("time")
        .values("other word reported, unchanged")
        .doc("Replay protection by clock window or by strictly growing sequence."),
    kw("mode")
        .slots(&[must(choice(&["enforce", "permissive", "receive-only"]))])
        .since("2.4.0")
        .default("enforce")
        .values("other word reported, unchanged; strict mode forces enforce")
        .doc("Whether unsigned adverts are accepted (permissive, receive-only) and whether own adverts are signed (not in receive-only). To introduce it: receive-only on all nodes, then permissive on all, then enforce; a node without auth_hmac drops signed adverts."),
]);

/// `vrrp_instance.unicast_peer.<item>`.
pub static VRRP_INSTANCE_UNICAST_PEER_ITEM: Block = Block::new(
    "vrrp_instance.unicast_peer.<item>",
    &[
        kw("<address>")
            .slots(&[want(Kind::Address)])
            .repeat(Repeat::Yes)
            .values("malformed, other family or repeated address reported and skipped")
            .doc("Peer address."),
        kw("min_ttl")
            .slots(&[want(int(0, 255)).strict()])
            .surplus(Surplus::Reported)
            .default("0")
            .values("0..255; missing value or unknown word reported")
            .doc("Accept adverts from this peer only within the TTL range; implies check_unicast_src."),
        kw("max_ttl")
            .slots(&[want(int(0, 255)).strict()])
            .surplus(Surplus::Reported)
            .default("255")
            .values("0..255; missing value or unknown word reported")
            .doc("Accept adverts from this peer only within the TTL range; implies check_unicast_src."),
    ],
);

/// `vrrp_instance.track_interface.<item>`.
pub static VRRP_INSTANCE_TRACK_INTERFACE_ITEM: Block = Block::new("vrrp_instance.track_interface.<item>", &[
    kw("<name>")
        .slots(&[want(text("name"))])
        .repeat(Repeat::Yes)
        .values("unknown or repeated reported and skipped")
        .doc("First word: the tracked object."),
    kw("weight")
        .slots(&[want(int(-253, 253)).bad(OnBad::Use(0)).replace(254, 253), may(Kind::Literal("reverse"))])
        .repeat(Repeat::First)
        .default("0")
        .values("-253..253 (254 is reduced with message); else 0; any other second word drops the entry; weight without value drops it")
        .doc("Priority change for this tracker; weighted trackers are neutralised in sync groups (without sync_group_tracking_weight) and for priority 255."),
]);

/// `vrrp_instance.track_script.<item>`.
pub static VRRP_INSTANCE_TRACK_SCRIPT_ITEM: Block = Block::new("vrrp_instance.track_script.<item>", &[
    kw("<name>")
        .slots(&[want(text("name"))])
        .repeat(Repeat::Yes)
        .values("unknown or repeated reported and skipped")
        .doc("First word: the tracked object."),
    kw("weight")
        .slots(&[want(int(-253, 253)).replace(254, 253), may(choice(&["reverse", "noreverse"]))])
        .repeat(Repeat::First)
        .default("default of the object")
        .values("-253..253 (254 is reduced with message); else script default; any other second word drops the entry; weight without value drops it")
        .doc("Priority change for this tracker; weighted trackers are neutralised in sync groups (without sync_group_tracking_weight) and for priority 255."),
]);

/// `vrrp_instance.track_file.<item>`.
pub static VRRP_INSTANCE_TRACK_FILE_ITEM: Block = Block::new("vrrp_instance.track_file.<item>", &[
    kw("<name>")
        .slots(&[want(text("name"))])
        .repeat(Repeat::Yes)
        .values("unknown or repeated reported and skipped")
        .doc("First word: the tracked object."),
    kw("weight")
        .slots(&[want(int(-254, 254)), may(choice(&["reverse", "noreverse"]))])
        .repeat(Repeat::First)
        .default("default of the object")
        .values("-254..254; else file default; any other second word drops the entry; weight without value drops it")
        .doc("Priority change for this tracker; weighted trackers are neutralised in sync groups (without sync_group_tracking_weight) and for priority 255."),
]);

/// `vrrp_instance.track_process.<item>`.
pub static VRRP_INSTANCE_TRACK_PROCESS_ITEM: Block = Block::new("vrrp_instance.track_process.<item>", &[
    kw("<name>")
        .slots(&[want(text("name"))])
        .repeat(Repeat::Yes)
        .values("unknown or repeated reported and skipped")
        .doc("First word: the tracked object."),
    kw("weight")
        .slots(&[want(int(-254, 254)), may(choice(&["reverse", "noreverse"]))])
        .repeat(Repeat::First)
        .default("default of the object")
        .values("-254..254; else process default; any other second word drops the entry; weight without value drops it")
        .doc("Priority change for this tracker; weighted trackers are neutralised in sync groups (without sync_group_tracking_weight) and for priority 255."),
]);

/// `vrrp_instance.track_bfd.<item>`.
pub static VRRP_INSTANCE_TRACK_BFD_ITEM: Block = Block::new("vrrp_instance.track_bfd.<item>", &[
    kw("<name>")
        .slots(&[want(text("name"))])
        .repeat(Repeat::Yes)
        .values("unknown or repeated reported and skipped")
        .doc("First word: the tracked object."),
    kw("weight")
        .slots(&[want(int(-253, 253)), may(choice(&["reverse", "noreverse"]))])
        .repeat(Repeat::First)
        .default("default of the object")
        .values("-253..253; else session default; any other second word drops the entry; weight without value drops it")
        .doc("Priority change for this tracker; weighted trackers are neutralised in sync groups (without sync_group_tracking_weight) and for priority 255."),
]);

/// `vrrp_instance.use_vmac.<arg>`.
pub static VRRP_INSTANCE_USE_VMAC_ARG: Block = Block::new(
    "vrrp_instance.use_vmac.<arg>",
    &[
        kw("name")
            .slots(&[want(Kind::Interface)])
            .repeat(Repeat::First)
            .since("2.3.0")
            .default("vrrp.<VRID>")
            .values("as bare name")
            .doc("Marks the next word as interface name even if it looks like an option."),
        kw("<mac>")
            .slots(&[want(text("mac"))])
            .repeat(Repeat::First)
            .default("00:00:5e:00:01:<VRID> (IPv6 00:00:5e:00:02:<VRID>)")
            .values("hex digits; multicast or RFC range refused")
            .doc("Own MAC address."),
        kw("netlink_notify_msg")
            .repeat(Repeat::Flag)
            .since("2.3.0")
            .default("off")
            .doc("Force a netlink notification for the base interface when the VMAC is created."),
        kw("group")
            .slots(&[want(Kind::Named("group"))])
            .since("2.3.0")
            .default("group of the parent")
            .values("unknown reported")
            .doc("Link group of the VMAC."),
    ],
);

/// `vrrp_instance.use_ipvlan.<arg>`.
pub static VRRP_INSTANCE_USE_IPVLAN_ARG: Block = Block::new(
    "vrrp_instance.use_ipvlan.<arg>",
    &[
        kw("name")
            .slots(&[want(Kind::Interface)])
            .repeat(Repeat::First)
            .since("2.3.0")
            .default("generated")
            .values("up to 15 characters")
            .doc("Marks the next word as interface name."),
        kw("bridge")
            .repeat(Repeat::First)
            .default("bridge")
            .values("one mode only")
            .doc("ipvlan mode bridge."),
        kw("private")
            .repeat(Repeat::First)
            .default("bridge")
            .values("one mode only")
            .doc("ipvlan mode private."),
        kw("vepa")
            .repeat(Repeat::First)
            .default("bridge")
            .values("one mode only")
            .doc("ipvlan mode vepa."),
        kw("group")
            .slots(&[want(Kind::Named("group"))])
            .since("2.3.0")
            .default("group of the parent")
            .values("unknown reported")
            .doc("Link group."),
    ],
);
