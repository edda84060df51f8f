//! The black-box scenarios of `vrrp.md` appendix A that one engine can play, with exact virtual times instead of tolerances.
//! One file a subject.
#![expect(clippy::unwrap_used, reason = "tests")]

pub mod common;

#[path = "scenarios/addresses.rs"]
mod addresses;
#[path = "scenarios/changes.rs"]
mod changes;
#[path = "scenarios/peers.rs"]
mod peers;
#[path = "scenarios/rivalry.rs"]
mod rivalry;
#[path = "scenarios/starts.rs"]
mod starts;
#[path = "scenarios/trackers.rs"]
mod trackers;

use keepalived_model::time::Micros;

const B: &str = "10.9.0.2";

fn us(n: u64) -> Micros {
    Micros(n)
}

/// Every test above, for `mutations.rs`.
#[cfg(feature = "mutations")]
#[allow(
    unreachable_pub,
    dead_code,
    clippy::allow_attributes,
    reason = "used by mutations.rs, which includes this file"
)]
pub const ALL: &[(&str, fn())] = &[
    ("a37_numbers_of_files", trackers::a37_numbers_of_files),
    (
        "a1_a6_a7_a8_a9_a10_a11_first_adverts",
        starts::a1_a6_a7_a8_a9_a10_a11_first_adverts,
    ),
    ("a12_a13_startup_delay", starts::a12_a13_startup_delay),
    ("the_first_advert_is_frame_b1", starts::the_first_advert_is_frame_b1),
    (
        "order_of_becoming_and_of_leaving_master",
        starts::order_of_becoming_and_of_leaving_master,
    ),
    (
        "nothing_is_announced_before_the_kernel_has_answered",
        starts::nothing_is_announced_before_the_kernel_has_answered,
    ),
    (
        "a_master_that_yields_before_the_kernel_answered_still_tells_both_states",
        starts::a_master_that_yields_before_the_kernel_answered_still_tells_both_states,
    ),
    ("a14_nopreempt", rivalry::a14_nopreempt),
    ("a15_preempt_delay", rivalry::a15_preempt_delay),
    (
        "without_delay_a_lower_master_is_overruled_when_the_timer_ends",
        rivalry::without_delay_a_lower_master_is_overruled_when_the_timer_ends,
    ),
    ("a16_priority_zero", rivalry::a16_priority_zero),
    (
        "a17_interval_of_a_version_3_master_is_learnt",
        peers::a17_interval_of_a_version_3_master_is_learnt,
    ),
    ("ties_are_decided_by_address", rivalry::ties_are_decided_by_address),
    (
        "a_lower_advert_is_answered_and_announced_against",
        rivalry::a_lower_advert_is_answered_and_announced_against,
    ),
    ("higher_prio_send_advert", rivalry::higher_prio_send_advert),
    (
        "a26_old_unicast_checksum_is_learnt",
        peers::a26_old_unicast_checksum_is_learnt,
    ),
    ("a27_limits_of_a_peer", peers::a27_limits_of_a_peer),
    ("a28_a30_deleted_address", addresses::a28_a30_deleted_address),
    (
        "a41_every_interface_must_come_back",
        trackers::a41_every_interface_must_come_back,
    ),
    (
        "a34_script_is_awaited_without_a_word",
        trackers::a34_script_is_awaited_without_a_word,
    ),
    (
        "a36_weights_change_the_next_advert_and_the_down_timer",
        trackers::a36_weights_change_the_next_advert_and_the_down_timer,
    ),
    (
        "a43_an_owner_recovers_as_backup",
        rivalry::a43_an_owner_recovers_as_backup,
    ),
    ("a44_two_owners", rivalry::a44_two_owners),
    ("owner_ignore_adverts", rivalry::owner_ignore_adverts),
    ("a45_late", starts::a45_late),
    ("overdue_timers_fire_once", starts::overdue_timers_fire_once),
    ("a47_announcements", addresses::a47_announcements),
    (
        "a48_paced_announcements_alternate",
        addresses::a48_paced_announcements_alternate,
    ),
    ("a49_reload", changes::a49_reload),
    ("a50_deleted_instance", changes::a50_deleted_instance),
    ("a55_stop_without_release", changes::a55_stop_without_release),
    (
        "losing_the_source_address_resigns_from_it_first",
        addresses::losing_the_source_address_resigns_from_it_first,
    ),
    (
        "a_deletion_reported_while_installing_is_mended",
        addresses::a_deletion_reported_while_installing_is_mended,
    ),
];
