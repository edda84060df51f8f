//! Log lines about elections, in the forms that operators grep for (`vrrp.md` 13.8, `runtime.md` 6.2 and 6.3).

use keepalived_model::{address::Address, time::Micros, vrrp::Instance};
use keepalived_track::Loss;
use keepalived_vrrp::{
    BatchOperation, BatchPart, Fault, FaultCause, KernelBatch, LogEvent, ObjectRef, RefusedPacket, State, TrackerId,
};

use super::rivals::how_often;

/// Is the line written only with `-D`?
pub(super) const fn is_detail(event: &LogEvent) -> bool {
    matches!(
        event,
        LogEvent::ReceiveTimeout
            | LogEvent::SentPriorityZero
            | LogEvent::Setting
            | LogEvent::Removing
            | LogEvent::BackupReceivedZero { .. }
            | LogEvent::MasterSet { .. }
            | LogEvent::MasterChanged { .. }
            | LogEvent::PreemptDelayStarted { .. }
            | LogEvent::PreemptDelayStopped
    )
}

/// The line without the instance's name. `tracker` names a tracker and says what it is, `culprit` who deleted an object of ours.
pub(super) fn line(
    event: &LogEvent,
    config: &Instance,
    culprit: &str,
    tracker: impl Fn(TrackerId) -> (String, &'static str),
) -> String {
    match event {
        LogEvent::Entering { state, init } => {
            let suffix = if *init { " (init)" } else { "" };
            format!("Entering {} STATE{suffix}", state.name())
        }
        LogEvent::ReceiveTimeout => "Receive advertisement timeout".to_owned(),
        LogEvent::SentPriorityZero => "sent 0 priority".to_owned(),
        LogEvent::Setting => "setting VIPs.".to_owned(),
        LogEvent::Removing => "removing VIPs.".to_owned(), // what else there is follows in lines of its own: `also_moved`
        LogEvent::PriorityChanged { old, new } => format!("Changing effective priority from {old} to {new}"),
        LogEvent::BetterAdvert { source, priority, ours } if priority == ours => {
            format!(
                "Master received advert from {source} with same priority {priority} but higher IP address than ours"
            )
        }
        LogEvent::BetterAdvert { source, priority, ours } => {
            format!("Master received advert from {source} with higher priority {priority}, ours {ours}")
        }
        LogEvent::LowerAdvertDiscarded { source, priority } => {
            format!("received lower priority ({priority}) advert from {source} - discarding")
        }
        LogEvent::LowerAdvert { source, priority, ours } => {
            format!("Received advert from {source} with lower priority {priority}, ours {ours}, forcing new election")
        }
        LogEvent::OwnAddressAdvert { source } => {
            format!("Received advert with our own priority and address {source}: is it used twice on this network?")
        }
        LogEvent::BackupReceivedZero { .. } => "Backup received priority 0 advertisement".to_owned(),
        LogEvent::MasterSet { source } => format!("master set to {source}"),
        LogEvent::MasterChanged { old, new } => format!("master changed from {old} to {new}"),
        LogEvent::PreemptDelayStarted { delay } => format!("start preempt delay ({})", seconds(*delay)),
        LogEvent::PreemptDelayStopped => "stop preempt delay".to_owned(),
        LogEvent::IntervalDiffers { source, theirs, ours } => format!(
            "advertisement interval changed: {source} advertises each {}, we each {}",
            seconds(*theirs),
            seconds(*ours)
        ),
        LogEvent::RivalOwner { source, yields } => {
            let outcome = if *yields {
                "it has the higher address, so we yield"
            } else {
                "we have the higher address"
            };
            format!("CONFIGURATION ERROR: {source} is an address owner (priority 255) too; {outcome}")
        }
        LogEvent::AddressListDiffers { source, theirs, ours } if theirs == ours => {
            format!("advert from {source} lists other addresses than our VIPs")
        }
        LogEvent::AddressListDiffers { source, theirs, ours } => {
            format!("received an advert from {source} with {theirs} addresses, but we have {ours} VIPs")
        }
        LogEvent::OldChecksumLearnt { source } => {
            format!("{source} uses the unicast checksum of keepalived up to 1.3.6; using it too")
        }
        LogEvent::Refused { source, why } => refused(&source.to_string(), *why),
        LogEvent::ClockSkew {
            source,
            by,
            ahead,
            window,
        } => format!(
            "the clock of {source} is {} {} ours; with more than {} its adverts are refused",
            seconds(*by),
            if *ahead { "ahead of" } else { "behind" },
            seconds(*window)
        ),
        LogEvent::Suppressed { count } => format!("{count} more lines about received adverts were not written"),
        LogEvent::InFault { cause } => format!("entering FAULT state {}", fault(*cause, config, tracker)),
        LogEvent::ObjectDeleted { object, loss } => deleted(*object, *loss, config, culprit),
        LogEvent::KernelRefused { failed } => format!("the kernel refused {failed} changes"),
        LogEvent::TooLate { silent } => format!(
            "not scheduled for {}: another node must be MASTER by now, backing off",
            seconds(*silent)
        ),
    }
}

/// Lines about what is set or removed beside the addresses, in the order of the original (`vrrp.md` 9.7): those that stand before the
/// line about addresses, and those behind it.
pub(super) fn also_moved(event: &LogEvent, config: &Instance) -> (Vec<&'static str>, Vec<&'static str>) {
    let there = |is_empty: bool, line: &'static str| (!is_empty).then_some(line);
    let (excluded, routes, rules) = (
        config.excluded_addresses.is_empty(),
        config.routes.is_empty(),
        config.rules.is_empty(),
    );
    let (before, after) = match event {
        LogEvent::Setting => (
            [None, None],
            [
                there(excluded, "setting E-VIPs."),
                there(routes, "setting Virtual Routes"),
                there(rules, "setting Virtual Rules"),
            ],
        ),
        LogEvent::Removing => (
            [
                there(rules, "removing Virtual Rules"),
                there(routes, "removing Virtual Routes"),
            ],
            [there(excluded, "removing E-VIPs."), None, None],
        ),
        _ => ([None; 2], [None; 3]),
    };
    (
        before.into_iter().flatten().collect(),
        after.into_iter().flatten().collect(),
    )
}

/// Lines about addresses that a new configuration takes from a MASTER.
pub(super) fn no_longer(batch: &KernelBatch) -> Vec<String> {
    let old = &batch.config;
    let (BatchOperation::Remove, BatchPart::Some(objects)) = (batch.operation, &batch.part) else {
        return Vec::new();
    };
    let address = |object: &ObjectRef| match object {
        ObjectRef::Address(n) => old.addresses.iter().chain(&old.excluded_addresses).nth(usize::from(*n)),
        ObjectRef::Route(_) | ObjectRef::Rule(_) => None,
    };
    let line = |a: &Address| {
        let device = a.interface.or(old.own_interface()).map(|name| format!(" dev {name}"));
        let device = device.unwrap_or_default();
        format!(
            "ip address {}/{}{device}, no longer exist",
            a.local.address, a.local.prefix_len
        )
    };
    objects.iter().filter_map(address).map(line).collect()
}

pub(super) fn seconds(time: Micros) -> String {
    let micros = time.as_micros();
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    format!("{}s", text.trim_end_matches('0').trim_end_matches('.'))
}

fn fault(cause: FaultCause, config: &Instance, tracker: impl Fn(TrackerId) -> (String, &'static str)) -> String {
    match cause {
        FaultCause::Tracker(id) => {
            let (name, kind) = tracker(id);
            match kind {
                "interface" => format!("(interface {name} down)"),
                "script" => format!("due to script {name}"),
                _ => format!("due to {kind} {name}"),
            }
        }
        FaultCause::Own(Fault::Configuration) => format!(
            "(configuration: {})",
            config.config_fault.as_deref().unwrap_or("it can never run")
        ),
        FaultCause::Own(Fault::DuplicateVrid) => "(duplicate VRID)".to_owned(),
        FaultCause::Own(Fault::NoSourceAddress) => format!("(no {} address for interface)", config.family),
        FaultCause::Own(Fault::BaseInterface) => "(base interface down)".to_owned(),
        FaultCause::Own(Fault::NoInterface) => "(interface does not exist)".to_owned(),
        FaultCause::Own(Fault::Socket) => "(sockets could not be opened)".to_owned(),
    }
}

/// The object, who deleted it, and what comes of it.
fn deleted(object: ObjectRef, loss: Loss, config: &Instance, culprit: &str) -> String {
    let number = |n: u16| u32::from(n) + 1;
    let what = match object {
        ObjectRef::Address(n) => config
            .addresses
            .iter()
            .chain(&config.excluded_addresses)
            .nth(usize::from(n))
            .map_or_else(|| "an address".to_owned(), |a| a.local.address.to_string()),
        ObjectRef::Route(n) => config.routes.get(usize::from(n)).map_or_else(
            || format!("route {}", number(n)),
            |r| format!("the route to {}/{}", r.destination.address, r.destination.prefix_len),
        ),
        ObjectRef::Rule(n) => config.rules.get(usize::from(n)).map_or_else(
            || format!("rule {}", number(n)),
            |r| format!("the rule with priority {}", r.preference),
        ),
    };
    let often = how_often(loss.times, loss.within);
    if loss.wait.is_zero() {
        format!("{what} was deleted by {culprit}{often}; taking it back by a new election")
    } else {
        let wait = seconds(loss.wait);
        format!("{what} was deleted by {culprit}{often}; staying MASTER and putting it back in {wait}")
    }
}

fn refused(source: &str, why: RefusedPacket) -> String {
    match why {
        RefusedPacket::AuthenticationHeader => {
            format!("an authentication header where none, or none where one is expected, from {source}")
        }
        RefusedPacket::Length { got, expected } => {
            format!("VRRP packet from {source} has length {got}, expected {expected}")
        }
        RefusedPacket::Ttl { got } => format!("invalid TTL/HL {got} from {source}, expected 255"),
        RefusedPacket::Version { got, expected } => {
            format!("wrong VRRP version from {source}. Received {got} and expect {expected}")
        }
        RefusedPacket::UnknownAuthType { got } => format!("invalid authentication type {got} from {source}"),
        RefusedPacket::AuthType { got, expected } => {
            format!("received authentication type {got} from {source}, expected {expected}")
        }
        RefusedPacket::Password => format!("received an invalid passwd from {source}!"),
        RefusedPacket::AuthFailure => format!("received an invalid AH digest, SPI or sequence number from {source}"),
        RefusedPacket::HmacMissing => format!("advert from {source} has no HMAC"),
        RefusedPacket::HmacMalformed => format!("advert from {source} has a malformed HMAC trailer"),
        RefusedPacket::HmacStale => format!("HMAC time of the advert from {source} is outside the window"),
        RefusedPacket::HmacUnknownKey { key } => format!("HMAC key {key} of the advert from {source} is not known"),
        RefusedPacket::HmacInvalid => format!("wrong HMAC from {source}"),
        RefusedPacket::HmacReplay => format!("replayed advert from {source}"),
        RefusedPacket::Interval { got, expected } => {
            format!("advertisement interval mismatch from {source}: {got} sec, expected {expected} sec")
        }
        RefusedPacket::Type { got } => format!("Invalid type {got} from {source}"),
        RefusedPacket::Checksum => format!("Invalid VRRP checksum from {source}"),
        RefusedPacket::Destination => format!("unexpected destination of an advert from {source}"),
        RefusedPacket::UnknownPeer => format!("unicast source address {source} not a unicast peer"),
        RefusedPacket::PeerTtl { got } => format!("TTL {got} of unicast peer {source} is outside its limits"),
    }
}

/// The word of the state for `KEEPALIVED_STATE` in the journal.
pub(super) const fn state_of(event: &LogEvent) -> Option<State> {
    match event {
        LogEvent::Entering { state, .. } => Some(*state),
        _ => None,
    }
}
